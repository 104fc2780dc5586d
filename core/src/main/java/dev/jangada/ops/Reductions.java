package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;

/** Reductions over dimensions. */
public final class Reductions {
    private static final ReductionOp SUM = ReductionOp.of("sum", ReduceOp.SUM, 0, (x, p) -> x[0]);
    private static final ReductionOp MEAN =
            ReductionOp.of("mean", ReduceOp.SUM, 1, (x, p) -> x[0], (r, p) -> new Expr[] {r[0].div(p[0])});

    private static final ReductionOp PROD = ReductionOp.of("prod", ReduceOp.PROD, 0, (x, p) -> x[0]);
    private static final ReductionOp NANSUM = ReductionOp.of(
            "nansum", ReduceOp.SUM, 0, (x, p) -> Expr.select(x[0].isNan(), Expr.constant(0, x[0].type()), x[0]));
    private static final ReductionOp ANY = ReductionOp.of("any", ReduceOp.ANY, 0, (x, p) -> x[0].ne(0));
    private static final ReductionOp ALL = ReductionOp.of("all", ReduceOp.ALL, 0, (x, p) -> x[0].ne(0));
    private static final ReductionOp COUNT_NONZERO =
            ReductionOp.of("countNonzero", ReduceOp.SUM, 0, (x, p) -> x[0].ne(0).cast(DType.INT64));
    /** Number of zeros. */
    private static final ReductionOp ZEROS =
            ReductionOp.of("prodZeros", ReduceOp.SUM, 0, (x, p) -> x[0].eq(0).cast(DType.INT64));
    /** Product of what is not 0. */
    private static final ReductionOp PROD_NONZERO = ReductionOp.of(
            "prodNonzero", ReduceOp.PROD, 0, (x, p) -> Expr.select(x[0].eq(0), Expr.constant(1, x[0].type()), x[0]));
    /** Gradient of a product from: gradient, x, number of zeros, product of what is not 0. */
    private static final ElementwiseOp PROD_BACKWARD =
            ElementwiseOp.of("ProdBackward", 4, 0, ElementwiseOp.Result.SAME, (x, p) -> {
                Expr zero = Expr.constant(0.0, x[0].type());
                Expr others = Expr.select(
                        x[2].eq(0), x[3].div(x[1]), Expr.select(x[2].eq(1).and(x[1].eq(0)), x[3], zero));
                return x[0].mul(others);
            });

    private Reductions() {}

    private static Operand[] in(Tensor t) {
        return new Operand[] {Access.operand(t)};
    }

    /** The type in which integers and bool are summed and multiplied: int64; floating point types stay. */
    public static DType wideType(DType t) {
        return t.isFloatingPoint() ? t : DType.INT64;
    }

    /** The sum over dimensions; none mean all. Integers and bool give int64. */
    public static Tensor sum(Tensor t, int[] dims, boolean keepdim) {
        return sum(t, dims, keepdim, wideType(t.dtype()));
    }

    /** The sum over dimensions as another type, in which it is accumulated. */
    public static Tensor sum(Tensor t, int[] dims, boolean keepdim, DType type) {
        int[] axes = axes("sum", dims, t.dim());
        Tensor result = SUM.run(in(t), axes, keepdim, type, type);
        Shape from = t.shape();
        DimNames.reduce(result, t, axes, keepdim);
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
        DimNames.reduce(result, t, axes, keepdim);
        return Tape.attach(
                "MeanBackward" + (dims.length == 0 ? "0" : "1"),
                result,
                t,
                g -> expandBack(g.div(n), axes, keepdim, from));
    }

    /** The product over dimensions; none mean all. */
    public static Tensor prod(Tensor t, int[] dims, boolean keepdim, DType type) {
        int[] axes = axes("prod", dims, t.dim());
        Tensor result = PROD.run(in(t), axes, keepdim, type, type);
        return Tape.attach(
                "ProdBackward" + (dims.length == 0 ? "0" : "1"),
                result,
                new Tensor[] {t},
                new Tensor[] {t},
                (g, s, needed) -> new Tensor[] {prodBackward(g[0], s[0], axes, keepdim)});
    }

    /** The product of the other elements, times the gradient. */
    private static Tensor prodBackward(Tensor grad, Tensor x, int[] axes, boolean keepdim) {
        Tensor g = expandBack(grad, axes, keepdim, x.shape());
        if (x.dim() == 0) {
            return g;
        }
        if (Tape.needed(g, x)) {
            return g.mul(others(x, axes));
        }
        try (Tensor zeros = ZEROS.run(in(x), axes, true, x.dtype(), x.dtype());
                Tensor rest = PROD_NONZERO.run(in(x), axes, true, x.dtype(), x.dtype())) {
            return Elementwise.apply(PROD_BACKWARD, new Object[] {g, x, zeros, rest});
        }
    }

    /** For each element the product of the others: the square of the work, but right with zeros in derivatives of any order. */
    private static Tensor others(Tensor x, int[] axes) {
        int rank = x.dim();
        int[] order = new int[rank];
        long reduced = 0;
        for (int a : axes) {
            reduced |= 1L << a;
        }
        int n = 0;
        for (int i = 0; i < rank; i++) {
            if ((reduced >> i & 1) == 0) {
                order[n++] = i;
            }
        }
        System.arraycopy(axes, 0, order, n, axes.length);
        int[] back = new int[rank];
        for (int i = 0; i < rank; i++) {
            back[order[i]] = i;
        }
        Tensor last = x.permute(order); // kept dimensions, then reduced ones
        long count = count(x.shape(), axes);
        long kept = count == 0 ? 0 : x.numel() / count;
        Tensor rows = last.reshape(kept, 1, count).expand(kept, count, count);
        Tensor without = Arithmetic.where(Axes.diagonal(count, x.device()), Scalar.of(1.0), rows);
        Tensor all = without.to(x.dtype()); // (kept, count, count)
        Tensor products = prod(all, new int[] {2}, false, x.dtype()); // (kept, count)
        return products.reshape(last.shape().toArray()).permute(back);
    }

    /** The sum of what is not NaN. */
    public static Tensor nansum(Tensor t, int[] dims, boolean keepdim, DType type) {
        int[] axes = axes("nansum", dims, t.dim());
        Tensor result = NANSUM.run(in(t), axes, keepdim, type, type);
        Shape from = t.shape();
        return Tape.attach("NansumBackward0", result, new Tensor[] {t}, new Tensor[] {t}, (g, s, needed) ->
                new Tensor[] {Arithmetic.where(s[0].isnan(), Scalar.of(0.0), expandBack(g[0], axes, keepdim, from))});
    }

    /** Whether any element is not 0; uint8 gives uint8 as in PyTorch. */
    public static Tensor any(Tensor t, int[] dims, boolean keepdim) {
        return truth("any", ANY, t, dims, keepdim);
    }

    /** Whether all elements are not 0; uint8 gives uint8 as in PyTorch. */
    public static Tensor all(Tensor t, int[] dims, boolean keepdim) {
        return truth("all", ALL, t, dims, keepdim);
    }

    private static Tensor truth(String name, ReductionOp op, Tensor t, int[] dims, boolean keepdim) {
        DType out = t.dtype() == DType.UINT8 ? DType.UINT8 : DType.BOOL;
        return op.run(in(t), axes(name, dims, t.dim()), keepdim, t.dtype(), out);
    }

    /** The number of elements that are not 0. */
    public static Tensor countNonzero(Tensor t, int[] dims) {
        return COUNT_NONZERO.run(in(t), axes("countNonzero", dims, t.dim()), false, t.dtype(), DType.INT64);
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
