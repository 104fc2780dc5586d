package dev.jangada.ops;

import static dev.jangada.ops.ElementwiseOp.Result.FLOAT;
import static dev.jangada.ops.ElementwiseOp.Result.SAME;

import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Op;

/** Less common element-wise functions, with the special values that PyTorch gives them. */
public final class SpecialFunctions {
    /** {@code log(e^a + e^b)}; of two equal infinities that infinity. */
    static final ElementwiseOp LOGADDEXP = ElementwiseOp.of(
            "Logaddexp",
            2,
            0,
            SAME,
            (x, p) -> {
                Expr sum = x[0].max(x[1]).add(x[0].sub(x[1]).abs().neg().exp().log1p());
                return Expr.select(x[0].eq(x[1]).and(x[0].abs().eq(Double.POSITIVE_INFINITY)), x[0], sum);
            },
            (g, x, y, p) -> g.mul(x[0].sub(x[1]).sigmoid()),
            (g, x, y, p) -> g.mul(x[1].sub(x[0]).sigmoid()));

    /** {@code a * log(b)}, 0 where a is 0 and b is no NaN. */
    private static final ElementwiseOp XLOGY = ElementwiseOp.of(
            "Xlogy",
            2,
            0,
            FLOAT,
            (x, p) -> Expr.select(
                    x[1].isNan(), x[1], Expr.select(x[0].eq(0), zero(x[0]), x[0].mul(x[1].log()))),
            (g, x, y, p) -> Expr.select(x[0].eq(0).and(x[1].le(0)), zero(g), g.mul(x[1].log())),
            (g, x, y, p) -> g.mul(x[0]).div(x[1]));

    private static final ElementwiseOp LOGIT = ElementwiseOp.of(
            "Logit",
            1,
            0,
            FLOAT,
            (x, p) -> odds(x[0]),
            (g, x, y, p) -> Expr.select(
                    x[0].ge(0).and(x[0].le(1)),
                    g.div(x[0].mul(x[0].neg().add(1))),
                    Expr.constant(Double.NaN, g.type())));

    /** The argument is limited to {@code [eps, 1 - eps]}. */
    private static final ElementwiseOp LOGIT_EPS = ElementwiseOp.of(
            "Logit",
            1,
            1,
            FLOAT,
            (x, p) -> odds(x[0].max(p[0]).min(p[0].neg().add(1))),
            (g, x, y, p) -> Expr.select(
                    x[0].ge(p[0]).and(x[0].le(p[0].neg().add(1))),
                    g.div(x[0].mul(x[0].neg().add(1))),
                    zero(g)));

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
            (g, x, y, p) -> Expr.select(x[0].abs().lt(Double.POSITIVE_INFINITY), g, zero(g)));

    /** Rounds {@code x * p} and divides by it. */
    private static final ElementwiseOp ROUND_PLACES =
            ElementwiseOp.of("Round", 1, 1, SAME, (x, p) -> x[0].mul(p[0]).unary(Op.ROUND).div(p[0]));
    /** Rounds {@code x / p} and multiplies by it. */
    private static final ElementwiseOp ROUND_TENS =
            ElementwiseOp.of("Round", 1, 1, SAME, (x, p) -> x[0].div(p[0]).unary(Op.ROUND).mul(p[0]));

    private SpecialFunctions() {}

    private static Expr zero(Expr like) {
        return Expr.constant(0.0, like.type());
    }

    private static Expr odds(Expr x) {
        return x.div(x.neg().add(1)).log();
    }

    /** {@code log(e^a + e^b)} without overflow. */
    public static Tensor logaddexp(Tensor a, Tensor b) {
        Checks.floating("logaddexp", a);
        Checks.floating("logaddexp", b);
        return Elementwise.apply(LOGADDEXP, new Object[] {a, b});
    }

    /** {@code a * log(b)}, 0 where a is 0. */
    public static Tensor xlogy(Tensor a, Object b) {
        return Elementwise.apply(XLOGY, new Object[] {a, b});
    }

    /** {@code log(x / (1 - x))}. */
    public static Tensor logit(Tensor x) {
        return Elementwise.apply(LOGIT, x);
    }

    /** {@code log(x / (1 - x))} of the argument limited to {@code [eps, 1 - eps]}. */
    public static Tensor logit(Tensor x, double eps) {
        return eps < 0 ? logit(x) : Elementwise.apply(LOGIT_EPS, x, Scalar.of(eps));
    }

    /** Numbers in place of NaN and the infinities. */
    public static Tensor nanToNum(Tensor x, double nan, double posinf, double neginf) {
        return x.dtype().isFloatingPoint()
                ? Elementwise.apply(NAN_TO_NUM, x, Scalar.of(nan), Scalar.of(posinf), Scalar.of(neginf))
                : Copies.clone(x);
    }

    /** Numbers in place of NaN, the infinities becoming the largest and smallest values of the type. */
    public static Tensor nanToNum(Tensor x, double nan) {
        double max =
                switch (x.dtype()) {
                    case FLOAT16 -> 65504;
                    case BFLOAT16 -> Float.intBitsToFloat(0x7F7F0000);
                    case FLOAT64 -> Double.MAX_VALUE;
                    case FLOAT32, BOOL, UINT8, INT8, INT16, INT32, INT64 -> Float.MAX_VALUE;
                };
        return nanToNum(x, nan, max, -max);
    }

    /** The nearest number of so many decimal places, halves to even; negative places round to tens, hundreds and so on. */
    public static Tensor round(Tensor x, int decimals) {
        if (decimals == 0) {
            return Elementwise.apply(Arithmetic.ROUND, x);
        }
        Checks.floating("round", x);
        Scalar scale = Scalar.of(Math.pow(10, Math.abs(decimals)));
        return Elementwise.apply(decimals > 0 ? ROUND_PLACES : ROUND_TENS, x, scale);
    }
}
