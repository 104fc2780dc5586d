package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.FusedUpdate;
import dev.jangada.IndexException;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.backend.Activity;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Backends;
import dev.jangada.capture.Arguments;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.sim.CudaSim;
import dev.jangada.cuda.sim.SimSetting;
import dev.jangada.kernel.Expr;
import dev.jangada.nn.Functional;
import dev.jangada.nn.Linear;
import dev.jangada.nn.ReLU;
import dev.jangada.nn.Sequential;
import dev.jangada.optim.Adam;
import dev.jangada.optim.SGD;
import dev.jangada.optim.StepLR;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Captured plans as CUDA graphs: how often the host calls, and the bits of eager execution. */
class GraphsTest {
    private Device before;
    private Device cuda;

    @BeforeEach
    void open() {
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
        before = Backends.defaultDevice();
        cuda = Device.of("cuda");
        Backends.setDefaultDevice(cuda);
        Jangada.manualSeed(3);
    }

    @AfterEach
    void restore() {
        if (before != null) {
            Backends.setDefaultDevice(before);
        }
    }

    private static Sequential network() {
        return new Sequential(new Linear(12, 10), new ReLU(), new Linear(10, 4));
    }

    private static Tensor labels(int n) {
        return Tensor.randint(0, 4, new long[] {n});
    }

    @Test
    void aTrainingStepIsOneLaunch() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), 1e-2);
        StepLR schedule = new StepLR(o, 2, 0.5);
        try (Captured step = Capture.of(args -> {
            Tensor loss = Functional.crossEntropy(m.forward(args.tensor(0)), args.tensor(1));
            o.zeroGrad();
            loss.backward();
            o.step();
            return loss;
        })) {
            for (int i = 0; i < 8; i++) {
                step.run(Tensor.randn(6, 12), labels(6)).close();
                schedule.step();
                assertThat(step.stats().hostCalls()).as(step.explain()).isEqualTo(1);
            }
            assertThat(step.explain()).contains("runs as 1 CUDA graph of");
            assertThat(step.stats().launches()).as(step.explain()).isBetween(8L, 40L);
            assertThat(step.stats().traces()).as(step.stats().lastReason()).isLessThanOrEqualTo(2);
        }
    }

    /** The host is far ahead of the device, with another learning rate and another position of the generator in each run. */
    @Test
    void runsInFlightKeepTheirScalars() {
        assertThat(inFlight(true)).containsExactly(inFlight(false));
    }

    private float[] inFlight(boolean captured) {
        Jangada.manualSeed(5);
        Tensor w = Tensor.ones(40);
        w.requiresGrad_();
        SGD o = new SGD(List.of(w), 0.1);
        StepLR schedule = new StepLR(o, 1, 0.9);
        Tensor x = Tensor.rand(40);
        try (Captured step = Capture.of(args -> {
            Tensor loss = args.tensor(0).bernoulli().mul(w).square().sum();
            o.zeroGrad();
            loss.backward();
            o.step();
            return loss;
        })) {
            for (int i = 0; i < 30; i++) {
                (captured ? step.run(x) : step.runEagerly(x)).close();
                schedule.step();
            }
        }
        return w.detach().toFloatArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 73, 200})
    void aLoopNeedsFewLaunches(int turns) {
        Tensor w = Tensor.randn(9, 9).div(3);
        Function<Arguments, List<Tensor>> chain = args -> {
            Tensor end = Capture.loop(
                    args.count(1),
                    args.tensor(0),
                    (x, i) -> x.matmul(w).sigmoid().bernoulli().mul(i.remainder(5)));
            return List.of(end.add(1), args.tensor(0).sum());
        };
        Tensor start = Tensor.rand(4, 9);
        try (Captured f = Capture.all(chain)) {
            f.runAll(start, 3).forEach(Tensor::close);
            Jangada.manualSeed(1);
            List<Tensor> captured = f.runAll(start, turns);
            assertThat(f.stats().traces()).isEqualTo(1);
            assertThat(f.stats().hostCalls()).as(f.explain()).isLessThanOrEqualTo(3 + 1 + turns / 64 + 14);
            assertThat(f.explain()).contains("CUDA graphs");
            Jangada.manualSeed(1);
            List<Tensor> eager = f.runAllEagerly(start, turns);
            for (int i = 0; i < eager.size(); i++) {
                assertThat(captured.get(i).flatten().toFloatArray())
                        .containsExactly(eager.get(i).flatten().toFloatArray());
            }
        }
    }

    /** More turns than a table of scalars has rows. */
    @Test
    void aVeryLongLoop() {
        try (Captured f = Capture.of(args -> Capture.loop(args.count(1), args.tensor(0), (x, i) -> x.add(i)))) {
            assertThat(f.run(Tensor.zeros(DType.INT64, 1), 40_000).itemLong()).isEqualTo(40_000L * 39_999 / 2);
            assertThat(f.stats().hostCalls()).isLessThan(40_000 / 32);
        }
    }

    @Test
    void aLoopWithinALoopRunsStepByStep() {
        try (Captured f = Capture.of(args -> Capture.loop(
                args.count(1), args.tensor(0), (x, i) -> Capture.loop(args.count(1), x, (y, k) -> y.add(1))))) {
            assertThat(f.run(Tensor.zeros(2), 3).toFloatArray()).containsExactly(9, 9);
            assertThat(f.explain()).contains("runs step by step, for it has a loop within a loop");
        }
    }

    /** The rate of an update cannot be told when a part of the plan has run that changes a parameter: it is put back. */
    @Test
    void aRateThatIsMissingBehindALoop() {
        FusedUpdate add = FusedUpdate.of("add", 1, 0, 1, (x, s) -> new Expr[] {x[0].add(s[0])});
        Tensor w = Tensor.ones(3);
        boolean[] missing = {false};
        try (Captured step = Capture.of(args -> {
            try (Autograd.Mode off = Autograd.noGrad()) {
                Tensor[] none = new Tensor[0];
                add.apply(new Tensor[] {w}, none, () -> new double[] {1});
                Tensor turned = Capture.loop(3, w, (x, i) -> x.mul(2));
                add.apply(new Tensor[] {w}, none, () -> {
                    if (missing[0]) {
                        throw new IllegalStateException("no rate");
                    }
                    return new double[] {1};
                });
                return turned;
            }
        })) {
            assertThat(step.run().toFloatArray()).containsExactly(16, 16, 16);
            missing[0] = true;
            assertThatThrownBy(step::run)
                    .hasMessage("no rate")
                    .satisfies(
                            e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("as they were before the run"));
            assertThat(w.toFloatArray()).containsExactly(3, 3, 3);
            missing[0] = false;
            assertThat(step.run().toFloatArray()).containsExactly(32, 32, 32);
            assertThat(w.toFloatArray()).containsExactly(5, 5, 5);
            assertThat(step.explain()).contains("CUDA graphs");
        }
    }

    @Test
    void programsShareParameters() {
        Sequential m = network();
        SGD o = new SGD(m.parameters(), 0.1);
        Tensor x = Tensor.randn(6, 12);
        Tensor y = labels(6);
        try (Captured step = Capture.of(args -> {
                    Tensor loss = Functional.crossEntropy(m.forward(args.tensor(0)), args.tensor(1));
                    o.zeroGrad();
                    loss.backward();
                    o.step();
                    return loss;
                });
                Captured calm = Capture.of(args -> {
                    try (Autograd.Mode off = Autograd.noGrad()) {
                        return Functional.crossEntropy(m.forward(args.tensor(0)), args.tensor(1));
                    }
                })) {
            for (int i = 0; i < 4; i++) {
                double seen = calm.run(x, y).item();
                assertThat(step.run(x, y).item()).isEqualTo(seen);
            }
            assertThat(calm.explain()).contains("CUDA graph");
        }
    }

    @Test
    void afterAMistakeNothingIsChangedAndLaterRunsWork() {
        Tensor table = Tensor.of(new float[] {1, 2, 3});
        Tensor sums = Tensor.zeros(2);
        try (Captured f = Capture.all(args -> {
            sums.add_(table.indexSelect(0, args.tensor(0)));
            return List.of();
        })) {
            f.runAll(Tensor.of(new long[] {0, 2}));
            assertThat(sums.toFloatArray()).containsExactly(1, 3);
            for (int i = 0; i < 2; i++) { // the same mistake twice
                f.runAll(Tensor.of(new long[] {0, 7}));
                f.runAll(Tensor.of(new long[] {1, 1}));
                assertThatThrownBy(cuda::synchronize)
                        .isInstanceOf(IndexException.class)
                        .hasMessageContaining("expected indices in [0, 3)")
                        .hasMessageContaining("got 7")
                        .satisfies(e -> assertThat(e.getSuppressed())
                                .singleElement()
                                .asString()
                                .contains("[capture]", "as they were before that run"));
                assertThat(sums.toFloatArray()).containsExactly(1, 3);
            }
            f.runAll(Tensor.of(new long[] {1, 1}));
            assertThat(sums.toFloatArray()).containsExactly(3, 5);
            assertThat(f.explain()).contains("CUDA graph");
            f.runAll(Tensor.of(new long[] {9, 9}));
        }
        assertThatThrownBy(cuda::synchronize).isInstanceOf(RuntimeException.class);
        cuda.synchronize();
    }

    /** A step that writes before its mistake says so; a product into a gradient that was there is kept from being written after it. */
    @Test
    void whatWasWrittenBeforeAMistakeIsTold() {
        Tensor table = Tensor.of(new float[] {1, 2, 3});
        Tensor count = Tensor.zeros(40_000);
        Tensor w = Tensor.randn(200, 100).requiresGrad_();
        Tensor x = Tensor.randn(8, 200);
        try (Captured f = Capture.all(args -> {
            count.add_(1);
            Tensor zero = count.sum().mul(0).to(DType.INT64); // so that the mistake comes after the sum
            Tensor picked = table.indexSelect(0, args.tensor(0).add(zero)).sum();
            args.tensor(1).matmul(w).mul(picked).sum().backward();
            return List.of();
        })) {
            Tensor good = Tensor.of(new long[] {0, 2});
            for (int i = 0; i < 3; i++) {
                f.runAll(good, x);
            }
            cuda.synchronize();
            assertThat(f.explain()).contains("CUDA graph");
            float[] grad = w.grad().flatten().toFloatArray();
            f.runAll(Tensor.of(new long[] {0, 3}), x);
            assertThatThrownBy(cuda::synchronize)
                    .isInstanceOf(IndexException.class)
                    .satisfies(e -> assertThat(e.getSuppressed())
                            .singleElement()
                            .asString()
                            .contains("partly as after that run"));
            assertThat(w.grad().flatten().toFloatArray()).containsExactly(grad);
            f.runAll(good, x);
            assertThat(count.toFloatArray()).containsOnly(5);
        }
    }

    /** The whole step is one call, and reading the loss one small copy; the learning rate changes, and nothing is traced again. */
    @Test
    void callsOfTheDriver() {
        Sequential m = network();
        Adam o = new Adam(m.parameters(), 1e-2);
        StepLR schedule = new StepLR(o, 1, 0.9);
        Tensor x = Tensor.randn(6, 12);
        Tensor y = labels(6);
        Backend backend = Backends.of(cuda);
        try (Captured step = Capture.of(args -> {
            Tensor loss = Functional.crossEntropy(m.forward(args.tensor(0)).mul(Tensor.rand(6, 4)), args.tensor(1));
            o.zeroGrad();
            loss.backward();
            o.step();
            return loss;
        })) {
            for (int i = 0; i < 3; i++) {
                step.run(x, y).close();
            }
            cuda.synchronize();
            backend.countActivity(true);
            for (int i = 0; i < 5; i++) {
                Activity before = backend.activity().orElseThrow();
                Tensor loss = step.run(x, y);
                Activity ran = backend.activity().orElseThrow().since(before);
                assertThat(ran.hostCalls()).isEqualTo(1);
                assertThat(ran.launches()).isEqualTo(step.stats().launches()).isPositive();
                assertThat(ran.flops()).isEqualTo(step.stats().flops());
                assertThat(ran.bytesMoved()).isEqualTo(step.stats().bytesMoved());
                assertThat(ran.busyNanos()).isPositive();
                before = backend.activity().orElseThrow();
                assertThat(loss.item()).isPositive();
                ran = backend.activity().orElseThrow().since(before);
                assertThat(ran).isEqualTo(new Activity(0, 1, 0, 1, 0, 0));
                loss.close();
                schedule.step();
            }
            assertThat(step.stats().traces()).as(step.stats().lastReason()).isLessThanOrEqualTo(2);
        } finally {
            backend.countActivity(false);
        }
    }

    /** A plan that found no memory for its graphs runs step by step, and as graphs when there is some again. */
    @Test
    void memoryForGraphsThatComesLater() {
        assumeFalse("exact".equals(System.getProperty("jangada.cuda.allocator")), "needs cached blocks");
        Context context = ((CudaBackend) Backends.of(cuda)).context();
        Tensor x = Tensor.rand(3);
        Jangada.manualSeed(1);
        try (Captured f = Capture.of(args -> Capture.loop(
                args.count(1), args.tensor(0), (t, i) -> t.bernoulli().add(i)))) {
            cuda.emptyCache();
            for (Tensor t : List.of(Tensor.zeros(3), Tensor.zeros(3), Tensor.zeros(3), Tensor.zeros(3))) {
                t.close(); // small blocks are cached, for all but the table of the loop
            }
            long total = context.freeAndTotal()[1];
            long filler = context.allocate(4 << 20);
            CudaSim.set(SimSetting.MEMORY_MB, 1);
            try {
                assertThat(f.run(x, 2).numel()).isEqualTo(3);
                assertThat(f.explain()).contains("step by step, for there was no memory for a graph");
            } finally {
                context.free(filler);
                CudaSim.set(SimSetting.MEMORY_MB, total >> 20);
            }
            assertThat(f.run(x, 2).numel()).isEqualTo(3);
            assertThat(f.explain()).contains("CUDA graph");
        }
    }

    /** Arguments and results lie elsewhere in each run, large ones (used where they lie at first) and unaligned ones too. */
    @Test
    void memoryThatMoves() {
        Tensor large = Tensor.randn(50_000);
        try (Captured f = Capture.all(args -> {
            args.tensor(1).add_(1);
            return List.of(
                    args.tensor(0).mul(2), args.tensor(0).sum(), args.tensor(2).add(args.tensor(1)));
        })) {
            List<Tensor> kept = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Tensor counted = Tensor.zeros(5);
                Tensor part = large.narrow(0, 1 + 3L * i, 5);
                Tensor moving = large.add(i);
                kept.add(moving);
                List<Tensor> r = f.runAll(moving, counted, part);
                assertThat(r.get(0).toFloatArray())
                        .containsExactly(moving.mul(2).toFloatArray());
                assertThat(r.get(1).item()).isEqualTo(moving.sum().item());
                assertThat(counted.toFloatArray()).containsOnly(1);
                assertThat(r.get(2).toFloatArray()).containsExactly(part.add(1).toFloatArray());
            }
            assertThat(f.explain()).contains("CUDA graph");
            assertThat(f.stats().traces()).isEqualTo(1);
            assertThat(kept).hasSize(5);
        }
    }

    @Test
    void anArgumentThatIsAlsoSomethingElse() {
        Tensor state = Tensor.zeros(3);
        try (Captured f = Capture.all(args -> {
            state.add_(1);
            return List.of(args.tensor(0).add(0));
        })) {
            assertThat(f.runAll(Tensor.ones(3)).get(0).toFloatArray()).containsOnly(1);
            assertThat(f.explain()).contains("CUDA graph");
            assertThat(f.runAll(state).get(0).toFloatArray()).containsOnly(2);
            assertThat(f.explain()).contains("runs step by step");
            assertThat(f.runAll(state).get(0).toFloatArray()).containsOnly(3);
        }
    }

    @Test
    void closingGivesMemoryBack() {
        Tensor x = Tensor.randn(64, 64);
        long inUse = cuda.memory().inUse();
        Captured f = Capture.of(
                args -> args.tensor(0).matmul(args.tensor(0)).softmax(1).sum());
        try (TensorScope scope = new TensorScope()) {
            double first = f.run(x).item();
            assertThat(f.run(x).item()).isEqualTo(first);
        }
        f.close();
        assertThat(cuda.memory().inUse()).isLessThanOrEqualTo(inUse); // less if forgotten tensors were collected
    }

    /** A captured function that nobody closes gives its graphs back when it is unreachable, though its plan asks it for values. */
    @Test
    void forgettingToCloseIsNoLeak() throws InterruptedException {
        Tensor x = Tensor.randn(40_000);
        cuda.synchronize();
        long inUse = cuda.memory().inUse();
        runAndForget(x);
        for (int i = 0; i < 100 && cuda.memory().inUse() > inUse; i++) {
            System.gc();
            Thread.sleep(20); // the collector's threads free memory
            Tensor.zeros(1).close();
        }
        assertThat(cuda.memory().inUse()).isLessThanOrEqualTo(inUse);
    }

    private static void runAndForget(Tensor x) {
        Captured f = Capture.of(args -> Capture.loop(
                args.count(1), args.tensor(0), (y, i) -> y.sigmoid().bernoulli().mul(i)));
        f.run(x, 2).close();
        assertThat(f.explain()).contains("CUDA graph");
    }
}
