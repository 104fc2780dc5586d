package dev.jangada.nn;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.backend.Backends;
import dev.jangada.capture.Arguments;
import dev.jangada.nn.BothWays.Program;
import dev.jangada.nn.BothWays.Training;
import dev.jangada.nn.rbm.RBM;
import dev.jangada.optim.Adam;
import dev.jangada.optim.Optimizer;
import dev.jangada.optim.SGD;
import dev.jangada.optim.StepLR;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs that benchmarks, examples and other tests train, captured as they stand there: matrix kernels and tiles are chosen by size.
 */
class RealProgramsBothWaysTest {
    /** The programs of the benchmarks, as large as there. */
    static Stream<Program> large() {
        return Stream.of(
                new Program("dense network 784-512-512-10", RealProgramsBothWaysTest::dense),
                new Program("contrastive divergence 784-512", () -> machine(RBM::contrastiveDivergence)),
                new Program(
                        "contrastive divergence 784-512 as in the tutorial",
                        () -> machine(RealProgramsBothWaysTest::tutorial)),
                new Program("LSTM 128-256", RealProgramsBothWaysTest::sequences));
    }

    /** What other tests and examples train. */
    static Stream<Program> small() {
        return Stream.of(
                new Program("persistent chains", RealProgramsBothWaysTest::persistent),
                new Program("patterns with a chain that grows", RealProgramsBothWaysTest::patterns),
                new Program("a step with a closure, as states are saved", RealProgramsBothWaysTest::closure),
                new Program("a run with a schedule, as checkpoints keep it", RealProgramsBothWaysTest::scheduled),
                new Program("a network of all sorts", RealProgramsBothWaysTest::allSorts),
                new Program("the adding problem", RealProgramsBothWaysTest::adding),
                new Program("words and their tags", RealProgramsBothWaysTest::words),
                new Program("images frame by frame", RealProgramsBothWaysTest::frames));
    }

    private static void onTheCpu(Program program, int steps) {
        assumeTrue(Backends.defaultDevice().type().equals("cpu"), "needs the backend cpu");
        BothWays.check(program, "cpu", steps);
    }

    @ParameterizedTest
    @MethodSource("large")
    void largeProgramsOnTheCpu(Program program) {
        onTheCpu(program, 3);
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource({"large", "small"})
    void hundredStepsOnTheCpu(Program program) {
        onTheCpu(program, 100);
    }

    @ParameterizedTest
    @MethodSource("small")
    void smallProgramsOnTheCpu(Program program) {
        onTheCpu(program, 12);
    }

    @ParameterizedTest
    @MethodSource("small")
    void smallProgramsOnTheReferenceBackend(Program program) {
        BothWays.check(program, "reference", 2);
    }

    private static Training training(
            Module m, Optimizer<?> o, Function<Arguments, Tensor> loss, IntFunction<Object[]> batch) {
        return new Training(
                m,
                o,
                args -> {
                    Tensor value = loss.apply(args);
                    o.zeroGrad();
                    value.backward();
                    o.step();
                    return List.of(value);
                },
                batch);
    }

    private static Training dense() {
        Sequential m =
                new Sequential(new Linear(784, 512), new ReLU(), new Linear(512, 512), new ReLU(), new Linear(512, 10));
        return training(
                m,
                new Adam(m.parameters(), 1e-3),
                args -> Functional.crossEntropy(m.forward(args.tensor(0)), args.tensor(1)),
                i -> new Object[] {Tensor.rand(128, 784), Tensor.randint(0, 10, new long[] {128})});
    }

    /** The chain is three steps long in the second half of nine runs. */
    private static Training machine(BiFunction<RBM, Tensor, Tensor> loss) {
        RBM rbm = new RBM(784, 512);
        Tensor grey = Tensor.rand(64, 784);
        return training(
                        rbm,
                        new Adam(rbm.parameters(), 1e-3),
                        args -> loss.apply(rbm, args.tensor(0).bernoulli()),
                        i -> new Object[] {grey})
                .between(i -> rbm.setK(i % 9 < 4 ? 1 : 3));
    }

    private static Tensor tutorial(RBM rbm, Tensor v) {
        Tensor vk = rbm.gibbs(v).detach();
        return rbm.freeEnergy(v).mean().sub(rbm.freeEnergy(vk).mean());
    }

    private static Training sequences() {
        LSTM m = new LSTM(128, 256);
        Tensor targets = Tensor.rand(64, 32, 256).sub(0.5);
        return training(
                m,
                new Adam(m.parameters(), 1e-3),
                args -> Functional.mseLoss(m.forward(args.tensor(0)).output(), targets),
                i -> new Object[] {Tensor.randn(64, 32, 128)});
    }

    private static Training persistent() {
        RBM rbm = new RBM(40, 24, 2);
        rbm.startChains(10);
        return training(
                rbm, new SGD(rbm.parameters(), 0.1), args -> rbm.persistentContrastiveDivergence(args.tensor(0)), i ->
                        new Object[] {Tensor.rand(12, 40).round()});
    }

    private static Training patterns() {
        RBM rbm = new RBM(6, 8);
        Tensor v = Tensor.of(new float[][] {{1, 1, 1, 0, 0, 0}, {0, 0, 0, 1, 1, 1}})
                .unsqueeze(0)
                .expand(10, 2, 6)
                .reshape(20, 6);
        return training(rbm, new Adam(rbm.parameters(), 0.05), args -> rbm.contrastiveDivergence(args.tensor(0)), i ->
                        new Object[] {v})
                .between(i -> rbm.setK(1 + i / 5));
    }

    private static Training closure() {
        Sequential m = new Sequential(new Linear(3, 4), new Tanh(), new Linear(4, 1));
        Adam o = new Adam(m.parameters(), 0.1);
        return new Training(
                m,
                o,
                args -> List.of(o.step(() -> {
                    o.zeroGrad();
                    Tensor x = args.tensor(0);
                    Tensor loss =
                            m.forward(x).sub(x.sum(1).unsqueeze(1)).square().mean();
                    loss.backward();
                    return loss;
                })),
                i -> new Object[] {Tensor.arange(12).reshape(4, 3).div(12.0).add(0.1 * i)});
    }

    private static Training scheduled() {
        Sequential m = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 1));
        Adam o = new Adam(m.parameters(), 0.05);
        StepLR schedule = new StepLR(o, 2, 0.5);
        return training(m, o, args -> m.forward(args.tensor(0)).square().mean(), i -> new Object[] {Tensor.randn(8, 3)})
                .between(i -> schedule.step());
    }

    private static Training allSorts() {
        Sequential m = LayersTest.allSorts();
        NLLLoss criterion = new NLLLoss();
        return training(
                m,
                new SGD(m.parameters(), 0.2),
                args -> {
                    Tensor x = args.tensor(0);
                    Tensor target =
                            x.select(2, 0).mean(new int[] {1, 2}, false).gt(0L).to(DType.INT64);
                    return criterion.forward(m.forward(x), target);
                },
                i -> new Object[] {Tensor.randn(16, 1, 6, 6)});
    }

    private static final class Counter extends Module {
        private final LSTM lstm = module("lstm", new LSTM(2, 12, RecurrentOptions.DEFAULT.withBatchFirst(true)));
        private final Linear output = module("output", new Linear(12, 1));

        Tensor forward(Tensor x) {
            return output.forward(lstm.forward(x).h().select(0, 0));
        }
    }

    private static Training adding() {
        Counter m = new Counter();
        return training(
                m,
                new Adam(m.parameters(), 1e-2),
                args -> Functional.mseLoss(m.forward(args.tensor(0)), args.tensor(1)),
                i -> new Object[] {Tensor.rand(16, 10, 2), Tensor.rand(16, 1)});
    }

    private static final class Tagger extends Module {
        private final Embedding embedding = module("embedding", new Embedding(30, 8));
        private final LSTM lstm = module("lstm", new LSTM(8, 6, RecurrentOptions.DEFAULT.withBidirectional(true)));
        private final Linear head = module("head", new Linear(12, 5));

        Tensor forward(Tensor words) {
            return head.forward(lstm.forward(embedding.forward(words)).output());
        }
    }

    private static Training words() {
        Tagger m = new Tagger();
        return training(
                m,
                new Adam(m.parameters(), 1e-2),
                args -> Functional.crossEntropy(
                        m.forward(args.tensor(0)).flatten(0, 1), args.tensor(1).flatten(0, 1)),
                i -> new Object[] {Tensor.randint(0, 30, new long[] {7, 6}), Tensor.randint(0, 5, new long[] {7, 6})});
    }

    private static final class Frames extends Module {
        private final Sequential eye = module(
                "eye",
                new Sequential(new Conv2d(1, 3, ConvOptions.DEFAULT.withPadding(2), 5), new ReLU(), new MaxPool2d(2)));
        private final LSTM lstm = module("lstm", new LSTM(3 * 2 * 6, 10));
        private final Linear head = module("head", new Linear(10, 10));

        Tensor forward(Tensor images) {
            Tensor frames = images.unfold(1, 4, 4).permute(1, 0, 3, 2); // (T, B, 4, 12)
            Tensor seen = eye.forward(frames.reshape(-1, 1, 4, 12));
            return head.forward(lstm.forward(seen.reshape(frames.size(0), images.size(0), -1))
                    .h()
                    .squeeze(0));
        }
    }

    private static Training frames() {
        Frames m = new Frames();
        return training(
                m,
                new Adam(m.parameters(), 1e-2),
                args -> Functional.crossEntropy(m.forward(args.tensor(0)), args.tensor(1)),
                i -> new Object[] {Tensor.rand(5, 12, 12), Tensor.randint(0, 10, new long[] {5})});
    }
}
