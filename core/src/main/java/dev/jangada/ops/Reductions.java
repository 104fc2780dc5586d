package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import java.util.List;

/** Reductions over dimensions. */
public final class Reductions {
    private static final ReduceKernel[] SUM = new ReduceKernel[DType.values().length];

    static {
        for (DType t : DType.values()) {
            DType acc = t.isFloatingPoint() ? t.compute() : DType.INT64;
            Program value = Program.of(List.of(t), List.of(), Expr.input(0, t).cast(acc));
            SUM[t.ordinal()] = ReduceKernel.of("sum", ReduceOp.SUM, value, t.isFloatingPoint() ? t : DType.INT64);
        }
    }

    private Reductions() {}

    /** The sum over dimensions; none mean all. Integers and bool give int64. */
    public static Tensor sum(Tensor t, int[] dims, boolean keepdim) {
        int[] axes = axes("sum", dims, t.dim());
        Shape kept = keptShape(t.shape(), axes);
        Operand in = Access.operand(t);
        ReduceKernel kernel = SUM[t.dtype().ordinal()];
        Operand out = Executor.current()
                .allocate(kernel.epilogue().outputType(0), kept, in.storage().backend());
        Tensor whole = Access.wrap(out);
        Executor.current().reduce(kernel, new Operand[] {out}, new Operand[] {in}, new long[0]);
        Tensor result = keepdim ? whole : dropped(whole, axes);
        Shape from = t.shape();
        return Tape.attach(
                "SumBackward" + (dims.length == 0 ? "0" : "1"), result, t, g -> expandBack(g, axes, keepdim, from));
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

    /** The same memory without the reduced dimensions; the given tensor is closed. */
    static Tensor dropped(Tensor kept, int[] axes) {
        Operand o = Access.operand(kept);
        long[] sizes = new long[kept.dim() - axes.length];
        int n = 0;
        for (int i = 0; i < kept.dim(); i++) {
            boolean reduced = false;
            for (int a : axes) {
                reduced |= a == i;
            }
            if (!reduced) {
                sizes[n++] = kept.size(i);
            }
        }
        Tensor out = Access.alias(o.with(Layout.contiguous(Shape.of(sizes))));
        kept.close();
        return out;
    }

    /** A gradient of a reduced tensor, stretched to the shape before the reduction; a view. */
    static Tensor expandBack(Tensor g, int[] axes, boolean keepdim, Shape from) {
        Tensor wide = keepdim ? g : g.reshape(keptShape(from, axes).toArray());
        return wide.expand(from.toArray());
    }
}
