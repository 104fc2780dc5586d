package dev.jangada.ops;

import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.ScatterOp;

/** Reading and writing by integer tensors. */
public final class Indexing {
    private Indexing() {}

    /** A copy with {@code src} added along a dimension where {@code index} says. */
    public static Tensor scatterAdd(Tensor t, int dim, Tensor index, Tensor src) {
        int d = Checks.dim("scatterAdd", dim, t.dim());
        Operand in = Access.operand(t);
        Operand out = Shapes.emptyLike(in, t.dtype());
        Tensor result = Access.wrap(out);
        Copies.raw(out, in);
        Executor.current().scatter(ScatterOp.ADD, out, Access.operand(index), Access.operand(src), d);
        return result;
    }
}
