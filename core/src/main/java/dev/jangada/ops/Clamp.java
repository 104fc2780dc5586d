package dev.jangada.ops;

import static dev.jangada.ops.ElementwiseOp.Result.SAME;

import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;

/** Elements limited to bounds, which are tensors or plain numbers. */
public final class Clamp {
    private Clamp() {}

    public static final ElementwiseOp CLAMP = clamp(false);
    public static final ElementwiseOp CLAMP_MIN = clampMin(false);
    public static final ElementwiseOp CLAMP_MAX = clampMax(false);
    private static final ElementwiseOp CLAMP_NUMBERS = clamp(true);
    private static final ElementwiseOp CLAMP_MIN_NUMBER = clampMin(true);
    private static final ElementwiseOp CLAMP_MAX_NUMBER = clampMax(true);

    /** A plain bound that is NaN is none, one in a tensor gives NaN. */
    private static Expr lower(Expr x, Expr bound, boolean number) {
        return number ? Expr.select(x.lt(bound), bound, x) : x.max(bound);
    }

    private static Expr upper(Expr x, Expr bound, boolean number) {
        return number ? Expr.select(x.gt(bound), bound, x) : x.min(bound);
    }

    /** The gradient passes between the bounds and on them, and to a bound where it decides. */
    private static ElementwiseOp clamp(boolean numbers) {
        return ElementwiseOp.of(
                "Clamp",
                3,
                0,
                SAME,
                (x, p) -> upper(lower(x[0], x[1], numbers), x[2], numbers),
                (g, x, y, p) -> Arithmetic.masked(x[0].ge(x[1]).and(x[0].le(x[2])), g),
                (g, x, y, p) -> Arithmetic.masked(x[0].lt(x[1]).and(x[1].lt(x[2])), g),
                (g, x, y, p) -> Arithmetic.masked(x[0].gt(x[2]).or(x[2].lt(x[1])), g));
    }

    private static ElementwiseOp clampMin(boolean number) {
        return ElementwiseOp.of(
                "Clamp",
                2,
                0,
                SAME,
                (x, p) -> lower(x[0], x[1], number),
                (g, x, y, p) -> Arithmetic.masked(x[0].ge(x[1]), g),
                (g, x, y, p) -> Arithmetic.masked(x[0].lt(x[1]), g));
    }

    private static ElementwiseOp clampMax(boolean number) {
        return ElementwiseOp.of(
                "Clamp",
                2,
                0,
                SAME,
                (x, p) -> upper(x[0], x[1], number),
                (g, x, y, p) -> Arithmetic.masked(x[0].le(x[1]), g),
                (g, x, y, p) -> Arithmetic.masked(x[0].gt(x[1]), g));
    }

    /** Limited to plain bounds; null and NaN are none. */
    public static Tensor clamp(Tensor x, Scalar min, Scalar max) {
        Object[] operands = bounds("clamp", x, min, max);
        return Elementwise.apply(bounded(min, max), operands);
    }

    /** As {@link #clamp}, in place. */
    public static Tensor clampInPlace(Tensor x, Scalar min, Scalar max) {
        Object[] operands = bounds("clamp_", x, min, max);
        return Elementwise.applyInPlace("clamp_", bounded(min, max), operands);
    }

    private static ElementwiseOp bounded(Scalar min, Scalar max) {
        return max == null ? CLAMP_MIN_NUMBER : min == null ? CLAMP_MAX_NUMBER : CLAMP_NUMBERS;
    }

    private static Object[] bounds(String op, Tensor x, Scalar min, Scalar max) {
        Checks.value(min != null || max != null, op, "expected a lower or an upper bound, got none");
        return max == null ? new Object[] {x, min} : min == null ? new Object[] {x, max} : new Object[] {x, min, max};
    }
}
