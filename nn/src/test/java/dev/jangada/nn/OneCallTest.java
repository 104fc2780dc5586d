package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.Device;
import dev.jangada.Generator;
import dev.jangada.IndexException;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Backends;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.nn.rbm.RBM;
import dev.jangada.optim.Adam;
import dev.jangada.optim.NAdam;
import dev.jangada.optim.Optimizer;
import dev.jangada.testkit.KeepsDefaultDevice;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A captured training step on the processor is one call from Java, whatever it is made of. */
@KeepsDefaultDevice
class OneCallTest {
    private TensorScope scope;

    @BeforeEach
    void open() {
        Backends.setDefaultDevice(Device.of("cpu"));
        Jangada.manualSeed(1);
        scope = new TensorScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Captured step(Optimizer<?> optimizer, Supplier<Tensor> loss) {
        return Capture.of(args -> {
            optimizer.zeroGrad();
            Tensor result = loss.get();
            result.backward();
            optimizer.step();
            return result;
        });
    }

    private static void assertOneCall(Captured step) {
        for (int i = 0; i < 3; i++) {
            step.run();
            assertThat(step.stats().hostCalls()).as(step.explain()).isEqualTo(1);
        }
        assertThat(step.stats().traces()).isEqualTo(1);
    }

    private static Sequential classifier() {
        return new Sequential(new Linear(20, 16), new ReLU(), new Dropout(0.3), new Linear(16, 5));
    }

    @Test
    void aClassifierIsOneCall() {
        Sequential model = classifier();
        Tensor x = Tensor.rand(8, 20);
        Tensor y = Tensor.randint(0, 5, new long[] {8});
        CrossEntropyLoss criterion = new CrossEntropyLoss();
        assertOneCall(step(new Adam(model.parameters(), 1e-3), () -> criterion.forward(model.forward(x), y)));
    }

    @Test
    void contrastiveDivergenceIsOneCall() {
        RBM rbm = new RBM(24, 12, 3);
        Tensor v = Tensor.rand(8, 24).round();
        assertOneCall(step(new Adam(rbm.parameters(), 1e-3), () -> rbm.contrastiveDivergence(v)));
    }

    @Test
    void aRecurrentLayerIsOneCall() {
        LSTM lstm = new LSTM(6, 8);
        Tensor x = Tensor.rand(7, 4, 6);
        assertOneCall(step(
                new Adam(lstm.parameters(), 1e-3),
                () -> lstm.forward(x).output().square().mean()));
    }

    @Test
    void aGibbsChainIsOneCall() {
        RBM rbm = new RBM(24, 12);
        Tensor data = Tensor.rand(4, 24).round();
        Tensor mask = Tensor.rand(24).round();
        Captured fill = Capture.of(args -> Capture.loop(
                args.count(1),
                args.tensor(0),
                (v, i) -> data.mul(mask)
                        .add(rbm.sampleVisible(rbm.sampleHidden(v))
                                .mul(mask.neg().add(1)))));
        Tensor start = Tensor.rand(4, 24).round();
        Generator.State at = Generator.global().state();
        float[] expected = fill.runEagerly(start, 1000).toFloatArray();
        Generator.global().setState(at);
        assertThat(fill.run(start, 1000).toFloatArray()).isEqualTo(expected);
        assertThat(fill.stats().hostCalls()).isEqualTo(1);
    }

    /** A label out of range: the loss fails, so no step was counted; the training goes on as if the batch had not been there. */
    @Test
    void aBatchThatFailsLeavesTheOptimiserAsItWas() {
        float[][] weights = new float[2][];
        for (int way = 0; way < 2; way++) {
            Jangada.manualSeed(2);
            Sequential model = classifier();
            NAdam optimizer = new NAdam(model.parameters());
            CrossEntropyLoss criterion = new CrossEntropyLoss();
            Tensor x = Tensor.rand(8, 20);
            Captured step = Capture.of(args -> {
                optimizer.zeroGrad();
                Tensor loss = criterion.forward(model.forward(x), args.tensor(0));
                loss.backward();
                optimizer.step();
                return loss;
            });
            Tensor good = Tensor.randint(0, 5, new long[] {8});
            Tensor bad = good.clone();
            bad.narrow(0, 3, 1).fill_(5);
            for (Tensor y : List.of(good, bad, good, bad, good)) {
                if (y == good) {
                    assertThat((way == 0 ? step.run(y) : step.runEagerly(y)).item())
                            .isPositive();
                } else if (way == 0) {
                    assertThatThrownBy(() -> step.run(y)).isInstanceOf(IndexException.class);
                } else {
                    assertThatThrownBy(() -> step.runEagerly(y)).isInstanceOf(IndexException.class);
                }
            }
            weights[way] = model.parameters().get(0).toFloatArray();
        }
        assertThat(weights[0]).isEqualTo(weights[1]);
    }
}
