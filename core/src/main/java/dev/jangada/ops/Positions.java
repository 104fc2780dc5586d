package dev.jangada.ops;

import dev.jangada.IndexException;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.ScatterOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where the elements lie that int64 tensors in some dimensions pick, all others being taken whole.
 *
 * <p>One index tensor becomes a gather or scatter along its dimension. Several are turned into one tensor of positions in memory; an index
 * out of range becomes the position -1, which the kernel refuses, so that no values are read back for the check.
 */
final class Positions {
    /** {@code x} wrapped to [0, n) and multiplied by a stride, or -1. */
    private static final ElementwiseOp PLACE = ElementwiseOp.of("Place", 1, 2, ElementwiseOp.Result.SAME, (x, p) -> {
        Expr zero = Expr.constant(0L, x[0].type());
        Expr i = x[0].add(Expr.select(x[0].lt(0), p[0], zero));
        Expr outside = i.lt(0).binary(Op.OR, i.ge(p[0]));
        return Expr.select(outside, Expr.constant(-1L, x[0].type()), i.mul(p[1]));
    });

    /** The sum of two positions, or -1 if one of them is. */
    private static final ElementwiseOp JOIN = ElementwiseOp.of(
            "Join",
            2,
            0,
            ElementwiseOp.Result.SAME,
            (x, p) ->
                    Expr.select(x[0].lt(0).binary(Op.OR, x[1].lt(0)), Expr.constant(-1L, x[0].type()), x[0].add(x[1])));

    private final String op;
    private final Shape source;
    private final Tensor[] indices; // per dimension of the source; null where it is taken whole
    private final List<Integer> picked = new ArrayList<>();
    private final Shape common; // what the index tensors broadcast to
    private final int place; // dimension of the result in which the common shape begins
    private final Shape result;

    Positions(String op, Shape source, Tensor[] indices) {
        this.op = op;
        this.source = source;
        this.indices = indices;
        Shape b = null;
        for (int d = 0; d < indices.length; d++) {
            if (indices[d] != null) {
                picked.add(d);
                b = b == null ? indices[d].shape() : broadcast(op, b, indices[d].shape());
            }
        }
        common = b;
        boolean adjacent = picked.get(picked.size() - 1) - picked.get(0) == picked.size() - 1;
        place = adjacent ? picked.get(0) : 0;
        long[] sizes = new long[source.rank() - picked.size() + common.rank()];
        int n = 0;
        for (int d = 0; d < source.rank(); d++) {
            if (n == place) {
                n += common.rank();
            }
            if (d >= indices.length || indices[d] == null) {
                sizes[n++] = source.size(d);
            }
        }
        System.arraycopy(common.toArray(), 0, sizes, place, common.rank());
        result = Shape.of(sizes);
    }

    private static Shape broadcast(String op, Shape a, Shape b) {
        try {
            return Shape.broadcast(op, a, b);
        } catch (ShapeException e) {
            throw new IndexException(
                    "[" + op + "] expected index tensors that broadcast, got shapes " + a + " and " + b, e);
        }
    }

    /** The shape of what is picked. */
    Shape result() {
        return result;
    }

    private boolean isSingle() {
        return picked.size() == 1;
    }

    /** An index tensor whose negative values count from the end; those out of range are -1. */
    static Tensor wrapped(Tensor index, long n) {
        return Elementwise.apply(PLACE, index, Scalar.of(n), Scalar.of(1L));
    }

    /** The result's elements as (before, picked, after), where the one index tensor is a vector. */
    private Layout asThree(Layout l) {
        int d = picked.get(0);
        return l.view(source.with(d, common.numel())).orElseThrow();
    }

    private Operand vector() {
        int d = picked.get(0);
        Tensor at = wrapped(indices[d].reshape(-1), source.size(d));
        return Indexing.along(Access.operand(at), source.with(d, common.numel()), d);
    }

    /** Positions of the picked elements in a layout, counted from its offset. */
    Tensor positions(Layout l) {
        Tensor at = null;
        for (int d : picked) {
            Tensor p = Elementwise.apply(PLACE, indices[d], Scalar.of(source.size(d)), Scalar.of(l.stride(d)));
            at = at == null ? p : Elementwise.apply(JOIN, new Object[] {at, p});
        }
        Tensor rest = null;
        int whole = source.rank() - picked.size();
        int n = 0;
        for (int d = 0; d < source.rank(); d++) {
            if (d >= indices.length || indices[d] == null) {
                int dimension = n < place ? n : n + common.rank();
                long[] sizes = new long[result.rank()];
                Arrays.fill(sizes, 1);
                sizes[dimension] = source.size(d);
                Tensor steps = Elementwise.apply(
                                PLACE,
                                Creation.arange(source.size(d), at.device()),
                                Scalar.of(Math.max(1, source.size(d))),
                                Scalar.of(l.stride(d)))
                        .reshape(sizes);
                rest = rest == null ? steps : rest.add(steps);
                n++;
            }
        }
        long[] sizes = new long[result.rank()];
        Arrays.fill(sizes, 1);
        System.arraycopy(at.expand(common.toArray()).shape().toArray(), 0, sizes, place, common.rank());
        Tensor placed = at.expand(common.toArray()).reshape(sizes);
        return whole == 0 ? placed : Elementwise.apply(JOIN, new Object[] {placed, rest});
    }

    private static Operand window(Operand o) {
        Layout l = o.layout();
        return o.with(Layout.of(Shape.of(l.span() - l.offset()), new long[] {1}, l.offset()));
    }

    private void sameDevice(Operand t) {
        for (int d : picked) {
            Checks.sameDevice(op, t, Access.operand(indices[d]));
        }
    }

    /** A new tensor with the picked elements; nothing is recorded. */
    Tensor pick(Tensor t) {
        Operand in = Access.operand(t);
        sameDevice(in);
        Operand out =
                Executor.current().allocate(t.dtype(), result, in.storage().backend());
        Tensor picks = Access.wrap(out);
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            if (result.numel() == 0) {
                return picks;
            }
            if (isSingle()) {
                Operand at = vector();
                Executor.current().gather(out.with(asThree(out.layout())), in, at, picked.get(0));
            } else {
                Operand at = Access.operand(positions(in.layout()).reshape(-1));
                Executor.current().gather(window(out), source.numel() == 0 ? nothing(in) : window(in), at, 0);
            }
        }
        return picks;
    }

    private static Operand nothing(Operand o) {
        return o.with(Layout.contiguous(Shape.of(0)));
    }

    /** Writes or adds values, which have the shape of the result and the type of the tensor; nothing is recorded. */
    void put(ScatterOp how, Tensor t, Tensor values) {
        Operand target = Access.operand(t);
        sameDevice(target);
        Checks.sameDevice(op, target, Access.operand(values));
        if (result.numel() == 0) {
            return;
        }
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Operand src = Access.operand(values.contiguous());
            if (isSingle()) {
                Indexing.scatterRaw(how, target, vector(), src.with(asThree(src.layout())), picked.get(0));
            } else {
                Operand at = Access.operand(positions(target.layout()).reshape(-1));
                Operand out = source.numel() == 0 ? nothing(target) : window(target);
                Indexing.scatterRaw(how, out, at, window(src), 0);
            }
        }
    }
}
