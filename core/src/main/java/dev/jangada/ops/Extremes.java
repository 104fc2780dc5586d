package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.ValuesIndices;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;

/**
 * Largest and smallest values and where they stand; NaN wins.
 *
 * <p>Over one dimension with indices the gradient goes to the first extreme element; {@code amax}, {@code amin} and the extreme of all
 * elements share it evenly between ties.
 */
public final class Extremes {
    private static final ReductionOp MAX = ReductionOp.of("max", ReduceOp.MAX, 0, (x, p) -> x[0]);
    private static final ReductionOp MIN = ReductionOp.of("min", ReduceOp.MIN, 0, (x, p) -> x[0]);
    private static final ReductionOp ARGMAX = ReductionOp.of("argmax", ReduceOp.ARGMAX, 0, (x, p) -> x[0]);
    private static final ReductionOp ARGMIN = ReductionOp.of("argmin", ReduceOp.ARGMIN, 0, (x, p) -> x[0]);
    /** Number of elements equal to the extreme one, NaN included; inputs x and the extreme value. */
    private static final ReductionOp TIES = ReductionOp.of(
            "ties",
            ReduceOp.SUM,
            0,
            (x, p) -> Expr.select(tied(x[0], x[1]), Expr.constant(1.0, x[0].type()), Expr.constant(0.0, x[0].type())));
    /** Gradient of an extreme value from: gradient, x, the value, number of ties. */
    private static final ElementwiseOp SHARE = ElementwiseOp.of(
            "EvenlyDistribute",
            4,
            0,
            ElementwiseOp.Result.SAME,
            (x, p) -> Expr.select(tied(x[1], x[2]), x[0].div(x[3]), Expr.constant(0.0, x[0].type())));

    private Extremes() {}

    private static Expr tied(Expr x, Expr y) {
        return x.eq(y).or(x.isNan().and(y.isNan()));
    }

    private static Operand[] in(Tensor t) {
        return new Operand[] {Access.operand(t)};
    }

    private static DType compute(DType t) {
        return t == DType.BOOL ? DType.UINT8 : t;
    }

    private static void notEmpty(String op, Tensor t, int[] dims, int[] axes, boolean shapeError) {
        if (dims.length == 0 && t.numel() == 0) {
            Checks.shape(!shapeError, op, "expected at least one element, got shape " + t.shape());
            Checks.index(false, op, "expected at least one element, got shape " + t.shape());
        }
        for (int a : axes) {
            Checks.index(
                    t.size(a) > 0, op, "expected a dimension of at least one element, got " + a + " of " + t.shape());
        }
    }

    /** The largest value over dimensions; none mean all. */
    public static Tensor amax(Tensor t, int[] dims, boolean keepdim) {
        return shared("amax", "AmaxBackward0", MAX, t, dims, keepdim);
    }

    /** The smallest value over dimensions; none mean all. */
    public static Tensor amin(Tensor t, int[] dims, boolean keepdim) {
        return shared("amin", "AminBackward0", MIN, t, dims, keepdim);
    }

    /** The largest of all elements. */
    public static Tensor max(Tensor t) {
        return shared("max", "MaxBackward1", MAX, t, new int[0], false);
    }

    /** The smallest of all elements. */
    public static Tensor min(Tensor t) {
        return shared("min", "MinBackward1", MIN, t, new int[0], false);
    }

    private static Tensor shared(String name, String node, ReductionOp op, Tensor t, int[] dims, boolean keepdim) {
        int[] axes = Reductions.axes(name, dims, t.dim());
        notEmpty(name, t, dims, axes, true);
        Tensor result = op.run(in(t), axes, keepdim, compute(t.dtype()), t.dtype());
        return Tape.attachWithResult(node, result, new Tensor[] {t}, new Tensor[] {t}, (g, s, needed) ->
                new Tensor[] {share(g[0], s[0], s[1], axes, keepdim)});
    }

    /** The gradient of an extreme value, shared evenly between ties. */
    static Tensor share(Tensor grad, Tensor x, Tensor value, int[] axes, boolean keepdim) {
        Shape from = x.shape();
        Tensor g = Reductions.expandBack(grad, axes, keepdim, from);
        Tensor y = Reductions.expandBack(value, axes, keepdim, from);
        Operand[] pair = {Access.operand(x), Access.operand(y)};
        DType counts = x.dtype().compute(); // half types cannot count far
        Tensor ties = TIES.run(pair, axes, true, counts, counts);
        return Elementwise.apply(SHARE, x.dtype(), new Object[] {g, x, y, ties});
    }

    /** The largest value along a dimension and its first index. */
    public static ValuesIndices max(Tensor t, int dim, boolean keepdim) {
        return along("max", "MaxBackward0", ARGMAX, t, dim, keepdim);
    }

    /** The smallest value along a dimension and its first index. */
    public static ValuesIndices min(Tensor t, int dim, boolean keepdim) {
        return along("min", "MinBackward0", ARGMIN, t, dim, keepdim);
    }

    private static ValuesIndices along(String name, String node, ReductionOp op, Tensor t, int dim, boolean keepdim) {
        int[] dims = {dim};
        int[] axes = Reductions.axes(name, dims, t.dim());
        notEmpty(name, t, dims, axes, true);
        Tensor index = op.run(in(t), axes, true, compute(t.dtype()), DType.INT64);
        if (t.dim() == 0) {
            return new ValuesIndices(Picks.pick(node, t, index, 0), index);
        }
        return picked(node, t, index, axes[0], keepdim);
    }

    /** Values at an index of size 1 in a dimension, which goes unless it is kept. */
    static ValuesIndices picked(String node, Tensor t, Tensor index, int d, boolean keepdim) {
        if (keepdim || t.dim() == 0) {
            return new ValuesIndices(Picks.pick(node, t, index, d), index);
        }
        Tensor values;
        try (Tape.Pause off = Tape.paused();
                Tensor wide = Picks.pick(node, t, index, d)) {
            Operand o = Access.operand(wide);
            values = Access.alias(o.with(o.layout().squeeze(d)));
        }
        Shape from = t.shape();
        DType type = t.dtype();
        Tape.attach(node, values, new Tensor[] {t}, new Tensor[] {index}, (g, s, needed) ->
                new Tensor[] {Picks.place(g[0].unsqueeze(d), s[0], from, d, type)});
        Operand o = Access.operand(index);
        Tensor flat = Access.alias(o.with(o.layout().squeeze(d)));
        index.close();
        return new ValuesIndices(values, flat);
    }

    /** The first index of the largest value over dimensions, counted in row-major order; none mean all. */
    public static Tensor argmax(Tensor t, int[] dims, boolean keepdim) {
        return arg("argmax", ARGMAX, t, dims, keepdim);
    }

    /** The first index of the smallest value over dimensions, counted in row-major order; none mean all. */
    public static Tensor argmin(Tensor t, int[] dims, boolean keepdim) {
        return arg("argmin", ARGMIN, t, dims, keepdim);
    }

    private static Tensor arg(String name, ReductionOp op, Tensor t, int[] dims, boolean keepdim) {
        int[] axes = Reductions.axes(name, dims, t.dim());
        notEmpty(name, t, dims, axes, false);
        return op.run(in(t), axes, keepdim, compute(t.dtype()), DType.INT64);
    }
}
