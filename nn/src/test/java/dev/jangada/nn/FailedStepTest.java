package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.Device;
import dev.jangada.FusedUpdate;
import dev.jangada.Generator;
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
import org.junit.jupiter.params.provider.CsvSource;
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

    /** What stands between two updates. */
    private enum Between {
        NOTHING {
            @Override
            Tensor of(Tensor w) {
                return w.cumsum(0);
            }
        },
        /** Something that may fail, so that the device may have to stop before it asks. */
        GATHER {
            @Override
            Tensor of(Tensor w) {
                return w.cumsum(0).gather(0, Tensor.of(new long[] {0, 1, 2}));
            }
        },
        /** More turns than the host is asked for at once, as a rule. */
        LOOP {
            @Override
            Tensor of(Tensor w) {
                Tensor zero = w.mul(0);
                return w.cumsum(0)
                        .add(Capture.loop(20_000, zero, (x, i) -> x.bernoulli().mul(0)));
            }
        };

        abstract Tensor of(Tensor w);
    }

    /** The rate of an update cannot be told after another one is made: neither is, nor counted if that can be taken back. */
    @ParameterizedTest
    @CsvSource({
        "cpu, NOTHING, true",
        "cpu, NOTHING, false",
        "cpu, GATHER, true",
        "cpu, GATHER, false",
        "cpu, LOOP, true",
        "cpu, LOOP, false",
        "reference, NOTHING, true",
        "reference, GATHER, false"
    })
    void aRateThatIsMissing(String device, Between between, boolean goesBack) {
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
                    Tensor[] changed = {i == 0 ? w : v};
                    Tensor[] read = {i == 0 ? zero : between.of(w)};
                    Supplier<double[]> rate = () -> {
                        if (missing[0] && number == 1) {
                            throw new IllegalStateException("no rate");
                        }
                        return new double[] {++counted[number] > 0 ? 1 : 0};
                    };
                    if (goesBack) {
                        ADD.apply(changed, read, rate, () -> {
                            int now = counted[number];
                            return () -> counted[number] = now;
                        });
                    } else {
                        ADD.apply(changed, read, rate);
                    }
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
            if (goesBack) {
                assertThat(counted).containsExactly(1, 1);
            }
        }
        missing[0] = false;
        step.run();
        assertThat(w.toFloatArray()).containsExactly(3, 3, 3);
        assertThat(v.toFloatArray()).containsExactly(3 + 3 + 1, 5 + 6 + 1, 7 + 9 + 1);
    }

    /** A flag and a seed that are set behind what fails are as they were before, those set before it as the program says. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "reference"})
    void flagsAndSeeds(String device) {
        Backends.setDefaultDevice(Device.of(device));
        Dropout first = new Dropout(0.5);
        Dropout second = new Dropout(0.5);
        Generator before = new Generator(1);
        Generator behind = new Generator(1);
        Tensor w = Tensor.ones(3);
        Captured step = Capture.of(args -> {
            first.eval();
            before.manualSeed(2);
            Tensor found = w.gather(0, args.tensor(0));
            second.eval();
            behind.manualSeed(2);
            behind.setOffset(7);
            return found.add(1);
        });
        Tensor good = Tensor.of(new long[] {0, 1, 2});
        step.run(good);
        for (int tries = 0; tries < 2; tries++) {
            first.train();
            second.train();
            before.setState(new Generator.State(1, 5));
            behind.setState(new Generator.State(1, 5));
            assertThatThrownBy(() -> step.run(Tensor.of(new long[] {0, 1, 3}))).isInstanceOf(IndexException.class);
            assertThat(first.isTraining()).isFalse();
            assertThat(second.isTraining()).isTrue();
            assertThat(before.state()).isEqualTo(new Generator.State(2, 0));
            assertThat(behind.state()).isEqualTo(new Generator.State(1, 5));
            step.run(good);
            assertThat(second.isTraining()).isFalse();
            assertThat(behind.state()).isEqualTo(new Generator.State(2, 7));
        }
    }
}
