package dev.jangada.ops;

import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.MapKernel;
import java.util.Optional;

/**
 * How any product of matrices reaches the backend's batched one: layouts only, a copy just where batch dimensions have no common stride.
 *
 * <p>Transposed operands are never copied: their layout carries the transposition.
 */
final class MatrixProducts {
    private static final Operand[] NONE = {};
    private static final long[] NO_SCALARS = {};

    private MatrixProducts() {}

    /** The operand as a matrix or a batch of matrices; a vector gets a dimension of size 1 at {@code dim}. */
    private static Operand matrix(Tensor t, int dim) {
        Operand o = Access.operand(t);
        return o.layout().rank() == 1 ? o.with(o.layout().unsqueeze(dim)) : o;
    }

    private static Shape batchShape(String op, Layout a, Layout b) {
        return Shape.broadcast(op, front(a.shape()), front(b.shape()));
    }

    private static Shape front(Shape s) {
        return Shape.of(java.util.Arrays.copyOf(s.toArray(), s.rank() - 2));
    }

    private static Shape append(Shape front, long... last) {
        long[] sizes = java.util.Arrays.copyOf(front.toArray(), front.rank() + last.length);
        System.arraycopy(last, 0, sizes, front.rank(), last.length);
        return Shape.of(sizes);
    }

    /** The shape of the product without the dimensions that vectors were given. */
    static Shape resultShape(String op, Tensor a, Tensor b) {
        int ra = a.dim();
        int rb = b.dim();
        if (ra == 2 && rb == 2) {
            return Shape.of(a.size(0), b.size(1));
        }
        Layout la = matrix(a, 0).layout();
        Layout lb = matrix(b, 1).layout();
        Shape s = batchShape(op, la, lb);
        s = ra == 1 ? s : append(s, a.size(-2));
        return rb == 1 ? s : append(s, b.size(-1));
    }

    /** Requires at least one dimension, one type and a common inner size. */
    static void check(String op, Tensor a, Tensor b) {
        Checks.shape(
                a.dim() > 0 && b.dim() > 0,
                op,
                "expected tensors of at least one dimension, got shapes " + a.shape() + " and " + b.shape()
                        + "; use mul for scalars");
        long inner = b.dim() == 1 ? b.size(0) : b.size(-2);
        if (a.size(-1) != inner) {
            Checks.shape(
                    false,
                    op,
                    "expected a.shape[-1] == b.shape[-2], got a=" + a.shape() + " and b=" + b.shape()
                            + (b.dim() == 1 ? "" : "; pass b.transpose(-2, -1) if b is a weight of shape [out, in]"));
        }
        sameType(op, a, b);
    }

    static void sameType(String op, Tensor a, Tensor b) {
        if (a.dtype() != b.dtype()) {
            boolean first = a.dtype().isFloatingPoint() && !b.dtype().isFloatingPoint();
            Checks.dtype(
                    false,
                    op,
                    "expected tensors of one type, got " + a.dtype() + " and " + b.dtype()
                            + "; convert one of them with to(DType."
                            + (first ? a : b).dtype().name() + ")");
        }
    }

    /**
     * Computes {@code alpha * a @ b} for checked operands of at least one dimension.
     *
     * @param epilogue what is done to the product at once, or null
     * @param extra further inputs of the epilogue, stretched to the product's shape
     */
    static Tensor run(
            String op, Tensor a, Tensor b, double alpha, MapKernel epilogue, Operand[] extra, long[] scalars) {
        Operand x = matrix(a, 0);
        Operand y = matrix(b, 1);
        Backend backend = Checks.sameDevice(op, x, y);
        for (Operand e : extra) {
            Checks.sameDevice(op, x, e);
        }
        Shape shape = resultShape(op, a, b);
        Executor executor = Executor.current();
        Operand out = executor.allocate(a.dtype(), shape, backend);
        Tensor result = Access.wrap(out);
        long m = x.layout().size(-2);
        long n = y.layout().size(-1);
        long k = x.layout().size(-1);
        Operand p = x;
        Operand q = y;
        Operand copyX = null;
        Operand copyY = null;
        try {
            if (x.layout().rank() == 2 && y.layout().rank() == 2) {
                p = x.with(x.layout().unsqueeze(0));
                q = y.with(y.layout().unsqueeze(0));
            } else {
                Optional<Layout> rows = y.layout().rank() == 2
                        ? x.layout().view(Shape.of(1, x.layout().numel() / Math.max(1, k), k))
                        : Optional.empty();
                if (rows.isPresent() && k > 0) {
                    p = x.with(rows.get());
                    q = y.with(y.layout().unsqueeze(0));
                    m = rows.get().size(1);
                } else {
                    Shape batch = batchShape(op, x.layout(), y.layout());
                    p = batched(x, batch, m, k);
                    copyX = p.storage() == x.storage() ? null : p;
                    q = batched(y, batch, k, n);
                    copyY = q.storage() == y.storage() ? null : q;
                }
            }
            long batches = p.layout().size(0);
            Operand target = out.with(Layout.contiguous(Shape.of(batches, m, n)));
            if (epilogue == null) {
                executor.matmul(target, p, q, alpha, 0);
            } else {
                Operand[] more = new Operand[extra.length];
                Shape wide = target.layout().shape();
                for (int i = 0; i < more.length; i++) {
                    more[i] = extra[i].with(extra[i].layout().view(wide).orElseThrow());
                }
                executor.matmul(new Operand[] {target}, p, q, alpha, epilogue, more, scalars);
            }
        } finally {
            drop(copyX);
            drop(copyY);
        }
        return result;
    }

    /** Computes {@code alpha * a @ b} for checked operands of at least one dimension. */
    static Tensor run(String op, Tensor a, Tensor b, double alpha) {
        return run(op, a, b, alpha, null, NONE, NO_SCALARS);
    }

    private static void drop(Operand copy) {
        if (copy != null) {
            copy.storage().release();
        }
    }

    private static Operand batched(Operand o, Shape batch, long rows, long columns) {
        Layout wide = o.layout().expand(append(batch, rows, columns));
        Shape flat = Shape.of(batch.numel(), rows, columns);
        Optional<Layout> l = wide.view(flat);
        if (l.isPresent()) {
            return o.with(l.get());
        }
        Operand copy =
                Executor.current().allocate(o.dtype(), wide.shape(), o.storage().backend());
        Copies.raw(copy, o.with(wide));
        return copy.with(Layout.contiguous(flat));
    }
}
