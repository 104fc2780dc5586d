package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;

/** Reductions over dimensions. */
public final class Reductions {
    private static final ReductionOp SUM = ReductionOp.of("sum", ReduceOp.SUM, 0, (x, p) -> x[0]);
    private static final ReductionOp MEAN = ReductionOp.of(
            "mean", ReduceOp.SUM, 1, (x, p) -> x[0], (r, p) -> new Expr[] {r[0].div(p[0])});

    private Reductions() {}

    private static Operand[] in(Tensor t) {
        return new Operand[] {Access.operand(t)};
    }

    /** The sum over dimensions; none mean all. Integers and bool give int64. */
    public static Tensor sum(Tensor t, int[] dims, boolean keepdim) {
        return sum(t, dims, keepdim, t.dtype().isFloatingPoint() ? t.dtype() : DType.INT64);
    }

    /** The sum over dimensions as another type, in which it is accumulated. */
    public static Tensor sum(Tensor t, int[] dims, boolean keepdim, DType type) {
        int[] axes = axes("sum", dims, t.dim());
        Tensor result = SUM.run(in(t), axes, keepdim, type, type);
        Shape from = t.shape();
        return Tape.attach(
                "SumBackward" + (dims.length == 0 ? "0" : "1"), result, t, g -> expandBack(g, axes, keepdim, from));
    }

    /** The mean over dimensions; none mean all. */
    public static Tensor mean(Tensor t, int[] dims, boolean keepdim, DType type) {
        Checks.dtype(
                type.isFloatingPoint(),
                "mean",
                "expected a floating point tensor, got " + type + "; convert it with to(DType.FLOAT32)");
        int[] axes = axes("mean", dims, t.dim());
        double n = count(t.shape(), axes);
        Tensor result = MEAN.run(in(t), axes, keepdim, type, type, Double.doubleToRawLongBits(n));
        Shape from = t.shape();
        return Tape.attach(
                "MeanBackward" + (dims.length == 0 ? "0" : "1"),
                result,
                t,
                g -> expandBack(g.div(n), axes, keepdim, from));
    }

    /** The number of elements that are reduced to one. */
    static long count(Shape shape, int[] axes) {
        long n = 1;
        for (int a : axes) {
            n *= shape.size(a);
        }
        return n;
    }

    /** The dimension numbers, all if none are given. */
    static int[] axes(String op, int[] dims, int rank) {
        if (dims.length > 0) {
            int[] checked = Checks.dims(op, dims, rank);
            return rank == 0 ? new int[0] : checked;
        }
        int[] all = new int[rank];
        for (int i = 0; i < rank; i++) {
            all[i] = i;
        }
        return all;
    }

    /** The shape with size 1 in the reduced dimensions. */
    static Shape keptShape(Shape shape, int[] axes) {
        long[] sizes = shape.toArray();
        for (int a : axes) {
            sizes[a] = 1;
        }
        return Shape.of(sizes);
    }

    /** The shape without the reduced dimensions. */
    static Shape droppedShape(Shape shape, int[] axes) {
        if (axes.length == shape.rank()) {
            return Shape.SCALAR;
        }
        long reduced = 0;
        for (int a : axes) {
            reduced |= 1L << a;
        }
        long[] sizes = new long[shape.rank() - axes.length];
        int n = 0;
        for (int i = 0; i < shape.rank(); i++) {
            if ((reduced >> i & 1) == 0) {
                sizes[n++] = shape.size(i);
            }
        }
        return Shape.of(sizes);
    }

    /** A gradient of a reduced tensor, stretched to the shape before the reduction; a view. */
    static Tensor expandBack(Tensor g, int[] axes, boolean keepdim, Shape from) {
        Tensor wide = keepdim ? g : g.reshape(keptShape(from, axes).toArray());
        return wide.expand(from.toArray());
    }
}
