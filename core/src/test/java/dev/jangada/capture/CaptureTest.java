package dev.jangada.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.AutogradException;
import dev.jangada.CaptureException;
import dev.jangada.ClosedTensorException;
import dev.jangada.FusedUpdate;
import dev.jangada.Generator;
import dev.jangada.IndexException;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.kernel.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CaptureTest {
    private static final FusedUpdate ADD = FusedUpdate.of("add", 1, 0, 1, (x, s) -> new Expr[] {x[0].add(s[0])});

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = new TensorScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Tensor vector(float... values) {
        return Tensor.of(values);
    }

    // ---- plans and what they depend on

    @Test
    void eachSignatureIsTracedOnce() {
        int[] traced = {0};
        Captured f = Capture.of(args -> {
            traced[0]++;
            return args.tensor(0).mul(args.intValue(1));
        });
        assertThat(f.run(vector(1, 2), 3).toFloatArray()).containsExactly(3, 6);
        assertThat(f.run(vector(5, 7), 3).toFloatArray()).containsExactly(15, 21);
        assertThat(traced[0]).isEqualTo(1);
        assertThat(f.run(vector(1, 2), 4).toFloatArray()).containsExactly(4, 8);
        assertThat(f.stats().lastReason()).contains("argument 1: 3, now 4");
        assertThat(f.run(vector(1, 2, 3), 3).toFloatArray()).containsExactly(3, 6, 9);
        assertThat(f.stats().lastReason())
                .contains("argument 0")
                .contains("[2]")
                .contains("[3]");
        assertThat(f.run(vector(1, 2), 3).toFloatArray()).containsExactly(3, 6);
        assertThat(traced[0]).isEqualTo(3);
        assertThat(f.stats().plans()).isEqualTo(3);
        assertThat(f.stats().traces()).isEqualTo(3);
    }

    @Test
    void guardsChooseThePlan() {
        int[] k = {1};
        Captured f = Capture.of(args -> {
            Tensor x = args.tensor(0);
            for (int i = 0; i < Capture.guard(() -> k[0]); i++) {
                x = x.mul(2);
            }
            return x;
        });
        assertThat(f.run(vector(1)).item()).isEqualTo(2);
        k[0] = 3;
        assertThat(f.run(vector(1)).item()).isEqualTo(8);
        assertThat(f.stats().lastReason()).contains("CaptureTest.java").contains("1, now 3");
        k[0] = 1;
        assertThat(f.run(vector(1)).item()).isEqualTo(2);
        assertThat(f.stats().traces()).isEqualTo(2);
    }

    @Test
    void gradientModeChoosesThePlan() {
        Captured f = Capture.of(args -> args.tensor(0).mul(Autograd.isGradEnabled() ? 2 : 3));
        assertThat(f.run(vector(1)).item()).isEqualTo(2);
        try (Autograd.Mode off = Autograd.noGrad()) {
            assertThat(f.run(vector(1)).item()).isEqualTo(3);
        }
        assertThat(f.stats().traces()).isEqualTo(2);
    }

    @Test
    void partsOfOneTensorShareAPlan() {
        Captured f = Capture.of(args -> args.tensor(0).sum());
        Tensor data = Tensor.arange(12).reshape(6, 2);
        assertThat(f.run(data.narrow(0, 0, 2)).item()).isEqualTo(6);
        assertThat(f.run(data.narrow(0, 4, 2)).item()).isEqualTo(38);
        assertThat(f.stats().traces()).isEqualTo(1);
    }

    @Test
    void plansAreBounded() {
        Captured f = Capture.of(args -> args.tensor(0).add(args.intValue(1)));
        for (int i = 0; i < 40; i++) {
            assertThat(f.run(vector(1), i).item()).isEqualTo(1 + i);
        }
        assertThat(f.stats().plans()).isEqualTo(16);
    }

    // ---- state

    @Test
    void tensorsFromOutsideAreChangedInPlace() {
        Tensor sum = Tensor.zeros(2);
        Captured f = Capture.all(args -> {
            sum.add_(args.tensor(0));
            return List.of();
        });
        f.runAll(vector(1, 2));
        f.runAll(vector(3, 4));
        assertThat(sum.toFloatArray()).containsExactly(4, 6);
    }

    @Test
    void argumentsMayShareMemoryWithWhatIsChanged() {
        Tensor sum = vector(1, 2);
        Captured f = Capture.of(args -> {
            Tensor before = args.tensor(0).mul(10);
            sum.add_(1);
            return args.tensor(0).mul(10).sub(before);
        });
        assertThat(f.run(vector(5, 5)).toFloatArray()).containsExactly(0, 0);
        assertThat(f.run(sum).toFloatArray()).containsExactly(10, 10);
        assertThat(f.stats().lastReason()).contains("shares memory");
    }

    @Test
    void hostScalarsAreAskedAtEachRun() {
        double[] lr = {1};
        Tensor x = Tensor.zeros(1);
        Captured f = Capture.all(args -> {
            ADD.apply(new Tensor[] {x}, new Tensor[0], () -> new double[] {lr[0]++});
            return List.of();
        });
        f.runAll();
        f.runAll();
        f.runAll();
        assertThat(x.item()).isEqualTo(6);
        assertThat(lr[0]).isEqualTo(4);
    }

    @Test
    void generatorsAdvanceAsEagerly() {
        Generator g = new Generator(3);
        Captured f = Capture.of(args -> {
            g.manualSeed(args.intValue(0));
            return Tensor.rand(g, 5).add(Tensor.rand(g, 5));
        });
        float[] eager = f.runEagerly(4).toFloatArray();
        long after = g.offset();
        g.manualSeed(77);
        assertThat(f.run(4).toFloatArray()).isEqualTo(eager);
        assertThat(g.offset()).isEqualTo(after);
        assertThat(f.run(4).toFloatArray()).isEqualTo(eager);
    }

    @Test
    void gradientsAreThoseOfTheRun() {
        Tensor w = vector(1, 2).requiresGrad_();
        Captured f = Capture.of(args -> {
            w.zeroGrad();
            Tensor loss = w.mul(args.tensor(0)).sum();
            loss.backward();
            return loss;
        });
        f.run(vector(3, 4));
        Tensor kept = w.grad();
        f.run(vector(5, 6));
        assertThat(kept.toFloatArray()).as("a gradient that somebody holds").containsExactly(3, 4);
        assertThat(w.grad().toFloatArray()).containsExactly(5, 6);
        assertThat(f.stats().traces()).isEqualTo(1);
    }

    @Test
    void gradientsOfArgumentsArrive() {
        Captured f = Capture.of(args -> {
            Tensor loss = args.tensor(0).square().sum();
            loss.backward();
            return loss;
        });
        Tensor x = vector(1, 2).requiresGrad_();
        Tensor y = vector(3, 4).requiresGrad_();
        f.run(x);
        f.run(y);
        f.run(y);
        assertThat(x.grad().toFloatArray()).containsExactly(2, 4);
        assertThat(y.grad().toFloatArray()).containsExactly(12, 16);
        assertThat(f.stats().traces())
                .as("without and with a gradient at the start")
                .isEqualTo(2);
    }

    @Test
    void replacedParametersAreSeen() {
        Tensor w = vector(1, 2);
        Captured f = Capture.of(args -> args.tensor(0).mul(w));
        assertThat(f.run(vector(1, 1)).toFloatArray()).containsExactly(1, 2);
        w.setData(vector(5, 6));
        assertThat(f.run(vector(1, 1)).toFloatArray()).containsExactly(5, 6);
        w.setData(Tensor.of(new double[] {7, 8}));
        assertThat(f.run(vector(1, 1)).toDoubleArray()).containsExactly(7, 8);
        assertThat(f.stats().lastReason()).contains("other memory");
    }

    @Test
    void closedParametersAreRefused() {
        Tensor w = vector(1, 2);
        Captured f = Capture.of(args -> args.tensor(0).mul(w));
        f.run(vector(1, 1));
        w.close();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> f.run(vector(1, 1)))
                    .isInstanceOf(ClosedTensorException.class)
                    .hasMessageContaining("CaptureTest.java:");
        }
        Captured g = Capture.of(args -> {
            Tensor x = args.tensor(0).add(1);
            x.close();
            return x.mul(2);
        });
        assertThatThrownBy(() -> g.run(vector(1)))
                .isInstanceOf(ClosedTensorException.class)
                .hasMessageContaining("CaptureTest.java:");
    }

    @Test
    void resizedParametersAreSeen() {
        Tensor w = vector(1, 2);
        Captured f = Capture.of(args -> args.tensor(0).mul(w));
        f.run(vector(1, 1));
        w.setData(vector(1, 2, 3));
        assertThatThrownBy(() -> f.run(vector(1, 1))).isInstanceOf(ShapeException.class);
        assertThat(f.run(vector(1, 1, 2)).toFloatArray()).containsExactly(1, 2, 6);
    }

    @Test
    void variablesThatNameAnotherTensorAreGuarded() {
        Tensor[] w = {vector(1, 2)};
        Captured f = Capture.of(args -> args.tensor(0).mul(Capture.guard(() -> w[0])));
        assertThat(f.run(vector(1, 1)).toFloatArray()).containsExactly(1, 2);
        Tensor first = w[0];
        w[0] = vector(5, 6);
        assertThat(f.run(vector(1, 1)).toFloatArray()).containsExactly(5, 6);
        w[0] = first;
        assertThat(f.run(vector(1, 1)).toFloatArray()).containsExactly(1, 2);
        assertThat(f.stats().traces()).isEqualTo(2);
    }

    @Test
    void closingAnArgumentInsideEndsOnlyTheFunctionsHold() {
        Captured f = Capture.of(args -> {
            try (Tensor x = args.tensor(0)) {
                return x.add(1);
            }
        });
        Tensor x = vector(1);
        f.run(x);
        assertThat(f.run(x).item()).isEqualTo(2);
        assertThat(x.isClosed()).isFalse();
    }

    // ---- functions in functions

    @Test
    void capturedFunctionsMayCallEachOther() {
        Tensor count = Tensor.zeros();
        Captured inner = Capture.of(args -> {
            count.add_(1);
            return args.tensor(0).mul(args.intValue(1));
        });
        Captured outer =
                Capture.of(args -> inner.run(inner.run(args.tensor(0), 2), 3).add(1));
        assertThat(outer.run(vector(1)).item()).isEqualTo(7);
        assertThat(outer.run(vector(2)).item()).isEqualTo(13);
        assertThat(inner.run(vector(2), 5).item()).isEqualTo(10);
        assertThat(count.item()).isEqualTo(5);
    }

    @Test
    void loopsAreTracedOnce() {
        int[] traced = {0};
        Captured f = Capture.of(args -> Capture.loop(args.count(1), args.tensor(0), (x, i) -> {
            traced[0]++;
            return x.mul(2).add(i);
        }));
        assertThat(f.run(vector(1), 3).item()).isEqualTo(12);
        assertThat(f.run(vector(1), 0).item()).isEqualTo(1);
        assertThat(f.run(vector(1), 5).item()).isEqualTo(58);
        assertThat(traced[0]).isEqualTo(1);
        assertThat(f.runEagerly(vector(1), 5).item()).isEqualTo(58);
        assertThat(f.stats().traces()).isEqualTo(1);
    }

    @Test
    void loopsMaySwapTheirState() {
        Captured f = Capture.all(args -> Capture.loopAll(
                args.count(1), List.of(args.tensor(0), args.tensor(0).add(10)), (s, i) -> List.of(s.get(1), s.get(0))));
        for (boolean captured : new boolean[] {true, false}) {
            List<Tensor> out = captured ? f.runAll(vector(1), 3) : f.runAllEagerly(vector(1), 3);
            assertThat(out.get(0).item()).isEqualTo(11);
            assertThat(out.get(1).item()).isEqualTo(1);
        }
    }

    @Test
    void loopsKeepTheFormOfTheirState() {
        Captured f = Capture.of(args -> Capture.loop(2, args.tensor(0), (x, i) -> x.sum()));
        assertThatThrownBy(() -> f.run(vector(1, 2)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[loop]");
        assertThatThrownBy(() -> Capture.loop(-1, vector(1), (x, i) -> x)).isInstanceOf(ArgumentException.class);
    }

    // ---- what cannot be captured

    @Test
    void readingAValueNamesTheLine() {
        Captured f = Capture.of(args -> args.tensor(0).sum().item() > 0
                ? args.tensor(0)
                : args.tensor(0).neg());
        assertThatThrownBy(() -> f.run(vector(1)))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("CaptureTest.java:")
                .hasMessageContaining("where()");
        assertThat(f.runEagerly(vector(-1)).item()).isEqualTo(1);
    }

    @Test
    void shapesThatDependOnDataAreRefused() {
        Captured f =
                Capture.of(args -> args.tensor(0).maskedSelect(args.tensor(0).gt(0)));
        assertThatThrownBy(() -> f.run(vector(1, -1)))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("CaptureTest.java:");
    }

    @Test
    void hostRandomNumbersAreRefused() {
        Generator g = new Generator(1);
        Captured f = Capture.of(args -> args.tensor(0).mul((double) g.draw(4).offset()));
        assertThatThrownBy(() -> f.run(vector(1)))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("CaptureTest.java:");
        assertThat(g.offset()).isZero();
    }

    @Test
    void graphsFromOutsideAreRefused() {
        Tensor w = vector(1, 2).requiresGrad_();
        Tensor y = w.mul(2);
        Captured f = Capture.of(args -> {
            Tensor loss = y.mul(args.tensor(0)).sum();
            loss.backward();
            return loss;
        });
        assertThatThrownBy(() -> f.run(vector(1, 1)))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("MulBackward0");
        assertThat(w.hasGrad()).isFalse();
    }

    @Test
    void sumsFromOutsideGetNoGraph() {
        Tensor w = vector(1, 2).requiresGrad_();
        Tensor sum = Tensor.zeros();
        Captured f = Capture.of(args -> {
            Tensor loss = w.mul(args.tensor(0)).sum();
            sum.add_(loss);
            return Tensor.zeros(2);
        });
        assertThat(f.run(vector(1, 1)).toFloatArray()).containsExactly(0, 0);
        f.run(vector(1, 1));
        assertThat(sum.item()).isEqualTo(6);
        assertThat(sum.requiresGrad()).isFalse();
    }

    @Test
    void functionsMayComputeNothing() {
        Tensor w = vector(1, 2);
        Captured f = Capture.all(args -> List.of(
                args.tensor(0), w, args.tensor(0).select(0, 1), Tensor.empty(3).clone()));
        List<Tensor> out = f.runAll(vector(5, 6));
        assertThat(out.get(0).toFloatArray()).containsExactly(5, 6);
        assertThat(out.get(1).sharesStorage(w)).isTrue();
        assertThat(out.get(2).item()).isEqualTo(6);
        assertThat(out.get(3).numel()).isEqualTo(3);
        assertThatThrownBy(() -> Capture.all(args -> List.of()).run())
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("runAll");
    }

    @Test
    void tensorsOfTheFunctionStayInside() {
        List<Tensor> leaked = new ArrayList<>();
        Captured f = Capture.of(args -> {
            leaked.add(args.tensor(0).add(1));
            return leaked.get(0);
        });
        f.run(vector(1));
        assertThatThrownBy(() -> leaked.get(0).add(1))
                .isInstanceOf(ClosedTensorException.class)
                .hasMessageContaining("return it from the function");
    }

    @Test
    void resultsHaveNoGraph() {
        Tensor w = vector(1, 2).requiresGrad_();
        Tensor y = Capture.of(args -> args.tensor(0).mul(w).sum()).run(vector(3, 4));
        assertThat(y.requiresGrad()).isFalse();
        assertThatThrownBy(y::backward)
                .isInstanceOf(AutogradException.class)
                .hasMessageContaining("within a captured function");
    }

    @Test
    void aPrintedTensorIsNamedByTheLineThatPrintsIt() {
        Captured f = Capture.of(args -> {
            assertThat(String.valueOf(args.tensor(0).add(1))).isNotEmpty();
            return args.tensor(0);
        });
        assertThatThrownBy(() -> f.run(vector(1)))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("CaptureTest.java")
                .hasMessageNotContaining("String.java");
    }

    // ---- failures

    @Test
    void aFunctionThatFailsHasChangedNothing() {
        Tensor w = vector(1, 2).requiresGrad_();
        w.setGrad(vector(7, 7));
        Tensor count = Tensor.zeros();
        Generator g = new Generator(5);
        boolean[] fail = {true};
        Captured f = Capture.of(args -> {
            count.add_(1);
            w.zeroGrad();
            Tensor loss = w.mul(Tensor.rand(g, 2)).sum();
            loss.backward();
            ADD.apply(new Tensor[] {count}, new Tensor[0], () -> new double[] {1});
            if (fail[0]) {
                throw new IllegalStateException("on purpose");
            }
            return loss;
        });
        assertThatThrownBy(f::run).hasMessage("on purpose");
        assertThat(w.grad().toFloatArray()).containsExactly(7, 7);
        assertThat(count.item()).isZero();
        assertThat(g.offset()).isZero();
        fail[0] = false;
        f.run();
        assertThat(count.item()).isEqualTo(2);
        assertThat(g.offset()).isEqualTo(1);
    }

    @Test
    void aRunThatFailsLeavesStateAsItWas() {
        Tensor running = Tensor.zeros(3);
        Tensor w = vector(1, 2, 3);
        Captured f = Capture.of(args -> {
            running.mul_(0.5).add_(w);
            Tensor picked = w.gather(0, args.tensor(0));
            w.add_(1);
            return picked.sum();
        });
        f.run(Tensor.of(new long[] {0, 2}));
        float[] before = running.toFloatArray();
        assertThatThrownBy(() -> f.run(Tensor.of(new long[] {0, 3})))
                .isInstanceOf(IndexException.class)
                .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("as they were before the run"));
        assertThat(running.toFloatArray()).isEqualTo(before);
        assertThat(w.toFloatArray()).containsExactly(2, 3, 4);
        assertThat(f.run(Tensor.of(new long[] {0, 2})).item()).isEqualTo(6);
    }

    @Test
    void classNumbersAreCheckedAtEachRun() {
        Captured f = Capture.of(args -> args.tensor(0).oneHot(3).sum());
        assertThat(f.run(Tensor.of(new long[] {0, 2})).itemLong()).isEqualTo(2);
        for (long wrong : new long[] {3, -1}) {
            assertThatThrownBy(() -> f.run(Tensor.of(new long[] {0, wrong}))).isInstanceOf(IndexException.class);
        }
        assertThat(f.stats().traces()).isEqualTo(1);
        Captured unknown = Capture.of(args -> args.tensor(0).oneHot(-1));
        assertThatThrownBy(() -> unknown.run(Tensor.of(new long[] {0, 2})))
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("CaptureTest.java:");
    }

    @Test
    void aWrongNumberOfTurnsLeavesStateAsItWas() {
        Tensor outer = Tensor.zeros(1);
        Tensor inner = Tensor.zeros(1);
        Captured f = Capture.of(args -> {
            outer.add_(1);
            return Capture.loop(args.count(0), outer.clone(), (x, i) -> {
                inner.add_(1);
                return Capture.loop(args.count(1), x, (y, j) -> y.add(1));
            });
        });
        assertThat(f.run(2, 3).item()).isEqualTo(7);
        for (Object[] wrong : new Object[][] {{-1, 1}, {1, -1}}) {
            assertThatThrownBy(() -> f.run(wrong))
                    .isInstanceOf(ArgumentException.class)
                    .satisfies(
                            e -> assertThat(e.getSuppressed()[0]).hasMessageContaining("as they were before the run"));
            assertThat(outer.item()).isEqualTo(1);
            assertThat(inner.item()).isEqualTo(2);
        }
        assertThat(f.run(1, 0).item()).isEqualTo(2);
        assertThat(f.stats().traces()).isEqualTo(1);
    }

    @Test
    void wrongArgumentsAreRefused() {
        Captured f = Capture.of(args -> args.tensor(0).add(args.intValue(1)));
        assertThatThrownBy(() -> f.run(vector(1))).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> f.run(1, 1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> f.run(vector(1), "x")).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> f.run(vector(1), null)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Capture.of(args -> null).run()).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(f::stats).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void runsWaitForEachOther() throws Exception {
        Tensor sum = Tensor.zeros(100);
        Captured f = Capture.of(args -> {
            sum.add_(args.tensor(0));
            return args.tensor(0).mul(2).add(1);
        });
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Float>> tasks = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                int value = i;
                tasks.add(() -> f.run(Tensor.full(new long[] {100}, value)).toFloatArray()[7]);
            }
            List<Future<Float>> results = pool.invokeAll(tasks);
            for (int i = 0; i < 40; i++) {
                assertThat(results.get(i).get()).isEqualTo(2 * i + 1);
            }
        } finally {
            pool.shutdown();
        }
        assertThat(sum.toFloatArray()[99]).isEqualTo(780);
    }

    // ---- passes

    @Test
    void equalThingsAreComputedOnceAndNeighboursMerged() {
        Tensor w = Tensor.rand(6, 6);
        Captured f = Capture.of(args -> {
            Tensor unused = args.tensor(0).exp();
            Tensor a = args.tensor(0).matmul(w).sigmoid();
            Tensor b = args.tensor(0).matmul(w).add(1);
            return a.mul(b).add(Tensor.zeros(6)).sum().mul(unused.numel());
        });
        Tensor x = Tensor.rand(4, 6);
        assertThat(f.run(x).item()).isEqualTo(f.runEagerly(x).item());
        assertThat(f.stats().nodesAfter()).as(f.explain()).isEqualTo(2);
        assertThat(f.stats().nodesBefore()).isGreaterThan(7);
        assertThat(f.stats().arenaBytes()).isLessThan(f.stats().intermediateBytes() / 2);
        assertThat(f.explain()).contains("matmul").contains("argument0").contains("2 launches of 2 kernels");
        assertThat(f.dot()).startsWith("digraph").contains("->").endsWith("}\n");
        assertThat(f.stats().flops()).isGreaterThan(2 * 4 * 6 * 6);
    }
}
