package dev.jangada.ops;

import static dev.jangada.ops.ElementwiseOp.Result.FLOAT;
import static dev.jangada.ops.ElementwiseOp.Result.SAME;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;

/** Functions that guard against overflow, infinities and NaN, and comparisons with a tolerance. */
public final class Guarded {
    private Guarded() {}

    /** Two equal infinities give themselves; the gradient is the softmax of both. */
    private static final ElementwiseOp LOG_ADD_EXP = ElementwiseOp.of(
            "Logaddexp",
            2,
            0,
            FLOAT,
            (x, p) -> {
                Expr sum = x[0].max(x[1]).add(x[0].sub(x[1]).abs().neg().exp().log1p());
                return Expr.select(x[0].eq(x[1]).and(x[0].abs().eq(Double.POSITIVE_INFINITY)), x[0], sum);
            },
            (g, x, y, p) -> g.div(x[1].sub(x[0]).exp().add(1)),
            (g, x, y, p) -> g.div(x[0].sub(x[1]).exp().add(1)));

    /** {@code 0 * log(y)} is 0 unless y is NaN; the gradient of x is 0 where x is 0 and y has no logarithm. */
    private static final ElementwiseOp XLOGY = ElementwiseOp.of(
            "Xlogy",
            2,
            0,
            FLOAT,
            (x, p) -> Expr.select(x[0].eq(0).and(x[1].isNan().not()), constant(0, x[0]), x[0].mul(x[1].log())),
            (g, x, y, p) -> Expr.select(x[0].eq(0).and(x[1].le(0)), constant(0, g), g.mul(x[1].log())),
            (g, x, y, p) -> g.mul(x[0].div(x[1])));

    /** The gradient is NaN outside of [0, 1], where the function is. */
    private static final ElementwiseOp LOGIT = ElementwiseOp.of(
            "Logit",
            1,
            0,
            FLOAT,
            (x, p) -> x[0].div(x[0].neg().add(1)).log(),
            (g, x, y, p) -> Expr.select(
                    x[0].lt(0).or(x[0].gt(1)),
                    constant(Double.NaN, g),
                    g.div(x[0].mul(x[0].neg().add(1)))));

    /** Limited to [eps, 1 - eps]; the gradient is 0 beyond. */
    private static final ElementwiseOp LOGIT_EPS = ElementwiseOp.of(
            "Logit",
            1,
            1,
            FLOAT,
            (x, p) -> {
                Expr z = x[0].max(p[0]).min(p[0].neg().add(1));
                return z.div(z.neg().add(1)).log();
            },
            (g, x, y, p) -> Expr.select(
                    x[0].lt(p[0]).or(x[0].gt(p[0].neg().add(1))),
                    constant(0, g),
                    g.div(x[0].mul(x[0].neg().add(1)))));

    /** The gradient passes where the value is finite. */
    private static final ElementwiseOp NAN_TO_NUM = ElementwiseOp.of(
            "NanToNum",
            1,
            3,
            SAME,
            (x, p) -> Expr.select(
                    x[0].isNan(),
                    p[0],
                    Expr.select(
                            x[0].eq(Double.POSITIVE_INFINITY),
                            p[1],
                            Expr.select(x[0].eq(Double.NEGATIVE_INFINITY), p[2], x[0]))),
            (g, x, y, p) -> Expr.select(x[0].abs().lt(Double.POSITIVE_INFINITY), g, constant(0, g)));

    private static final ElementwiseOp ROUND_UP = ElementwiseOp.of(
            "Round",
            1,
            1,
            SAME,
            (x, p) -> x[0].mul(p[0]).unary(dev.jangada.kernel.Op.ROUND).div(p[0]));
    private static final ElementwiseOp ROUND_DOWN = ElementwiseOp.of(
            "Round",
            1,
            1,
            SAME,
            (x, p) -> x[0].div(p[0]).unary(dev.jangada.kernel.Op.ROUND).mul(p[0]));

    private static Expr constant(double value, Expr like) {
        return Expr.constant(value, like.type());
    }

    /** {@code log(e^a + e^b)}. */
    public static Tensor logaddexp(Tensor a, Tensor b) {
        return Elementwise.apply(LOG_ADD_EXP, new Object[] {a, b});
    }

    /** {@code x * log(y)}, 0 where x is 0. */
    public static Tensor xlogy(Tensor x, Tensor y) {
        return Elementwise.apply(XLOGY, new Object[] {x, y});
    }

    /** {@code log(x / (1 - x))}. */
    public static Tensor logit(Tensor x) {
        return Elementwise.apply(LOGIT, x);
    }

    /** {@code log(x / (1 - x))} of values limited to {@code [eps, 1 - eps]}. */
    public static Tensor logit(Tensor x, double eps) {
        return Elementwise.apply(LOGIT_EPS, x, Scalar.of(eps));
    }

    /** NaN and infinities replaced; integers and bool are copied. */
    public static Tensor nanToNum(Tensor x, double nan, double posinf, double neginf) {
        return x.dtype().isFloatingPoint()
                ? Elementwise.apply(NAN_TO_NUM, x, Scalar.of(nan), Scalar.of(posinf), Scalar.of(neginf))
                : x.clone();
    }

    /** The largest finite number of a floating point type. */
    public static double largest(DType type) {
        return switch (type) {
            case FLOAT16 -> 65504;
            case BFLOAT16 -> 0x1.fep127;
            case FLOAT64 -> Double.MAX_VALUE;
            default -> Float.MAX_VALUE;
        };
    }

    /** Rounded half to even at a decimal place. */
    public static Tensor round(Tensor x, int decimals) {
        if (decimals == 0 || !x.dtype().isFloatingPoint()) {
            return x.round();
        }
        return Elementwise.apply(decimals > 0 ? ROUND_UP : ROUND_DOWN, x, Scalar.of(Math.pow(10, Math.abs(decimals))));
    }

    /** {@code number / x} as PyTorch computes it: the reciprocal, rounded to the type, times the number. */
    public static Tensor rdiv(Tensor x, Scalar number) {
        return x.reciprocal().mul(number);
    }

    /** Which elements are equal, or finite and at most {@code atol + rtol * |b|} apart. */
    public static Tensor isclose(Tensor a, Tensor b, double rtol, double atol, boolean equalNan) {
        Checks.dtype(
                a.dtype() == b.dtype(),
                "isclose",
                "expected two tensors of one type, got " + a.dtype() + " and " + b.dtype());
        Checks.value(rtol >= 0 && atol >= 0, "isclose", "expected tolerances >= 0, got " + rtol + " and " + atol);
        try (Tape.Pause off = Tape.paused()) {
            Tensor close = a.eq(b);
            if (!a.dtype().isFloatingPoint()) {
                if (rtol == 0 && atol == 0) {
                    return close;
                }
                a = a.to(DType.FLOAT64);
                b = b.to(DType.FLOAT64);
            } else if (equalNan) {
                close = close.logicalOr(a.isnan().logicalAnd(b.isnan()));
            }
            Tensor difference = a.sub(b).abs();
            Tensor allowed = b.mul(rtol).abs().add(atol);
            return close.logicalOr(difference.isfinite().logicalAnd(difference.le(allowed)));
        }
    }

    /** Whether all elements are close. */
    public static boolean allclose(Tensor a, Tensor b, double rtol, double atol, boolean equalNan) {
        try (dev.jangada.TensorScope scope = new dev.jangada.TensorScope()) {
            return allTrue(isclose(a, b, rtol, atol, equalNan));
        }
    }

    /** Whether shapes and all elements are equal. */
    public static boolean equal(Tensor a, Tensor b) {
        Checks.dtype(
                a.dtype() == b.dtype(),
                "equal",
                "expected two tensors of one type, got " + a.dtype() + " and " + b.dtype());
        try (dev.jangada.TensorScope scope = new dev.jangada.TensorScope();
                Tape.Pause off = Tape.paused()) {
            return a.shape().equals(b.shape()) && allTrue(a.eq(b));
        }
    }

    private static boolean allTrue(Tensor t) {
        return t.logicalNot().sum().itemLong() == 0;
    }
}
