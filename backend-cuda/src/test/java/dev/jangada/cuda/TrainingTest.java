package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Backends;
import dev.jangada.capture.Arguments;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.cuda.sim.CudaSim;
import dev.jangada.cuda.sim.SimSetting;
import dev.jangada.nn.Conv2d;
import dev.jangada.nn.Flatten;
import dev.jangada.nn.Functional;
import dev.jangada.nn.LSTM;
import dev.jangada.nn.Layer;
import dev.jangada.nn.Linear;
import dev.jangada.nn.MaxPool2d;
import dev.jangada.nn.Module;
import dev.jangada.nn.ReLU;
import dev.jangada.nn.Sequential;
import dev.jangada.nn.Tanh;
import dev.jangada.nn.rbm.RBM;
import dev.jangada.optim.Adam;
import dev.jangada.testkit.KeepsDefaultDevice;
import dev.jangada.testkit.NeedsBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training programs on the device: the same bits eagerly and captured, and the numbers of the CPU. */
@NeedsBackend("cuda")
@KeepsDefaultDevice
class TrainingTest {
    private static final int STEPS = 6;
    private static final double NEAR = 2e-4;

    private static final Map<SimSetting, Long> SHUFFLED =
            new TreeMap<>(Map.of(SimSetting.ORDER, 2L, SimSetting.ASYNC, 2L, SimSetting.SEED, 11L));

    /** A model in training; what happens between steps is outside of the captured function. */
    record Training(Module model, Function<Arguments, Tensor> step, IntFunction<Object[]> batch, IntConsumer between) {}

    record Program(String name, Supplier<Training> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Program> programs() {
        return Stream.of(
                new Program("dense network", TrainingTest::dense),
                new Program("RBM with a growing chain", TrainingTest::rbm),
                new Program("LSTM", TrainingTest::lstm),
                new Program("convolutions and pooling", TrainingTest::convolutional));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void bothWaysAndAsOnTheCpu(Program program) {
        List<float[]> eager = run(program, "cuda", false);
        List<float[]> captured = run(program, "cuda", true);
        assertThat(captured).usingRecursiveComparison().isEqualTo(eager);
        assertThat(eager.get(0)).isNotEqualTo(eager.get(eager.size() - 1));
        List<float[]> cpu = run(program, "cpu", false);
        for (int i = 0; i < cpu.size(); i++) {
            for (int j = 0; j < cpu.get(i).length; j++) {
                assertThat(eager.get(i)[j]).as("value %d of entry %d", j, i).isCloseTo(cpu.get(i)[j], within((float)
                        NEAR));
            }
        }
    }

    /** Threads, blocks, graph nodes and queued work in random order change no bit. */
    @ParameterizedTest
    @MethodSource("programs")
    void theSameBitsInAnyOrder(Program program) {
        assumeTrue(CudaSim.install(), CudaSim::reason);
        List<float[]> natural = run(program, "cuda", true);
        List<Long> before = SHUFFLED.keySet().stream().map(CudaSim::get).toList();
        try {
            SHUFFLED.forEach(CudaSim::set);
            assertThat(run(program, "cuda", true)).usingRecursiveComparison().isEqualTo(natural);
            assertThat(run(program, "cuda", false)).usingRecursiveComparison().isEqualTo(natural);
        } finally {
            int i = 0;
            for (SimSetting setting : SHUFFLED.keySet()) {
                CudaSim.set(setting, before.get(i++));
            }
        }
    }

    /** Returns the loss of each step, then the parameters. */
    private static List<float[]> run(Program program, String device, boolean captured) {
        Backends.setDefaultDevice(Device.of(device));
        Jangada.manualSeed(7);
        Training t = program.make.get();
        List<float[]> out = new ArrayList<>();
        try (Captured step = Capture.of(t.step::apply)) {
            for (int i = 0; i < STEPS; i++) {
                try (TensorScope scope = new TensorScope()) {
                    Object[] batch = t.batch.apply(i);
                    Tensor loss = captured ? step.run(batch) : step.runEagerly(batch);
                    out.add(new float[] {(float) loss.item()});
                }
                t.between.accept(i);
            }
        }
        t.model.parameters().forEach(p -> out.add(p.detach().flatten().toFloatArray()));
        return out;
    }

    private static Tensor descend(Adam optimizer, Tensor loss) {
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss;
    }

    private static Training classifier(Layer model, IntFunction<Object[]> batch) {
        Adam o = new Adam(model.parameters(), 1e-2);
        return new Training(
                model,
                args -> descend(o, Functional.crossEntropy(model.forward(args.tensor(0)), args.tensor(1))),
                batch,
                i -> {});
    }

    private static Training dense() {
        return classifier(
                new Sequential(new Linear(20, 16), new ReLU(), new Linear(16, 12), new Tanh(), new Linear(12, 4)), i ->
                        new Object[] {Tensor.randn(8, 20), Tensor.randint(0, 4, new long[] {8})});
    }

    private static Training convolutional() {
        return classifier(
                new Sequential(new Conv2d(1, 3, 3), new ReLU(), new MaxPool2d(2), new Conv2d(3, 4, 3), new Flatten()),
                i -> new Object[] {Tensor.randn(3, 1, 8, 8), Tensor.randint(0, 4, new long[] {3})});
    }

    private static Training rbm() {
        RBM rbm = new RBM(30, 20);
        Adam o = new Adam(rbm.parameters(), 1e-2);
        return new Training(
                rbm,
                args -> descend(o, rbm.contrastiveDivergence(args.tensor(0).bernoulli())),
                i -> new Object[] {Tensor.rand(8, 30)},
                i -> rbm.setK(i < 3 ? 1 : 3));
    }

    private static Training lstm() {
        LSTM m = new LSTM(6, 5);
        Adam o = new Adam(m.parameters(), 1e-2);
        return new Training(
                m,
                args -> descend(o, m.forward(args.tensor(0)).output().square().mean()),
                i -> new Object[] {Tensor.randn(4, 3, 6)},
                i -> {});
    }
}
