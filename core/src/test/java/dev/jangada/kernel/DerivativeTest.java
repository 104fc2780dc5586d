package dev.jangada.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Shape;
import dev.jangada.backend.Operand;
import dev.jangada.reference.ReferenceBackend;
import dev.jangada.testkit.Image;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Derived gradients against central differences in float64. */
class DerivativeTest {
    private static final DType F64 = DType.FLOAT64;
    private static final double H = 1e-6;
    /** Points away from kinks; the functions that are only defined elsewhere see them mapped into their domain. */
    private static final double[] POINTS = {-2.3, -0.7, -0.2, 0.3, 0.8, 1.6, 2.9};

    private static final Set<Op> POSITIVE = EnumSet.of(Op.SQRT, Op.RSQRT, Op.LOG, Op.LOG2, Op.LOG10);
    private static final Set<Op> INSIDE_ONE = EnumSet.of(Op.ASIN, Op.ACOS, Op.ATANH);
    private static final Set<Op> FLAT = EnumSet.of(Op.SIGN, Op.FLOOR, Op.CEIL, Op.ROUND, Op.TRUNC);

    private final ReferenceBackend backend = new ReferenceBackend();
    private final Expr a = Expr.input(0, F64);
    private final Expr b = Expr.input(1, F64);
    private final Expr c = Expr.input(2, F64);
    private final Expr upstream = Expr.input(3, F64);

    private double value(Expr e, double... x) {
        Program p = Program.of(Collections.nCopies(4, F64), List.of(), e);
        Operand[] ins = new Operand[4];
        for (int i = 0; i < 4; i++) {
            ins[i] = Image.of(F64, Shape.SCALAR, i < x.length ? x[i] : 1).upload(backend);
        }
        Image image = Image.of(F64, Shape.SCALAR, 0);
        Operand out = image.upload(backend);
        backend.map(new MapKernel("value", p), new Operand[] {out}, ins, new long[0]);
        double y = image.download(out).getDouble(0);
        for (Operand in : ins) {
            in.storage().release();
        }
        out.storage().release();
        return y;
    }

    /** Compares the derivative by each operand with a central difference, for an incoming gradient of 1.7. */
    private void check(Expr y, double... x) {
        List<Expr> inputs = List.of(a, b, c).subList(0, x.length);
        List<Optional<Expr>> derived = derive(y, upstream, inputs);
        for (int i = 0; i < x.length; i++) {
            double[] up = x.clone();
            double[] down = x.clone();
            up[i] += H;
            down[i] -= H;
            double numeric = 1.7 * (value(y, up) - value(y, down)) / (2 * H);
            double[] at = {1, 1, 1, 1.7};
            System.arraycopy(x, 0, at, 0, x.length);
            double analytic =
                    derived.get(i).isEmpty() ? 0 : value(derived.get(i).get(), at);
            assertThat(Math.abs(analytic - numeric))
                    .as("d %s / d x%d at %s: derived %s, numeric %s", y, i, Arrays.toString(at), analytic, numeric)
                    .isLessThanOrEqualTo(1e-7 * Math.max(1, Math.abs(numeric)));
        }
    }

    @ParameterizedTest
    @EnumSource(Op.class)
    void everyPrimitive(Op op) {
        for (double x : POINTS) {
            try {
                switch (op.arity()) {
                    case 1 -> {
                        if (op != Op.CAST) {
                            check(a.unary(op), inDomain(op, x));
                        }
                    }
                    case 2 -> checkBinary(op, x);
                    case 3 -> {
                        if (op != Op.RANDOM) {
                            check(op == Op.FMA ? Expr.fma(a, b, c) : Expr.select(a.gt(b), b, c), x, 0.4, -1.3);
                        }
                    }
                    default -> assertThat(op.arity()).isZero();
                }
            } catch (DTypeException e) {
                assertThat(op).isIn(Op.NOT, Op.AND, Op.OR, Op.XOR, Op.SHL, Op.SHR);
            }
        }
    }

    private static double inDomain(Op op, double x) {
        return POSITIVE.contains(op)
                ? Math.abs(x)
                : op == Op.LOG1P
                        ? Math.abs(x) - 0.1
                        : INSIDE_ONE.contains(op) ? x / 3 : op == Op.ACOSH ? 1 + Math.abs(x) : x;
    }

    private void checkBinary(Op op, double x) {
        Expr y = a.binary(op, b);
        if (op.isComparison()) {
            assertThat(derive(y.cast(F64), upstream, List.of(a, b))).containsOnly(Optional.empty());
            return;
        }
        for (double z : new double[] {-1.1, 0.45, 1.9}) {
            check(y, op == Op.POW ? Math.abs(x) : x, z);
        }
    }

    @ParameterizedTest
    @EnumSource(Op.class)
    void flatPrimitivesHaveNoGradient(Op op) {
        if (FLAT.contains(op)) {
            assertThat(derive(a.unary(op), upstream, List.of(a))).containsExactly(Optional.empty());
        }
    }

    @Test
    void compositions() {
        check(a.mul(a.sigmoid()).add(b.tanh().div(a.square().add(1))), 0.7, -0.4);
        check(a.exp().log1p().mul(a).sub(b.mul(a)), 0.7, -0.4);
        check(Expr.select(a.gt(0), a.sqrt(), b.exp()), 0.7, -0.4);
        check(Expr.fma(a, a, a), 1.3);
        check(a.max(b).min(c), 0.3, 0.9, 0.7);
        check(a.cast(DType.FLOAT32).cast(F64).mul(0).add(a.mul(b)), 0.3, 0.9);
    }

    @ParameterizedTest
    @CsvSource({
        "ABS, 0, 0, 0, NaN",
        "MAX, 2, 2, 0.5, 0.5",
        "MIN, 2, 2, 0.5, 0.5",
        "MAX, 1, 2, 0, 1",
        "MIN, 1, 2, 1, 0",
        "POW, 0, 2, 0, 0",
        "POW, 3, 0, 0, 1.0986122886681098",
        "POW, 0, 0, 0, 0",
        "POW, -2, 3, 12, NaN",
        "COPYSIGN, 0, -1, 0, NaN",
        "REMAINDER, 5.5, 2, 1, -2",
        "FMOD, -5.5, 2, 1, 2"
    })
    void kinks(Op op, double x, double z, double da, double db) {
        Expr y = op.arity() == 1 ? a.unary(op) : a.binary(op, b);
        List<Optional<Expr>> d = derive(y, Expr.constant(1.0, F64), List.of(a, b));
        assertThat(value(d.get(0).orElseThrow(), x, z)).isEqualTo(da);
        if (d.get(1).isPresent()) {
            assertThat(value(d.get(1).orElseThrow(), x, z)).isEqualTo(Double.valueOf(db));
        }
    }

    @Test
    void typesOfGradients() {
        Expr half = Expr.input(0, DType.FLOAT16);
        Expr y = half.mul(half).cast(DType.FLOAT16);
        Expr g = derive(y, Expr.input(1, DType.FLOAT16), List.of(half)).get(0).orElseThrow();
        assertThat(g.type()).isEqualTo(DType.FLOAT32);
        Expr wide = Expr.input(0, DType.FLOAT32);
        Expr narrow = wide.cast(F64).exp();
        assertThat(derive(narrow, upstream, List.of(wide)).get(0).orElseThrow().type())
                .isEqualTo(DType.FLOAT32);
        Expr whole = Expr.input(0, DType.INT32);
        assertThat(derive(whole.cast(F64).exp(), upstream, List.of(whole))).containsExactly(Optional.empty());
        assertThat(derive(b.exp(), upstream, List.of(a))).containsExactly(Optional.empty());
    }

    /** Where the value was stored, the derivative reads it instead of computing it again. */
    @Test
    void storedResultsAreUsed() {
        Expr stored = Expr.input(2, F64);
        Expr g = Derivative.of(a.tanh(), stored, upstream, List.of(a)).get(0).orElseThrow();
        Program p = Program.of(Collections.nCopies(4, F64), List.of(), g);
        assertThat(p.uses(Op.TANH)).isFalse();
        assertThat(value(g, 0.3, 0, Math.tanh(0.3), 1)).isCloseTo(1 - Math.pow(Math.tanh(0.3), 2), within(1e-15));
        Expr inner = Derivative.of(a.exp().exp(), stored, upstream, List.of(a))
                .get(0)
                .orElseThrow();
        assertThat(value(inner, 0.3, 0, 2, 1)).isCloseTo(2 * Math.exp(0.3), within(1e-15));
    }

    private static List<Optional<Expr>> derive(Expr y, Expr upstream, List<Expr> inputs) {
        return Derivative.of(y, y, upstream, inputs);
    }
}
