package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.FusedUpdate;
import dev.jangada.Generator;
import dev.jangada.IndexException;
import dev.jangada.OutOfMemoryException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.kernel.Expr;
import dev.jangada.testkit.NeedsBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Captured programs as the processor runs them: by one call, with the numbers and the exceptions of single kernels. */
@NeedsBackend("cpu")
class NativePlanTest {
    private static final FusedUpdate ADD = FusedUpdate.of("add", 1, 0, 1, (x, s) -> new Expr[] {x[0].add(s[0])});

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = new TensorScope();
    }

    @AfterEach
    void close() {
        scope.close();
        Native.setThreads(Runtime.getRuntime().availableProcessors());
    }

    /** A chain that draws twice per turn and sees the number of the turn. */
    private static Captured chain(Generator g) {
        return Capture.of(args -> Capture.loop(args.count(1), args.tensor(0), (x, i) -> {
            Tensor noise = Tensor.rand(g, 3, 5);
            return x.mul(0.5).add(noise).add(i.mul(0.25)).sub(Tensor.rand(g, 3, 5));
        }));
    }

    // ---- matrices that many products read

    @Test
    void weightsThatAnArgumentSharesAndChangesAreNotTakenFromAPackedCopy() {
        Generator g = new Generator(6);
        Tensor x = Tensor.rand(g, 700, 128);
        List<float[]> results = new ArrayList<>();
        for (int mode = 0; mode < 2; mode++) {
            Tensor w = Tensor.rand(new Generator(7), 250, 128).sub(0.5);
            Captured f = Capture.of(args -> {
                Tensor before = x.matmul(w.t());
                args.tensor(0).mul_(0.5);
                return before.add(x.matmul(w.t()));
            });
            results.add((mode == 0 ? f.runEagerly(w.detach()) : f.run(w.detach())).toFloatArray());
        }
        assertThat(results.get(1)).isEqualTo(results.get(0));
    }

    /** Weights are packed once per run, before a loop and again once they have been written. */
    @Test
    void weightsOfManyProductsArePackedWithTheSameNumbers() {
        Generator g = new Generator(4);
        Tensor start = Tensor.rand(g, 32, 256);
        List<Tensor> weights = new ArrayList<>();
        List<float[]> results = new ArrayList<>();
        for (int mode = 0; mode < 2; mode++) {
            Tensor w = Tensor.rand(new Generator(5), 250, 256).sub(0.5).mul(0.1);
            weights.add(w);
            Captured f = Capture.of(args -> {
                Tensor h = Capture.loop(
                        args.count(1),
                        args.tensor(0),
                        (x, i) -> x.matmul(w.t()).tanh().matmul(w));
                for (int i = 0; i < 40; i++) {
                    h = h.matmul(w.t()).sigmoid().matmul(w);
                }
                w.mul_(0.5);
                return h.matmul(w.t());
            });
            for (int run = 0; run < 3; run++) {
                Tensor y = mode == 0 ? f.runEagerly(start, 50) : f.run(start, 50);
                results.add(y.toFloatArray());
            }
            if (mode == 1) {
                assertThat(f.stats().launches()).isEqualTo(2 * 50 + 2 * 40 + 2 + 1);
            }
        }
        for (int run = 0; run < 3; run++) {
            assertThat(results.get(3 + run)).isEqualTo(results.get(run));
        }
        assertThat(weights.get(1).toFloatArray()).isEqualTo(weights.get(0).toFloatArray());
    }

    // ---- loops

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, 20_000})
    void chainsAreFewCallsWithTheSameNumbers(int turns) {
        Tensor start = Tensor.rand(new Generator(1), 3, 5);
        Generator own = new Generator(2);
        Generator eager = new Generator(2);
        Captured f = chain(own);
        Tensor expected = chain(eager).runEagerly(start, turns);
        for (int i = 0; i < 2; i++) {
            own.manualSeed(2);
            assertThat(f.run(start, turns).toFloatArray()).isEqualTo(expected.toFloatArray());
            assertThat(own.offset()).isEqualTo(eager.offset());
            assertThat(f.stats().hostCalls()).isBetween(1L, 1 + turns / 2000L);
        }
        assertThat(f.stats().traces()).isEqualTo(1);
    }

    @Test
    void loopsMayStandInLoops() {
        Generator own = new Generator(3);
        Generator eager = new Generator(3);
        for (int inner : new int[] {0, 1, 7}) {
            List<float[]> results = new ArrayList<>();
            for (Generator g : List.of(own, eager)) {
                Captured f = Capture.of(args -> Capture.loop(args.count(0), Tensor.zeros(4), (x, i) -> {
                    Tensor y = x.add(Tensor.rand(g, 4));
                    return Capture.loop(
                                    args.count(1),
                                    y,
                                    (z, j) -> z.mul(0.5).add(j).add(i))
                            .add(Tensor.rand(g, 4));
                }));
                Tensor out = g == own ? f.run(5, inner) : f.runEagerly(5, inner);
                results.add(out.toFloatArray());
            }
            assertThat(results.get(0)).isEqualTo(results.get(1));
            assertThat(own.offset()).isEqualTo(eager.offset());
        }
    }

    @Test
    void countersAdvanceInEveryTurn() {
        double[] step = {0};
        Tensor sum = Tensor.zeros(3);
        Captured f = Capture.of(args -> Capture.loop(args.count(0), Tensor.zeros(1), (x, i) -> {
            try (Autograd.Mode off = Autograd.noGrad()) {
                ADD.apply(new Tensor[] {sum}, new Tensor[0], () -> new double[] {++step[0]});
            }
            return x.add(sum.narrow(0, 0, 1));
        }));
        assertThat(f.run(4).item()).isEqualTo(1 + 3 + 6 + 10);
        assertThat(f.run(2).item()).isEqualTo(15 + 21);
        assertThat(step[0]).isEqualTo(6);
        assertThat(f.stats().hostCalls()).isEqualTo(1);
        assertThat(f.stats().launches()).isGreaterThan(4);
    }

    // ---- failures

    /** A step that draws, picks by index, then counts and changes state. */
    private static Captured picking(Generator g, Tensor w, double[] step, boolean back) {
        return Capture.of(args -> {
            Tensor noise = Tensor.rand(g, 3);
            Tensor picked = noise.gather(0, args.tensor(0));
            Tensor later = Tensor.rand(g, 3);
            try (Autograd.Mode off = Autograd.noGrad()) {
                if (back) {
                    ADD.apply(new Tensor[] {w}, new Tensor[0], () -> new double[] {++step[0]}, () -> {
                        double before = step[0];
                        return () -> step[0] = before;
                    });
                } else {
                    ADD.apply(new Tensor[] {w}, new Tensor[0], () -> new double[] {++step[0]});
                }
                w.add_(later);
            }
            return picked.sum();
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatComesAfterAFailureHasNotHappened(boolean back) {
        Tensor good = Tensor.of(new long[] {0, 2});
        Tensor bad = Tensor.of(new long[] {0, 3});
        Generator own = new Generator(4);
        Generator eager = new Generator(4);
        double[] step = {0};
        double[] eagerStep = {0};
        Tensor w = Tensor.zeros(3);
        Tensor eagerW = Tensor.zeros(3);
        Captured f = picking(own, w, step, back);
        Captured e = picking(eager, eagerW, eagerStep, back);
        for (Tensor index : List.of(good, bad, good, bad, bad, good)) {
            if (index == good) {
                assertThat(f.run(index).item()).isEqualTo(e.runEagerly(index).item());
                assertThat(f.stats().hostCalls()).isEqualTo(back ? 1 : 2);
            } else {
                assertThatThrownBy(() -> e.runEagerly(index)).isInstanceOf(IndexException.class);
                assertThatThrownBy(() -> f.run(index))
                        .isInstanceOf(IndexException.class)
                        .hasMessageContaining("[gather] expected indices in [0, 3) for dimension 0 of shape [3], got 3")
                        .satisfies(x ->
                                assertThat(x.getSuppressed()[0]).hasMessageContaining("as they were before the run"));
            }
            assertThat(w.toFloatArray()).isEqualTo(eagerW.toFloatArray());
            assertThat(own.offset()).isEqualTo(eager.offset());
            assertThat(step).isEqualTo(eagerStep);
        }
    }

    /** Turn 3 of the loop picks a row that is not there. */
    @Test
    void aTurnThatFailsEndsTheLoop() {
        Generator own = new Generator(5);
        Generator eager = new Generator(5);
        Tensor rows = Tensor.rand(new Generator(6), 3, 4);
        for (Generator g : List.of(own, eager)) {
            Captured f = Capture.of(args -> Capture.loop(args.count(0), Tensor.zeros(1, 4), (x, i) -> {
                Tensor noise = Tensor.rand(g, 1, 4);
                Tensor row = rows.indexSelect(0, i.reshape(1));
                return x.add(row).mul(noise).add(Tensor.rand(g, 1, 4));
            }));
            if (g == own) {
                assertThat(f.run(3).numel()).isEqualTo(4);
                assertThatThrownBy(() -> f.run(100))
                        .isInstanceOf(IndexException.class)
                        .hasMessageContaining("got 3");
            } else {
                assertThat(f.runEagerly(3).numel()).isEqualTo(4);
                assertThatThrownBy(() -> f.runEagerly(100)).isInstanceOf(IndexException.class);
            }
        }
        assertThat(own.offset()).isEqualTo(eager.offset());
    }

    @Test
    void integersDividedByZeroAreNamed() {
        Tensor total = Tensor.zeros(DType.INT64, 2);
        Captured f = Capture.of(args -> {
            Tensor q = args.tensor(0).floorDivide(args.tensor(1));
            total.add_(q);
            return q.add(1);
        });
        Tensor a = Tensor.of(new long[] {7, 9});
        assertThat(f.run(a, Tensor.of(new long[] {2, 3})).toLongArray()).containsExactly(4, 4);
        assertThatThrownBy(() -> f.run(a, Tensor.of(new long[] {2, 0})))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("integer division by zero");
        assertThat(total.toLongArray()).containsExactly(3, 3);
        assertThat(f.run(a, Tensor.of(new long[] {1, 1})).toLongArray()).containsExactly(8, 10);
        assertThat(total.toLongArray()).containsExactly(10, 12);
    }

    @Test
    void aSourceThatFailsFailsTheRun() {
        boolean[] fail = {false};
        Tensor w = Tensor.zeros(2);
        Captured f = Capture.of(args -> {
            try (Autograd.Mode off = Autograd.noGrad()) {
                ADD.apply(new Tensor[] {w}, new Tensor[0], () -> {
                    if (fail[0]) {
                        throw new IllegalStateException("no rate");
                    }
                    return new double[] {1};
                });
            }
            return w.mul(2);
        });
        f.run();
        fail[0] = true;
        assertThatThrownBy(f::run).hasMessage("no rate");
        fail[0] = false;
        assertThat(f.run().toFloatArray()).containsExactly(4, 4);
    }

    // ---- memory

    /** To sort a line of 2^43 elements takes more memory than there are addresses: nothing is run. */
    @Test
    void aPlanWithoutMemoryForItsKernelsIsNone() {
        Tensor sum = Tensor.zeros(2);
        Captured f = Capture.of(args -> {
            Tensor y = args.tensor(0).cumsum(0);
            Tensor largest = args.tensor(1).topk(2).values();
            sum.add_(largest.add(y));
            return sum.clone();
        });
        Tensor x = Tensor.ones(2);
        Tensor line = Tensor.of(new float[] {3, 1, 4});
        assertThat(f.run(x, line).toFloatArray()).containsExactly(5, 5);
        Tensor endless = Tensor.ones(1).expand(1L << 43);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> f.run(x, endless))
                    .isInstanceOf(OutOfMemoryException.class)
                    .hasMessageContaining("expected free memory for the temporary copies and sums of a plan");
            assertThat(sum.toFloatArray()).containsExactly(5, 5);
        }
        assertThat(f.run(x, line).toFloatArray()).containsExactly(10, 10);
        assertThat(f.stats().hostCalls()).isEqualTo(1);
    }

    @Test
    void tensorsWithoutElementsAreLeftOut() {
        Captured f = Capture.of(args -> {
            Tensor x = args.tensor(0);
            return x.mul(2)
                    .add(1)
                    .matmul(Tensor.ones(3, 2))
                    .sum()
                    .add(x.cumsum(0).numel());
        });
        assertThat(f.run(Tensor.zeros(0, 3)).item()).isZero();
        assertThat(f.run(Tensor.ones(1, 3)).item()).isEqualTo(21);
        Captured nothing = Capture.of(args -> args.tensor(0).mul(2));
        assertThat(nothing.run(Tensor.zeros(0, 3)).numel()).isZero();
    }

    /** Arguments lie elsewhere at each run, now and then at odd places. */
    @Test
    void operandsMayMove() {
        Captured f = Capture.of(args -> {
            Tensor x = args.tensor(0);
            Tensor y = x.mul(3).add(args.tensor(1));
            return y.sum(1).add(x.matmul(y.transpose(0, 1)).sum(0));
        });
        Tensor data = Tensor.rand(new Generator(7), 40, 16);
        List<Tensor> kept = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Tensor a = data.narrow(0, i, 8);
            Tensor b = i % 3 == 0 ? a : data.narrow(0, 30 - i, 8);
            Tensor out = f.run(a, b);
            assertThat(out.toFloatArray()).isEqualTo(f.runEagerly(a, b).toFloatArray());
            kept.add(out);
        }
        assertThat(f.stats().traces()).isEqualTo(1);
        assertThat(f.stats().hostCalls()).isEqualTo(1);
    }

    @Test
    void closedProgramsBeginAnew() {
        Captured f = Capture.of(args -> args.tensor(0).mul(2));
        assertThat(f.run(Tensor.ones(2)).toFloatArray()).containsExactly(2, 2);
        f.close();
        f.close();
        assertThat(f.run(Tensor.ones(2)).toFloatArray()).containsExactly(2, 2);
    }

    // ---- threads

    /** Work that is worth several threads: products, a reduction in pieces, sampling. */
    private static Captured work(Tensor w, Generator g) {
        return Capture.of(args -> {
            Tensor h = args.tensor(0).matmul(w).sigmoid();
            Tensor s = Tensor.rand(g, 64, 300).lt(h).to(DType.FLOAT32);
            Tensor v = s.matmul(w.transpose(0, 1)).sub(args.tensor(0));
            return v.mul(v).sum(0).add(h.sum()).add(s.mean());
        });
    }

    @Test
    void threadsChangeNoBit() {
        Tensor w = Tensor.randn(new Generator(8), 200, 300);
        Tensor x = Tensor.rand(new Generator(9), 64, 200);
        Generator g = new Generator(10);
        Captured f = work(w, g);
        Native.setThreads(1);
        float[] expected = f.run(x).toFloatArray();
        for (int threads : new int[] {2, 3, 1, 8, 70, 2}) {
            Native.setThreads(threads);
            g.manualSeed(10);
            assertThat(f.run(x).toFloatArray()).as("%d threads", threads).isEqualTo(expected);
        }
    }

    /** Eight threads run plans of their own while the pool changes its size. */
    @Test
    void plansDoNotDisturbEachOther() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(9);
        AtomicBoolean stop = new AtomicBoolean();
        Future<?> resizer = callers.submit(() -> {
            for (int i = 0; !stop.get(); i++) {
                Native.setThreads(1 + i % 4);
                Thread.yield();
            }
        });
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int c = 0; c < 8; c++) {
            int seed = c;
            tasks.add(() -> {
                repeat(seed);
                return null;
            });
        }
        try {
            for (Future<Void> f : callers.invokeAll(tasks, 120, TimeUnit.SECONDS)) {
                f.get();
            }
        } finally {
            stop.set(true);
            resizer.get(60, TimeUnit.SECONDS);
            callers.shutdownNow();
        }
    }

    private static void repeat(int seed) {
        try (TensorScope own = new TensorScope()) {
            Tensor w = Tensor.randn(new Generator(seed), 200, 300);
            Tensor x = Tensor.rand(new Generator(seed + 1), 64, 200);
            Generator g = new Generator(seed);
            Captured f = work(w, g);
            float[] expected = f.runEagerly(x).toFloatArray();
            for (int i = 0; i < 30; i++) {
                g.manualSeed(seed);
                assertThat(f.run(x).toFloatArray()).isEqualTo(expected);
            }
        }
    }

    @Test
    void runsOfOneProgramWaitForEachOther() throws Exception {
        Tensor sum = Tensor.zeros(40_000);
        Captured f = Capture.of(args -> {
            sum.add_(args.tensor(0));
            return args.tensor(0).mul(2).sum();
        });
        ExecutorService callers = Executors.newFixedThreadPool(2);
        try {
            List<Callable<Double>> tasks = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int value = i;
                tasks.add(() -> f.run(Tensor.full(new long[] {40_000}, value)).item());
            }
            List<Future<Double>> results = callers.invokeAll(tasks);
            for (int i = 0; i < 40; i++) {
                assertThat(results.get(i).get()).isEqualTo(80_000.0 * i);
            }
        } finally {
            callers.shutdown();
        }
        assertThat(sum.toFloatArray()[39_999]).isEqualTo(780);
    }
}
