package dev.jangada.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.FusedUpdate;
import dev.jangada.Generator;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.kernel.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What plans look like: which kernels become one launch, and where results lie. */
class PassesTest {
    private static final FusedUpdate STEP =
            FusedUpdate.of("step", 1, 1, 1, (x, s) -> new Expr[] {x[0].sub(x[1].mul(s[0]))});

    private TensorScope scope;
    private Generator generator;

    @BeforeEach
    void open() {
        scope = new TensorScope();
        generator = new Generator(5);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private Tensor random(long... shape) {
        return Tensor.empty(shape).uniform_(-1, 1, generator);
    }

    /** Returns the function's plan after a run whose results are those of an eager run, bit for bit. */
    private static Captured planned(Function<Arguments, List<Tensor>> function, Object... arguments) {
        Captured f = Capture.all(function);
        List<Tensor> eager = f.runAllEagerly(arguments);
        assertSame(f.runAll(arguments), eager, f);
        return f;
    }

    private static void assertSame(List<Tensor> captured, List<Tensor> eager, Captured f) {
        assertThat(captured).hasSameSizeAs(eager);
        for (int i = 0; i < eager.size(); i++) {
            assertThat(captured.get(i).toDoubleArray())
                    .as("result %d of%n%s", i, f.explain())
                    .isEqualTo(eager.get(i).toDoubleArray());
        }
    }

    private static void assertLaunches(Captured f, long expected) {
        assertThat(f.stats().launches()).as(f.explain()).isEqualTo(expected);
    }

    // ---- launches of several

    @Test
    void updatesOfAllParametersAreOneLaunch() {
        List<Tensor> weights = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            weights.add(random(i, 3));
        }
        double[] lr = {0.5};
        Captured f = Capture.all(args -> {
            weights.forEach(
                    w -> STEP.apply(new Tensor[] {w}, new Tensor[] {args.tensor(0)}, () -> new double[] {lr[0]}));
            return List.of();
        });
        double before = weights.get(4).sum().item();
        f.runAll(Tensor.ones(1, 3));
        assertThat(weights.get(4).sum().item()).isCloseTo(before - 7.5, within(1e-5));
        lr[0] = 2;
        f.runAll(Tensor.ones(1, 3));
        assertThat(weights.get(4).sum().item()).isCloseTo(before - 37.5, within(1e-5));
        assertLaunches(f, 1);
        assertThat(f.stats().traces()).isEqualTo(1);
    }

    @Test
    void independentSumsAreOneLaunch() {
        Captured f = planned(
                args -> {
                    Tensor x = args.tensor(0);
                    return List.of(x.sum(0), x.exp().sum(1), x.max().add(1));
                },
                random(6, 7));
        assertLaunches(f, 1);
    }

    @Test
    void whatDependsOnEachOtherIsNotOneLaunch() {
        Captured f = planned(
                args -> {
                    Tensor x = args.tensor(0);
                    Tensor mean = x.mean(0);
                    return List.of(x.sub(mean).square().sum(0), mean);
                },
                random(6, 7));
        assertLaunches(f, 2);
    }

    @Test
    void whatIsOverwrittenIsReadBefore() {
        Tensor state = random(4);
        Tensor twin = state.clone();
        Function<Tensor, Function<Arguments, List<Tensor>>> program = s -> args -> {
            Tensor old = s.mul(2);
            s.add_(args.tensor(0));
            Tensor sum = s.sum();
            s.mul_(3);
            return List.of(old, sum, s.add(1));
        };
        Tensor x = random(4);
        List<Tensor> eager = Capture.all(program.apply(twin)).runAllEagerly(x);
        Captured f = Capture.all(program.apply(state));
        assertSame(f.runAll(x), eager, f);
        assertThat(state.toFloatArray()).isEqualTo(twin.toFloatArray());
    }

    @Test
    void sumsDoNotWaitWhereThatNeedsMoreMemory() {
        Captured f = planned(
                args -> {
                    Tensor x = args.tensor(0);
                    List<Tensor> out = new ArrayList<>();
                    for (int i = 0; i < 6; i++) {
                        x = x.matmul(args.tensor(1));
                        out.add(x.sum(0));
                    }
                    return out;
                },
                random(32, 32),
                random(32, 32));
        assertThat(f.stats().arenaBytes()).as(f.explain()).isLessThanOrEqualTo(2 * 32 * 32 * 4);
    }

    // ---- products

    @Test
    void everythingThatFollowsAProductComesOutOfIt() {
        Captured f = planned(
                args -> {
                    Tensor z = args.tensor(0).matmul(args.tensor(1)).add(args.tensor(2));
                    return List.of(z, z.sigmoid(), z.gt(0), z.relu().mul(args.tensor(3)));
                },
                random(5, 6),
                random(6, 7),
                random(7),
                random(5, 7));
        assertLaunches(f, 1);
        assertThat(f.stats().arenaBytes()).as(f.explain()).isZero();
    }

    @Test
    void equalProductsAreComputedOnceWhateverFollowsThem() {
        Captured f = planned(
                args -> {
                    Tensor x = args.tensor(0);
                    Tensor w = args.tensor(1);
                    Tensor first = x.matmul(w).tanh();
                    Tensor second = first.matmul(w.t());
                    return List.of(second, x.matmul(w).exp().sum());
                },
                random(5, 6),
                random(6, 7));
        assertLaunches(f, 3);
    }

    @Test
    void sumsOfProductsAreMadeInTheResult() {
        Captured f = planned(
                args -> {
                    Tensor x = args.tensor(0);
                    Tensor w = args.tensor(1);
                    return List.of(x.matmul(w).add(w.matmul(x)).add(x.t().matmul(w)));
                },
                random(9, 9),
                random(9, 9));
        assertLaunches(f, 3);
        assertThat(f.stats().arenaBytes()).as(f.explain()).isZero();
    }

    @Test
    void partsOfOneTensorAreWrittenWhereTheyGo() {
        Captured f = planned(
                args -> {
                    Tensor up = args.tensor(0).matmul(args.tensor(1));
                    Tensor down = up.matmul(args.tensor(1).t());
                    return List.of(Tensor.cat(0, up.exp(), up.matmul(args.tensor(2))), down.sum());
                },
                random(5, 6),
                random(6, 7),
                random(7, 7));
        assertThat(f.explain()).doesNotContain("copy");
    }

    // ---- numbers

    @Test
    void workOfLoopsIsThatOfTheirTurns() {
        Captured f = Capture.of(args ->
                Capture.loop(args.count(1), args.tensor(0), (x, i) -> x.mul(2).add(1)));
        Tensor x = random(100);
        f.run(x, 3);
        long three = f.stats().flops();
        f.run(x, 30);
        assertThat(f.stats().flops()).isGreaterThan(8 * three);
        assertThat(f.stats().traces()).isEqualTo(1);
        assertThat(f.stats().launches())
                .isGreaterThanOrEqualTo(30)
                .isGreaterThan(f.stats().nodesAfter());
        assertThat(f.explain()).contains("repeat, 30 times");
    }

    @Test
    void statisticsSayWhatThePlanIs() {
        Captured f =
                Capture.of(args -> args.tensor(0).matmul(args.tensor(0)).relu().sum());
        f.run(random(8, 8));
        f.run(random(4, 4));
        CaptureStats s = f.stats();
        assertThat(s.nodesBefore()).isEqualTo(3);
        assertThat(s.nodesAfter()).isEqualTo(2);
        assertThat(s.kernels()).isEqualTo(2);
        assertThat(s.launches()).isEqualTo(2);
        assertThat(s.hostCalls()).isBetween(1L, 2L);
        assertThat(s.flops()).isBetween(2L * 4 * 4 * 4, 3L * 4 * 4 * 4);
        assertThat(s.bytesMoved()).isEqualTo(4 * (16 + 16 + 16) + 4 * (16 + 1));
        assertThat(s.arenaBytes()).isEqualTo(64);
        assertThat(s.intermediateBytes()).isEqualTo(2 * 64);
        assertThat(s.plans()).isEqualTo(2);
        assertThat(s.traces()).isEqualTo(2);
        assertThat(s.traceMillis()).isPositive();
        assertThat(s.lastReason()).contains("argument 0").contains("[8, 8]").contains("[4, 4]");
        assertThat(f.explain()).contains("2 launches of 2 kernels for 3").contains("because of argument 0");
    }

    // ---- what must stay in order

    @Test
    void drawsAfterALoopDoNotOvertakeThoseInTheLoop() {
        Tensor weight = random(6, 5);
        Generator draws = new Generator(3);
        Captured f = Capture.all(args -> {
            Tensor p = args.tensor(0).matmul(weight).sigmoid();
            Tensor chain =
                    Capture.loop(args.count(1), p, (s, i) -> s.bernoulli(draws).mul(0.5));
            return List.of(chain, p.bernoulli(draws));
        });
        Tensor x = random(4, 6);
        List<Tensor> eager = f.runAllEagerly(x, 3);
        draws.manualSeed(3);
        assertSame(f.runAll(x, 3), eager, f);
    }

    @Test
    void whatADivisionByAFusedSumInterruptsIsTakenBack() {
        assertTakenBack(Shape.of(2), Shape.of(3, 2), x -> x.sum(0));
    }

    @Test
    void whatADivisionByAFusedProductInterruptsIsTakenBack() {
        assertTakenBack(Shape.of(2, 2), Shape.of(2, 2), x -> x.matmul(x));
    }

    private static void assertTakenBack(Shape dividend, Shape argument, UnaryOperator<Tensor> divisor) {
        Tensor count = Tensor.zeros(DType.INT64, 2);
        Captured f = Capture.of(args -> {
            count.add_(1);
            return Tensor.ones(DType.INT64, dividend.toArray()).mul(7).floorDivide(divisor.apply(args.tensor(0)));
        });
        f.run(Tensor.ones(DType.INT64, argument.toArray()));
        Tensor zeros = Tensor.zeros(DType.INT64, argument.toArray());
        assertThatThrownBy(() -> f.run(zeros)).isInstanceOf(ArgumentException.class);
        assertThat(count.toLongArray()).containsOnly(1);
    }

    /** A function that changes tensors of its own, and its argument. */
    private record Program(Captured function, Tensor argument) {}

    /** Runs a program that is made anew for each way. */
    private static void assertBothWaysAgree(int runs, Supplier<Program> make) {
        Program eager = make.get();
        Program captured = make.get();
        for (int i = 0; i < runs; i++) {
            double[] expected = eager.function.runEagerly(eager.argument).toDoubleArray();
            assertThat(captured.function.run(captured.argument).toDoubleArray())
                    .as("run %d", i)
                    .isEqualTo(expected);
        }
    }

    @Test
    void aGradientThatIsAnArgumentTooMayBeChanged() {
        Tensor x = random(3, 3);
        assertBothWaysAgree(3, () -> {
            Tensor p = x.clone().requiresGrad_();
            p.mul(x).sum().backward();
            Captured f = Capture.of(args -> {
                Tensor before = args.tensor(0).exp();
                p.grad().mul_(0.5);
                return before.sub(args.tensor(0)).matmul(args.tensor(0));
            });
            return new Program(f, p.grad());
        });
    }

    @Test
    void aWeightMayBeGivenItsOwnTransposedView() {
        assertBothWaysAgree(2, () -> {
            Tensor w = Tensor.arange(4096).view(64, 64).to(DType.FLOAT32);
            Captured f = Capture.of(args -> w.mul_(0.5).add_(args.tensor(0)));
            return new Program(f, w.detach().t());
        });
    }
}
