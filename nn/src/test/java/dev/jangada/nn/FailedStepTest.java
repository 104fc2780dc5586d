package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.Device;
import dev.jangada.FusedUpdate;
import dev.jangada.IndexException;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.backend.Backends;
import dev.jangada.capture.Arguments;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.kernel.Expr;
import dev.jangada.optim.Adam;
import dev.jangada.testkit.KeepsDefaultDevice;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A captured training step that fails leaves model and optimiser as they were before it, whatever it had done. */
@KeepsDefaultDevice
class FailedStepTest {
    private static final FusedUpdate ADD =
            FusedUpdate.of("add", 1, 1, 1, (x, s) -> new Expr[] {x[0].add(x[1]).add(s[0])});

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = new TensorScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static final class Model {
        private final Sequential net;
        private final Adam optimizer;
        private final Tensor weights = Tensor.of(new float[] {1, 2, 3});

        Model(Sequential net) {
            this.net = net;
            optimizer = new Adam(net.parameters(), 0.1);
        }

        Tensor step(Tensor x, Tensor y) {
            Tensor loss = Functional.crossEntropy(net.forward(x), y);
            optimizer.zeroGrad();
            loss.backward();
            optimizer.step();
            return loss;
        }

        Map<String, byte[]> state() {
            return TrainingState.of(net, optimizer);
        }
    }

    /** A classifier with running statistics and dropout, so that a step changes something before its loss. */
    private static Sequential classifier() {
        return new Sequential(new Linear(6, 5), new BatchNorm1d(5), new Dropout(0.3), new Linear(5, 3));
    }

    private static Tensor labels(long last) {
        return Tensor.of(new long[] {0, 2, 1, last});
    }

    /** Runs a step of a model, an input and two batches of labels, the second of which is at times out of range. */
    private static void check(String device, Supplier<Sequential> net, BiFunction<Model, Arguments, Tensor> program) {
        Backends.setDefaultDevice(Device.of(device));
        Jangada.manualSeed(1);
        Model model = new Model(net.get());
        Captured step = Capture.of(args -> program.apply(model, args));
        Tensor x = Tensor.randn(4, 6);
        for (int i = 0; i < 3; i++) {
            step.run(x, labels(1), labels(2));
            Map<String, byte[]> good = model.state();
            for (int tries = 0; tries < 2; tries++) {
                assertThatThrownBy(() -> step.run(x, labels(2), labels(3)))
                        .isInstanceOf(IndexException.class)
                        .satisfies(e ->
                                assertThat(e.getSuppressed()[0]).hasMessageContaining("as they were before the run"));
                TrainingState.assertSame(model.state(), good, "after a step that failed");
            }
        }
        assertThat(step.stats().traces()).isLessThanOrEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void aStepWithRunningStatistics(String device) {
        check(device, FailedStepTest::classifier, (model, args) -> model.step(args.tensor(0), args.tensor(2)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void theSecondOfTwoSteps(String device) {
        check(
                device,
                FailedStepTest::classifier,
                (model, args) ->
                        model.step(args.tensor(0), args.tensor(1)).add(model.step(args.tensor(0), args.tensor(2))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void whatFollowsAStep(String device) {
        check(device, FailedStepTest::classifier, FailedStepTest::stepAndGather);
    }

    /** The step itself may be made after what fails: it has been counted before. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void whatFollowsAStepThatWaits(String device) {
        check(device, () -> new Sequential(new Linear(6, 3)), FailedStepTest::stepAndGather);
    }

    private static Tensor stepAndGather(Model model, Arguments args) {
        return model.step(args.tensor(0), args.tensor(1))
                .add(model.weights.gather(0, args.tensor(2)).sum());
    }

    /** The rate of an update cannot be told after another one is made: neither is, nor counted. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void aRateThatIsMissing(String device) {
        Backends.setDefaultDevice(Device.of(device));
        Tensor w = Tensor.ones(3);
        Tensor v = Tensor.zeros(3);
        Tensor zero = Tensor.zeros(3);
        int[] counted = new int[2];
        boolean[] missing = {false};
        Captured step = Capture.of(args -> {
            try (Autograd.Mode off = Autograd.noGrad()) {
                for (int i = 0; i < 2; i++) {
                    int number = i;
                    ADD.apply(
                            new Tensor[] {i == 0 ? w : v},
                            new Tensor[] {i == 0 ? zero : w.cumsum(0)},
                            () -> {
                                if (missing[0] && number == 1) {
                                    throw new IllegalStateException("no rate");
                                }
                                return new double[] {++counted[number]};
                            },
                            () -> {
                                int now = counted[number];
                                return () -> counted[number] = now;
                            });
                }
                return w.sum();
            }
        });
        step.run();
        assertThat(w.toFloatArray()).containsExactly(2, 2, 2);
        assertThat(v.toFloatArray()).containsExactly(3, 5, 7);
        missing[0] = true;
        for (int tries = 0; tries < 2; tries++) {
            assertThatThrownBy(step::run)
                    .hasMessage("no rate")
                    .satisfies(
                            e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("as they were before the run"));
            assertThat(w.toFloatArray()).containsExactly(2, 2, 2);
            assertThat(v.toFloatArray()).containsExactly(3, 5, 7);
            assertThat(counted).containsExactly(1, 1);
        }
        missing[0] = false;
        step.run();
        assertThat(w.toFloatArray()).containsExactly(4, 4, 4);
        assertThat(v.toFloatArray()).containsExactly(3 + 4 + 2, 5 + 8 + 2, 7 + 12 + 2);
    }
}
