package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.ScatterOp;

/**
 * Reading and writing along a dimension by integer tensors.
 *
 * <p>The kernels {@code gather} and {@code scatter} do all of it: a vector of indices is an index tensor with strides of 0.
 */
public final class Indexing {
    private Indexing() {}

    /** A scalar counts as a vector of one element. */
    private static Operand atLeastVector(Operand o) {
        return o.layout().rank() > 0
                ? o
                : o.with(Layout.of(Shape.of(1), new long[] {1}, o.layout().offset()));
    }

    private static void int64(String op, Tensor index) {
        Checks.dtype(
                index.dtype() == DType.INT64,
                op,
                "expected int64 indices, got " + index.dtype() + "; convert them with to(DType.INT64)");
    }

    static void sameType(String op, Tensor t, Tensor src) {
        Checks.dtype(
                t.dtype() == src.dtype(),
                op,
                "expected a source of type " + t.dtype() + ", got " + src.dtype() + "; convert it with to");
    }

    /** Requires that an index has the rank of a tensor and is not larger than it outside of one dimension. */
    private static void within(String op, Shape index, Shape t, int except) {
        Checks.shape(
                Math.max(1, index.rank()) == Math.max(1, t.rank()),
                op,
                "expected an index of " + t.rank() + " dimensions, got shape " + index);
        for (int i = 0; i < Math.min(index.rank(), t.rank()); i++) {
            Checks.shape(
                    i == except || index.size(i) <= t.size(i),
                    op,
                    "expected an index that is not larger than " + t
                            + (except >= 0 ? " outside of dimension " + except : "") + ", got " + index);
        }
    }

    // ---- gather and scatter

    /** Picks along a dimension. */
    public static Tensor gather(Tensor t, int dim, Tensor index) {
        int d = Checks.dim("gather", dim, t.dim());
        int64("gather", index);
        if (index.numel() > 0) {
            within("gather", index.shape(), t.shape(), d);
        }
        Operand in = Access.operand(t);
        Operand at = Access.operand(index);
        Operand out = Executor.current().allocate(t.dtype(), index.shape(), Checks.sameDevice("gather", in, at));
        Tensor result = Access.wrap(out);
        if (index.numel() > 0) {
            Executor.current().gather(atLeastVector(out), atLeastVector(in), atLeastVector(at), d);
        }
        Shape from = t.shape();
        return Tape.attach("GatherBackward0", result, new Tensor[] {t, index}, new Tensor[] {index}, (g, s, needed) ->
                new Tensor[] {zeros(from, g[0]).scatterAdd(d, s[0], g[0]), null});
    }

    private static Tensor zeros(Shape shape, Tensor like) {
        return Creation.full(shape, Scalar.of(0L), like.dtype(), like.device());
    }

    /** The first part of a source that an index of a smaller shape covers. */
    static Tensor covered(String op, Tensor src, Tensor index) {
        within(op, index.shape(), src.shape(), -1);
        Tensor part = src;
        for (int i = 0; i < index.dim(); i++) {
            part = part.size(i) == index.size(i) ? part : Slicing.narrow(part, i, 0, index.size(i));
        }
        return part;
    }

    /** Writes along a dimension, in place or into a copy. */
    public static Tensor scatter(Tensor t, int dim, Tensor index, Tensor source, boolean inPlace) {
        String op = inPlace ? "scatter_" : "scatter";
        int d = checkScatter(op, t, dim, index);
        sameType(op, t, source);
        Tensor src = index.numel() == 0 ? source : covered(op, source, index);
        return write(
                new Write(op, "ScatterBackward0", ScatterOp.ASSIGN, d, inPlace),
                t,
                index,
                src,
                (g, s, n) -> new Tensor[] {
                    n[0] ? scatter(g[0], d, s[0], Scalar.of(0L), false) : null,
                    null,
                    n[2] ? gather(g[0], d, s[0]) : null
                });
    }

    /** Writes one number along a dimension, in place or into a copy. */
    public static Tensor scatter(Tensor t, int dim, Tensor index, Scalar value, boolean inPlace) {
        String op = inPlace ? "scatter_" : "scatter";
        int d = checkScatter(op, t, dim, index);
        Tensor one = Creation.full(Shape.SCALAR, value, t.dtype(), t.device());
        Tensor src = Access.alias(
                Access.operand(one).with(Access.operand(one).layout().expand(index.shape())));
        Tensor out = write(new Write(op, "ScatterBackward1", ScatterOp.ASSIGN, d, inPlace), t, index, src, (g, s, n) ->
                new Tensor[] {n[0] ? scatter(g[0], d, s[0], Scalar.of(0L), false) : null, null, null});
        src.close();
        one.close();
        return out;
    }

    /** Adds along a dimension into a copy. */
    public static Tensor scatterAdd(Tensor t, int dim, Tensor index, Tensor source) {
        return scatterAdd(t, dim, index, source, false);
    }

    /** Adds along a dimension, in place or into a copy. */
    public static Tensor scatterAdd(Tensor t, int dim, Tensor index, Tensor source, boolean inPlace) {
        String op = inPlace ? "scatterAdd_" : "scatterAdd";
        int d = checkScatter(op, t, dim, index);
        sameType(op, t, source);
        Tensor src = index.numel() == 0 ? source : covered(op, source, index);
        return write(new Write(op, "ScatterAddBackward0", ScatterOp.ADD, d, inPlace), t, index, src, (g, s, n) ->
                new Tensor[] {n[0] ? g[0] : null, null, n[2] ? gather(g[0], d, s[0]) : null});
    }

    static int checkScatter(String op, Tensor t, int dim, Tensor index) {
        int d = Checks.dim(op, dim, t.dim());
        int64(op, index);
        if (index.numel() > 0) {
            within(op, index.shape(), t.shape(), d);
        }
        return d;
    }

    private record Write(String op, String node, ScatterOp how, int dim, boolean inPlace) {}

    /** Scatters a source that has the shape of the index, and records it with inputs (tensor, index, source). */
    private static Tensor write(Write w, Tensor t, Tensor index, Tensor src, Tape.Backward backward) {
        if (w.inPlace) {
            Tape.checkInPlace(w.op, t, src);
        }
        Operand in = Access.operand(t);
        Operand at = Access.operand(index);
        Operand from = Access.operand(src);
        Checks.sameDevice(w.op, in, at, from);
        Tensor result = t;
        Operand out = in;
        if (!w.inPlace) {
            out = Shapes.emptyLike(in, t.dtype());
            result = Access.wrap(out);
            Copies.raw(out, in);
        }
        scatterRaw(w.how, out, at, from, w.dim);
        Tensor[] inputs = {t, index, src};
        Tensor[] save = {index};
        if (w.inPlace) {
            Tape.changed(w.node, t, inputs, save, false, backward);
            return t;
        }
        return Tape.attach(w.node, result, inputs, save, backward);
    }

    /** Scatters; inputs that share memory with the output are copied before. */
    static void scatterRaw(ScatterOp how, Operand out, Operand index, Operand src, int dim) {
        if (index.layout().numel() == 0) {
            return;
        }
        try (TensorScope scope = new TensorScope()) {
            Executor.current()
                    .scatter(
                            how,
                            atLeastVector(out),
                            atLeastVector(apart(out, index)),
                            atLeastVector(apart(out, src)),
                            dim);
        }
    }

    private static Operand apart(Operand out, Operand in) {
        if (in.storage() != out.storage()) {
            return in;
        }
        Operand copy = Shapes.emptyLike(in, in.dtype());
        Access.wrap(copy);
        Copies.raw(copy, in);
        return copy;
    }

    // ---- by a vector of indices

    /** A vector of indices as an index tensor of a shape that counts along one dimension only. */
    static Operand along(Operand vector, Shape shape, int d) {
        long[] strides = new long[shape.rank()];
        Layout l = vector.layout();
        if (strides.length > 0) {
            strides[d] = l.rank() == 0 ? 1 : l.stride(0);
        }
        return vector.with(Layout.of(shape, strides, l.offset()));
    }

    private static Tensor vector(String op, Tensor index) {
        Checks.dtype(
                index.dtype() == DType.INT64 || index.dtype() == DType.INT32,
                op,
                "expected int64 or int32 indices, got " + index.dtype());
        Checks.index(index.dim() <= 1, op, "expected a vector of indices, got shape " + index.shape());
        return index.to(DType.INT64);
    }

    /** A scalar has one place only, which one index names. */
    private static void checkCount(String op, Tensor t, Tensor index) {
        Checks.index(t.dim() > 0 || index.numel() == 1, op, "expected one index for a scalar, got " + index.numel());
    }

    /** The given indices of a dimension. */
    public static Tensor indexSelect(Tensor t, int dim, Tensor index) {
        return indexSelect("IndexSelectBackward0", t, dim, vector("indexSelect", index));
    }

    /** As the public form, recorded under another name. */
    static Tensor indexSelect(String node, Tensor t, int dim, Tensor index) {
        int d = Checks.dim("indexSelect", dim, t.dim());
        checkCount("indexSelect", t, index);
        Operand in = Access.operand(t);
        Operand at = Access.operand(index);
        Shape shape = t.dim() == 0 ? t.shape() : t.shape().with(d, index.numel());
        Operand out = Executor.current().allocate(t.dtype(), shape, Checks.sameDevice("indexSelect", in, at));
        Tensor result = Access.wrap(out);
        if (shape.numel() > 0) {
            Executor.current().gather(atLeastVector(out), atLeastVector(in), atLeastVector(along(at, shape, d)), d);
        }
        Shape from = t.shape();
        return Tape.attach(node, result, new Tensor[] {t, index}, new Tensor[] {index}, (g, s, needed) ->
                new Tensor[] {indexAdd(zeros(from, g[0]), d, s[0], g[0], Scalar.of(1L), false), null});
    }

    /** Checks the arguments of an operation that writes a source at the indices of a dimension. */
    private static int checkSource(String op, Tensor t, int dim, Tensor index, Tensor source) {
        int d = Checks.dim(op, dim, t.dim());
        checkCount(op, t, index);
        sameType(op, t, source);
        Checks.shape(
                source.dim() == t.dim(),
                op,
                "expected a source of " + t.dim() + " dimensions, got shape " + source.shape());
        for (int i = 0; i < t.dim(); i++) {
            long expected = i == d ? index.numel() : t.size(i);
            Checks.shape(
                    source.size(i) == expected,
                    op,
                    "expected a source of size " + expected + " in dimension " + i + " (one per index in dimension " + d
                            + "), got shape " + source.shape());
        }
        return d;
    }

    /** Adds {@code alpha * source} at the indices of a dimension. */
    public static Tensor indexAdd(Tensor t, int dim, Tensor index, Tensor source, Scalar alpha, boolean inPlace) {
        String op = inPlace ? "indexAdd_" : "indexAdd";
        Tensor at = vector(op, index);
        int d = checkSource(op, t, dim, at, source);
        Tensor src = alpha.toDouble() == 1 ? source : source.mul(alpha).to(t.dtype());
        return writeAlong(new Write(op, "IndexAddBackward0", ScatterOp.ADD, d, inPlace), t, at, src, (g, s, n) ->
                new Tensor[] {n[0] ? g[0] : null, null, n[2] ? indexSelect(g[0], d, s[0]) : null});
    }

    /** Writes a source at the indices of a dimension. */
    public static Tensor indexCopy(Tensor t, int dim, Tensor index, Tensor source, boolean inPlace) {
        String op = inPlace ? "indexCopy_" : "indexCopy";
        Tensor at = vector(op, index);
        int d = checkSource(op, t, dim, at, source);
        return writeAlong(
                new Write(op, "IndexCopyBackward0", ScatterOp.ASSIGN, d, inPlace),
                t,
                at,
                source,
                (g, s, n) -> new Tensor[] {
                    n[0] ? indexFill(g[0], d, s[0], Scalar.of(0L), false) : null,
                    null,
                    n[2] ? indexSelect(g[0], d, s[0]) : null
                });
    }

    /** Writes one number at the indices of a dimension. */
    public static Tensor indexFill(Tensor t, int dim, Tensor index, Scalar value, boolean inPlace) {
        String op = inPlace ? "indexFill_" : "indexFill";
        Tensor at = vector(op, index);
        int d = Checks.dim(op, dim, t.dim());
        checkCount(op, t, at);
        Shape shape = t.dim() == 0 ? t.shape() : t.shape().with(d, at.numel());
        Tensor one = Creation.full(Shape.SCALAR, value, t.dtype(), t.device());
        Tensor src = Access.alias(
                Access.operand(one).with(Access.operand(one).layout().expand(shape)));
        Tensor out =
                writeAlong(new Write(op, "IndexFillBackward0", ScatterOp.ASSIGN, d, inPlace), t, at, src, (g, s, n) ->
                        new Tensor[] {n[0] ? indexFill(g[0], d, s[0], Scalar.of(0L), false) : null, null, null});
        src.close();
        one.close();
        return out;
    }

    private static Tensor writeAlong(Write w, Tensor t, Tensor vector, Tensor src, Tape.Backward backward) {
        Operand at = along(Access.operand(vector), src.shape(), w.dim);
        Tensor wide = Access.alias(at);
        Tensor out = write(w, t, wide, src, (g, s, n) -> backward.apply(g, new Tensor[] {narrowed(s[0], w.dim)}, n));
        wide.close();
        return out;
    }

    /** The vector of indices that was stretched by {@link #along}. */
    private static Tensor narrowed(Tensor wide, int d) {
        Operand o = Access.operand(wide);
        long n = wide.dim() == 0 ? 1 : wide.size(d);
        long stride = wide.dim() == 0 ? 1 : o.layout().stride(d);
        return Access.alias(
                o.with(Layout.of(Shape.of(n), new long[] {stride}, o.layout().offset())));
    }

    // ---- by flat positions

    /** Picks by positions in row-major order; negative ones count from the end. */
    public static Tensor take(Tensor t, Tensor index) {
        int64("take", index);
        Tensor at = Positions.wrapped(index, t.numel());
        return flat("TakeBackward0", t, at);
    }

    /** Picks by checked positions in row-major order. */
    static Tensor flat(String node, Tensor t, Tensor positions) {
        Tensor result;
        try (Tape.Pause off = Tape.paused()) {
            result = gather(t.reshape(-1), 0, positions.reshape(-1));
            Tensor shaped = Access.alias(Access.operand(result).with(Layout.contiguous(positions.shape())));
            result.close();
            result = shaped;
        }
        Shape from = t.shape();
        return Tape.attach(node, result, new Tensor[] {t, positions}, new Tensor[] {positions}, (g, s, needed) ->
                new Tensor[] {flatAdd(from, s[0], g[0]), null});
    }

    /** Zeros of a shape with a source added at positions in row-major order. */
    static Tensor flatAdd(Shape shape, Tensor positions, Tensor source) {
        return scatterAdd(zeros(Shape.of(shape.numel()), source), 0, positions.reshape(-1), source.reshape(-1))
                .reshape(shape.toArray());
    }

    /** Picks along a dimension, after tensor and index are broadcast against each other in the others. */
    public static Tensor takeAlongDim(Tensor t, Tensor index, int dim) {
        int64("takeAlongDim", index);
        Checks.shape(
                t.dim() == index.dim(),
                "takeAlongDim",
                "expected an index of " + t.dim() + " dimensions, got shape " + index.shape());
        int d = Checks.dim("takeAlongDim", dim, t.dim());
        if (t.dim() == 0) {
            return gather(t, 0, index);
        }
        Shape common = Shape.broadcast(
                "takeAlongDim", t.shape().with(d, 1), index.shape().with(d, 1));
        Tensor wide = t.expand(common.with(d, t.size(d)).toArray());
        return gather(wide, d, index.expand(common.with(d, index.size(d)).toArray()));
    }
}
