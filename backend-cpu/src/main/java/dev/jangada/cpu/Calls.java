package dev.jangada.cpu;

import dev.jangada.ArgumentException;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import java.util.Optional;

/**
 * Writes the arguments of kernel calls, in the order that the C++ file of each family tells at its top: for a call that is made at once, and
 * for one that is part of a plan.
 *
 * <p>Each method tells whether there is anything to do: calls without elements are left out.
 */
final class Calls {
    /** What a reduction was compiled to. */
    private record NativeReduction(NativeProgram program, NativeProgram epilogue) {}

    /** A product, with its epilogue if there is one; inputs are a, b, then those that only the epilogue has. */
    record Product(double alpha, double beta, Optional<MapKernel> epilogue) {
        KernelCall call() {
            return epilogue.isPresent()
                    ? new KernelCall.MatmulMap(alpha, epilogue.get())
                    : new KernelCall.Matmul(alpha, beta);
        }
    }

    private final CpuBackend owner;

    /** Creates the writer of a backend, which owns the compiled kernels. */
    Calls(CpuBackend owner) {
        this.owner = owner;
    }

    /** Returns the native form of a kernel. */
    NativeProgram compiled(MapKernel kernel) {
        return kernel.compiled(owner, () -> NativeProgram.of(kernel.program()));
    }

    boolean map(Arguments args, MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        Layout shape = outs[0].layout();
        if (shape.numel() == 0) {
            return false;
        }
        int rank = shape.rank();
        args.room(4 + rank + (outs.length + ins.length) * (rank + 1) + scalars.length);
        args.put(compiled(kernel).address()).put(rank).put(outs.length).put(ins.length);
        args.putShape(shape, rank)
                .putOperands(outs, rank)
                .putOperands(ins, rank)
                .put(scalars);
        return true;
    }

    boolean reduce(Arguments args, ReduceKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        Layout result = outs[0].layout();
        if (result.numel() == 0) {
            return false;
        }
        NativeReduction code = kernel.compiled(
                owner,
                () -> new NativeReduction(NativeProgram.of(kernel.program()), NativeProgram.of(kernel.epilogue())));
        Layout shape = ins[0].layout();
        int rank = shape.rank();
        args.room(6 + 2 * rank + (outs.length + ins.length) * (rank + 1) + scalars.length);
        args.put(code.program.address())
                .put(code.epilogue.address())
                .put(kernel.op().ordinal());
        args.put(rank).put(outs.length).put(ins.length).putShape(shape, rank);
        for (int i = 0; i < rank; i++) {
            args.put(result.size(i) == shape.size(i) ? 0 : 1);
        }
        args.putOperands(outs, rank).putOperands(ins, rank).put(scalars);
        return true;
    }

    boolean matmul(Arguments args, Product product, Operand[] outs, Operand[] ins, long[] scalars) {
        Operand a = ins[0];
        Operand b = ins[1];
        Layout c = outs[0].layout();
        if (c.numel() == 0) {
            return false;
        }
        long k = a.layout().size(2);
        if (c.size(1) > Integer.MAX_VALUE || c.size(2) > Integer.MAX_VALUE || k > Integer.MAX_VALUE) {
            throw new ArgumentException("[matmul] expected matrices with fewer than 2^31 rows and columns, got a="
                    + a.layout().shape() + " and b=" + b.layout().shape() + "; multiply in parts");
        }
        int extra = ins.length - 2;
        args.room(19 + 2 * outs.length + 4 * extra + scalars.length).put(a.dtype());
        args.put(c.size(0)).put(c.size(1)).put(c.size(2)).put(k);
        args.put(Double.doubleToRawLongBits(product.alpha)).put(Double.doubleToRawLongBits(product.beta));
        args.putOperand(a, 3).putOperand(b, 3);
        args.put(product.epilogue.isPresent() ? compiled(product.epilogue.get()).address() : 0);
        args.put(outs.length).put(extra).put(scalars.length);
        for (Operand x : outs) {
            args.putAddress(x).put(x.layout().stride(0));
        }
        for (int i = 2; i < ins.length; i++) {
            args.putOperand(ins[i], 3);
        }
        args.put(scalars);
        return true;
    }

    boolean scan(Arguments args, ScanOp op, Operand out, Operand in, int dim) {
        Layout shape = in.layout();
        if (shape.numel() == 0) {
            return false;
        }
        int rank = Math.max(1, shape.rank());
        args.room(6 + 3 * rank)
                .put(op.ordinal())
                .put(in.dtype())
                .put(rank)
                .put(dim)
                .putAddress(out)
                .putAddress(in);
        args.putShape(shape, rank).putStrides(out.layout(), rank).putStrides(shape, rank);
        return true;
    }

    boolean gather(Arguments args, Operand out, Operand in, Operand index, int dim) {
        Layout shape = out.layout();
        if (shape.numel() == 0) {
            return false;
        }
        int rank = Math.max(1, shape.rank());
        args.room(7 + 4 * rank).put(in.dtype()).put(rank).put(dim);
        args.putAddress(out).putAddress(in).putAddress(index).put(size(in.layout(), dim));
        args.putShape(shape, rank).putStrides(shape, rank).putStrides(in.layout(), rank);
        args.putStrides(index.layout(), rank);
        return true;
    }

    boolean scatter(Arguments args, ScatterOp op, Operand out, Operand index, Operand src, int dim) {
        Layout shape = index.layout();
        if (shape.numel() == 0) {
            return false;
        }
        int rank = Math.max(1, shape.rank());
        args.room(8 + 4 * rank).put(out.dtype()).put(rank).put(dim);
        args.putAddress(out).putAddress(src).putAddress(index).put(size(out.layout(), dim));
        args.putShape(shape, rank).putStrides(out.layout(), rank).putStrides(src.layout(), rank);
        args.putStrides(shape, rank).put(op == ScatterOp.ADD ? 1 : 0);
        return true;
    }

    boolean sort(Arguments args, Operand values, Operand indices, Operand in, int dim, boolean descending) {
        if (values.layout().numel() == 0) {
            return false;
        }
        Layout shape = in.layout();
        int rank = Math.max(1, shape.rank());
        args.room(8 + 4 * rank).put(in.dtype()).put(rank).put(dim).put(descending ? 1 : 0);
        args.putAddress(values).putAddress(indices).putAddress(in).put(size(values.layout(), dim));
        args.putShape(shape, rank).putStrides(values.layout(), rank).putStrides(indices.layout(), rank);
        args.putStrides(shape, rank);
        return true;
    }

    /** Returns the size of a dimension; that of a scalar is 1. */
    static long size(Layout layout, int dim) {
        return layout.rank() == 0 ? 1 : layout.size(dim);
    }
}
