package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;

/** Whether tensors are equal, or nearly so. */
public final class Closeness {
    private static final ReductionOp EQUAL = ReductionOp.of("equal", ReduceOp.ALL, 0, (x, p) -> x[0].eq(x[1]));
    private static final ElementwiseOp CLOSE =
            ElementwiseOp.of("IsClose", 2, 3, ElementwiseOp.Result.BOOL, (x, p) -> {
                Expr allowed = p[1].add(p[0].mul(x[1]).abs());
                Expr actual = x[0].sub(x[1]).abs();
                Expr near = actual.le(allowed).and(actual.lt(Double.POSITIVE_INFINITY));
                Expr bothNan = x[0].isNan().and(x[1].isNan()).and(p[2].ne(0));
                return x[0].eq(x[1]).or(near).or(bothNan);
            });

    private Closeness() {}

    /** Whether two tensors of one type have the same shape and elements. */
    public static boolean equal(Tensor a, Tensor b) {
        MatrixProducts.sameType("equal", a, b);
        if (!a.shape().equals(b.shape())) {
            return false;
        }
        Operand[] both = {Access.operand(a), Access.operand(b)};
        Checks.sameDevice("equal", both);
        int[] all = Reductions.axes("equal", new int[0], a.dim());
        try (Tensor t = EQUAL.run(both, all, false, a.dtype(), DType.BOOL)) {
            return t.itemBoolean();
        }
    }

    /** Whether {@code |a - b| <= atol + rtol * |b|}, element by element. */
    public static Tensor isclose(Tensor a, Tensor b, double rtol, double atol, boolean equalNan) {
        MatrixProducts.sameType("isclose", a, b);
        Checks.value(rtol >= 0 && atol >= 0, "isclose", "expected tolerances >= 0, got " + rtol + " and " + atol);
        DType type = a.dtype().isFloatingPoint() ? a.dtype() : DType.FLOAT64;
        return Elementwise.apply(
                CLOSE,
                type,
                new Object[] {a, b},
                Scalar.of(rtol),
                Scalar.of(atol),
                Scalar.of(equalNan ? 1.0 : 0.0));
    }

    /** Whether all elements are close. */
    public static boolean allclose(Tensor a, Tensor b, double rtol, double atol, boolean equalNan) {
        try (Tensor close = isclose(a, b, rtol, atol, equalNan);
                Tensor all = Reductions.all(close, new int[0], false)) {
            return all.itemBoolean();
        }
    }
}
