package dev.jangada.nn;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.backend.Backends;
import dev.jangada.capture.Arguments;
import dev.jangada.capture.Capture;
import dev.jangada.nn.BothWays.Program;
import dev.jangada.nn.BothWays.Training;
import dev.jangada.nn.rbm.RBM;
import dev.jangada.optim.Adam;
import dev.jangada.optim.AdamW;
import dev.jangada.optim.Optimizer;
import dev.jangada.optim.RMSprop;
import dev.jangada.optim.SGD;
import dev.jangada.optim.StepLR;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Captured training gives the bits of eager training. A new program is one line of {@link #programs()}. */
public class BothWaysTest {
    /** The programs; other backends' tests run them too. */
    public static Stream<Program> programs() {
        return Stream.of(
                new Program("dense network, Adam", () -> dense(m -> new Adam(m.parameters(), 1e-2))),
                new Program("dense network, SGD with momentum", () -> dense(m -> momentum(m))),
                new Program("dense network, AdamW", () -> dense(m -> new AdamW(m.parameters(), 1e-2))),
                new Program("dense network, RMSprop", () -> dense(m -> new RMSprop(m.parameters(), 1e-3))),
                new Program("one weight", () -> regression(new Linear(3, 1), 1e-2)),
                new Program("contrastive divergence with a growing chain", BothWaysTest::growingChain),
                new Program("contrastive divergence as in the tutorial", BothWaysTest::tutorialRbm),
                new Program("dropout, training and evaluation in turn", BothWaysTest::dropout),
                new Program("gradient accumulation inside", BothWaysTest::accumulationInside),
                new Program("gradient accumulation over runs", BothWaysTest::accumulationOverRuns),
                new Program("gradients set to zero", BothWaysTest::zeroedGradients),
                new Program("clipping by norm and value", BothWaysTest::clipping),
                new Program("learning rate schedule", BothWaysTest::schedule),
                new Program("options that choose the kernel", BothWaysTest::changingOptions),
                new Program("two steps in one run", BothWaysTest::twoSteps),
                new Program("views and changes in place", BothWaysTest::inPlace),
                new Program("running mean without gradient", BothWaysTest::runningMean),
                new Program("second derivatives", BothWaysTest::gradientPenalty),
                new Program("half precision", BothWaysTest::half),
                new Program("frozen layers", BothWaysTest::freezing),
                new Program("values from the host", BothWaysTest::hostValues),
                new Program("gather, scatter and sort", BothWaysTest::indexing),
                new Program("other batch sizes", BothWaysTest::batchSizes),
                new Program("Gibbs chain as a loop", BothWaysTest::gibbsLoop),
                new Program("LSTM", BothWaysTest::lstm),
                new Program("packed sequences, dropout, both directions", BothWaysTest::packedGru),
                new Program("batch norm, layer norm and dropout", BothWaysTest::normalized),
                new Program("convolutions and pooling", BothWaysTest::convolutional),
                new Program("binary cross-entropy of probabilities", BothWaysTest::probabilities),
                new Program("forward only", BothWaysTest::forwardOnly));
    }

    @ParameterizedTest
    @MethodSource("programs")
    void onTheCpu(Program program) {
        assumeTrue(Backends.defaultDevice().type().equals("cpu"), "needs the backend cpu");
        BothWays.check(program, "cpu", 30);
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("programs")
    void onTheCpuForLong(Program program) {
        assumeTrue(Backends.defaultDevice().type().equals("cpu"), "needs the backend cpu");
        BothWays.check(program, "cpu", 100);
    }

    @ParameterizedTest
    @MethodSource("programs")
    void onTheReferenceBackend(Program program) {
        BothWays.check(program, "reference", 6);
    }

    /** A network with Adam, contrastive divergence with a chain that grows, an LSTM. */
    static Stream<Program> three() {
        return Stream.of(
                new Program("dense network", () -> dense(m -> new Adam(m.parameters(), 1e-2))),
                new Program("contrastive divergence", BothWaysTest::growingChain),
                new Program("LSTM", BothWaysTest::lstm));
    }

    @ParameterizedTest
    @MethodSource("three")
    void hundredStepsOnTheReferenceBackend(Program program) {
        BothWays.check(program, "reference", 100);
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("programs")
    void onTheReferenceBackendForLong(Program program) {
        BothWays.check(program, "reference", 100);
    }

    // ---- parts

    private static Sequential network() {
        return new Sequential(new Linear(20, 16), new ReLU(), new Linear(16, 12), new Tanh(), new Linear(12, 4));
    }

    private static Object[] labelled(int unused) {
        return new Object[] {Tensor.randn(8, 20), Tensor.randint(0, 4, new long[] {8})};
    }

    private static Optimizer<?> momentum(Module m) {
        return new SGD(m.parameters(), SGD.Options.of(1e-2).withMomentum(0.9).withDampening(0.1));
    }

    private static List<Tensor> classify(Layer m, Optimizer<?> o, Arguments args) {
        Tensor loss = Functional.crossEntropy(m.forward(args.tensor(0)), args.tensor(1));
        o.zeroGrad();
        loss.backward();
        o.step();
        return List.of(loss);
    }

    private static Training dense(Function<Module, Optimizer<?>> make) {
        Sequential m = network();
        Optimizer<?> o = make.apply(m);
        return new Training(m, o, args -> classify(m, o, args), BothWaysTest::labelled);
    }

    private static Training regression(Layer m, double lr) {
        SGD o = new SGD(m.parameters(), lr);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor loss = m.forward(args.tensor(0)).sub(args.tensor(1)).square().mean();
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss);
        };
        return new Training(m, o, step, i -> new Object[] {Tensor.randn(5, 3), Tensor.randn(5, 1)});
    }

    private static Training growingChain() {
        RBM rbm = new RBM(30, 20);
        Adam o = new Adam(rbm.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor loss = rbm.contrastiveDivergence(args.tensor(0).bernoulli());
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss);
        };
        return new Training(rbm, o, step, i -> new Object[] {Tensor.rand(8, 30)})
                .between(i -> rbm.setK(i % 7 < 3 ? 1 : 3));
    }

    private static Training tutorialRbm() {
        RBM rbm = new RBM(30, 20);
        Adam o = new Adam(rbm.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor v = args.tensor(0);
            Tensor vk = v;
            for (int i = 0; i < args.intValue(1); i++) {
                Tensor h = vk.matmul(rbm.weight().t())
                        .add(rbm.hiddenBias())
                        .sigmoid()
                        .bernoulli();
                vk = h.matmul(rbm.weight()).add(rbm.visibleBias()).sigmoid().bernoulli();
            }
            Tensor loss =
                    rbm.freeEnergy(v).mean().sub(rbm.freeEnergy(vk.detach()).mean());
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss, vk.detach());
        };
        return new Training(rbm, o, step, i -> new Object[] {Tensor.rand(8, 30), 1 + i / 4 % 2});
    }

    /** Dropout as a module that asks for its mode. */
    private static final class Dropping extends Layer {
        private final Linear first = module("first", new Linear(20, 16));
        private final Linear second = module("second", new Linear(16, 4));

        @Override
        public Tensor forward(Tensor x) {
            return second.forward(Functional.dropout(first.forward(x).relu(), 0.3, isTraining()));
        }
    }

    private static Training dropout() {
        Dropping m = new Dropping();
        Adam o = new Adam(m.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            List<Tensor> loss = classify(m, o, args);
            m.eval();
            Tensor calm = m.forward(args.tensor(0));
            m.train();
            return List.of(loss.get(0), calm.detach());
        };
        return new Training(m, o, step, BothWaysTest::labelled);
    }

    private static Training accumulationInside() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            o.zeroGrad();
            for (int i = 0; i < 2; i++) {
                Tensor x = args.tensor(0).narrow(0, 4L * i, 4);
                Functional.crossEntropy(m.forward(x), args.tensor(1).narrow(0, 4L * i, 4))
                        .backward();
            }
            o.step();
            return List.of();
        };
        return new Training(m, o, step, BothWaysTest::labelled);
    }

    private static Training accumulationOverRuns() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor loss = Functional.crossEntropy(m.forward(args.tensor(0)), args.tensor(1));
            loss.backward();
            return List.of(loss);
        };
        return new Training(m, o, step, BothWaysTest::labelled).between(i -> {
            if (i % 3 == 2) {
                o.step();
                o.zeroGrad();
            }
        });
    }

    private static Training zeroedGradients() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor loss = Functional.crossEntropy(m.forward(args.tensor(0)), args.tensor(1));
            o.zeroGrad(false);
            loss.backward();
            o.step();
            return List.of(loss);
        };
        return new Training(m, o, step, BothWaysTest::labelled);
    }

    private static Training clipping() {
        Sequential m = network();
        SGD o = new SGD(m.parameters(), 0.1);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor loss = Functional.crossEntropy(m.forward(args.tensor(0)), args.tensor(1));
            o.zeroGrad();
            loss.backward();
            Tensor norm = ClipGrad.clipGradNorm_(m.parameters(), 0.5);
            ClipGrad.clipGradValue_(m.parameters(), 0.05);
            o.step();
            return List.of(loss, norm);
        };
        return new Training(m, o, step, BothWaysTest::labelled);
    }

    private static Training schedule() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), 1e-2);
        StepLR schedule = new StepLR(o, 3, 0.7);
        return new Training(m, o, args -> classify(m, o, args), BothWaysTest::labelled).between(i -> schedule.step());
    }

    private static Training changingOptions() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), Adam.Options.of(1e-2));
        return new Training(m, o, args -> classify(m, o, args), BothWaysTest::labelled)
                .between(i -> o.groups()
                        .get(0)
                        .setOptions(o.groups()
                                .get(0)
                                .options()
                                .withWeightDecay(i % 4 == 0 ? 0.1 : 0)
                                .withAmsgrad(i > 5)));
    }

    private static Training twoSteps() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor first = classify(m, o, args).get(0);
            return List.of(first, classify(m, o, args).get(0));
        };
        return new Training(m, o, step, BothWaysTest::labelled);
    }

    private static Training inPlace() {
        Linear m = new Linear(6, 4);
        SGD o = new SGD(m.parameters(), 0.1);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor x = args.tensor(0).clone();
            x.narrow(0, 0, 2).mul_(2);
            x.select(1, 3).zero_();
            x.t().narrow(0, 0, 1).add_(1);
            Tensor y = m.forward(x);
            y.narrow(1, 0, 2).mul_(y.narrow(1, 2, 2).detach().clone());
            y.select(1, 1).exp_();
            args.tensor(1).add_(y.detach());
            Tensor loss = y.reshape(2, -1).transpose(0, 1).square().sum();
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss, args.tensor(1), x.select(0, 1));
        };
        Tensor sums = Tensor.zeros(5, 4);
        return new Training(m, o, step, i -> new Object[] {Tensor.randn(5, 6), sums});
    }

    private static final class Averaged extends Layer {
        private final Linear linear = module("linear", new Linear(6, 4));
        private final Tensor mean = buffer("mean", Tensor.zeros(4));
        private final Tensor count = buffer("count", Tensor.zeros(DType.INT64));

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = linear.forward(x);
            try (Autograd.Mode off = Autograd.noGrad()) {
                count.add_(1);
                mean.mul_(0.9).add_(y.mean(0).mul(0.1));
            }
            return y.sub(mean);
        }
    }

    private static Training runningMean() {
        Averaged m = new Averaged();
        SGD o = new SGD(m.parameters(), 0.1);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor loss = m.forward(args.tensor(0)).square().mean();
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss);
        };
        return new Training(m, o, step, i -> new Object[] {Tensor.randn(5, 6)});
    }

    private static Training gradientPenalty() {
        Sequential m = new Sequential(new Linear(6, 8), new Tanh(), new Linear(8, 1));
        Adam o = new Adam(m.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor x = args.tensor(0).detach().requiresGrad_();
            Tensor y = m.forward(x).sum();
            Tensor slope = Autograd.grad(List.of(y), List.of(x), true).get(0);
            Tensor loss = slope.square().sum().sub(1).square().add(y);
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss, slope);
        };
        return new Training(m, o, step, i -> new Object[] {Tensor.randn(5, 6)});
    }

    private static Training half() {
        Sequential m = network();
        m.to(DType.BFLOAT16);
        Adam o = new Adam(m.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor loss = m.forward(args.tensor(0).to(DType.BFLOAT16))
                    .to(DType.FLOAT32)
                    .square()
                    .mean();
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss);
        };
        return new Training(m, o, step, BothWaysTest::labelled);
    }

    private static Training freezing() {
        Sequential m = network();
        SGD o = new SGD(m.parameters(), 0.1);
        List<Tensor> first = m.parameters().subList(0, 2);
        return new Training(m, o, args -> classify(m, o, args), BothWaysTest::labelled)
                .between(i -> first.forEach(p -> p.requiresGrad_(i % 3 == 0)));
    }

    private static Training hostValues() {
        Linear m = new Linear(3, 2);
        SGD o = new SGD(m.parameters(), 0.1);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor scale = Tensor.of(new float[] {1, 2, 3});
            scale.mul_(args.tensor(0).select(0, 0));
            Tensor loss = m.forward(args.tensor(0).mul(scale))
                    .sub(Tensor.of(new float[] {1, -1}))
                    .square()
                    .sum();
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss, scale);
        };
        return new Training(m, o, step, i -> new Object[] {Tensor.randn(4, 3)});
    }

    private static Training indexing() {
        Linear m = new Linear(6, 4);
        SGD o = new SGD(m.parameters(), 0.1);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor y = m.forward(args.tensor(0));
            Tensor picked = y.gather(1, args.tensor(1).unsqueeze(1));
            Tensor sorted = y.sort(1, false).values();
            Tensor loss =
                    picked.sum().add(sorted.cumsum(1).select(1, 2).square().sum());
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss, sorted);
        };
        return new Training(m, o, step, i -> new Object[] {Tensor.randn(5, 6), Tensor.randint(0, 4, new long[] {5})});
    }

    private static Training batchSizes() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), 1e-2);
        return new Training(m, o, args -> classify(m, o, args), i -> {
            long n = 5L + i % 3;
            Tensor all = Tensor.randn(20, 20);
            return new Object[] {all.narrow(0, i % 4, n), Tensor.randint(0, 4, new long[] {n})};
        });
    }

    private static Training gibbsLoop() {
        RBM rbm = new RBM(30, 20);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor v = args.tensor(0);
            Tensor end = Capture.loop(args.count(1), v, (x, i) -> {
                Tensor next = rbm.sampleVisible(rbm.sampleHidden(x));
                next.narrow(1, 0, 10).copy_(v.narrow(1, 0, 10));
                next.select(0, 0).mul_(i.remainder(2));
                return next;
            });
            rbm.visibleBias().detach().add_(end.mean(0).mul(0.1));
            return List.of(end);
        };
        return new Training(rbm, null, step, i ->
                new Object[] {Tensor.rand(8, 30).bernoulli(), i % 5});
    }

    private static Training lstm() {
        LSTM m = new LSTM(6, 5);
        Adam o = new Adam(m.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor loss = m.forward(args.tensor(0)).output().square().mean();
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss);
        };
        return new Training(m, o, step, i -> new Object[] {Tensor.randn(4, 3, 6)});
    }

    private static Training packedGru() {
        RecurrentOptions options = RecurrentOptions.DEFAULT
                .withNumLayers(2)
                .withBidirectional(true)
                .withDropout(0.3)
                .withBatchFirst(true);
        GRU m = new GRU(4, 5, options);
        Adam o = new Adam(m.parameters(), 1e-2);
        Function<Arguments, List<Tensor>> step = args -> {
            long[] lengths = {2, args.intValue(1), 4};
            GRU.PackedOutput y = m.forward(Sequences.packPaddedSequence(args.tensor(0), lengths, true, false));
            Tensor output = Sequences.padPackedSequence(y.output(), true, 0).output();
            Tensor loss = output.square().mean().add(y.h().sum());
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss);
        };
        return new Training(m, o, step, i -> new Object[] {Tensor.randn(3, 5, 4), 1 + i / 3 % 5});
    }

    private static Training normalized() {
        Sequential m = new Sequential(
                new Linear(20, 16),
                new BatchNorm1d(16),
                new ReLU(),
                new Dropout(0.2),
                new LayerNorm(16),
                new Linear(16, 4));
        Adam o = new Adam(m.parameters(), 1e-2);
        return new Training(m, o, args -> classify(m, o, args), BothWaysTest::labelled)
                .between(i -> m.train(i % 4 != 1));
    }

    private static Training convolutional() {
        Sequential m = new Sequential(
                new Conv2d(1, 3, 3),
                new BatchNorm2d(3),
                new ReLU(),
                new MaxPool2d(2),
                new Conv2d(3, 4, 2),
                new AvgPool2d(2),
                new Flatten());
        SGD o = new SGD(m.parameters(), 0.05);
        return new Training(m, o, args -> classify(m, o, args), i ->
                new Object[] {Tensor.randn(3, 1, 8, 8), Tensor.randint(0, 4, new long[] {3})});
    }

    private static Training probabilities() {
        Sequential m = new Sequential(new Linear(6, 4), new Sigmoid());
        BCELoss criterion = new BCELoss();
        SGD o = new SGD(m.parameters(), 0.1);
        Function<Arguments, List<Tensor>> step = args -> {
            Tensor loss = criterion.forward(m.forward(args.tensor(0)), args.tensor(1));
            o.zeroGrad();
            loss.backward();
            o.step();
            return List.of(loss);
        };
        return new Training(m, o, step, i -> new Object[] {Tensor.randn(5, 6), Tensor.rand(5, 4)});
    }

    private static Training forwardOnly() {
        Sequential m = network();
        Function<Arguments, List<Tensor>> step = args -> {
            try (Autograd.Mode off = Autograd.noGrad()) {
                return List.of(m.forward(args.tensor(0)).softmax(1));
            }
        };
        return new Training(m, null, step, BothWaysTest::labelled);
    }
}
