package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import java.nio.ByteBuffer;

/**
 * Runs each kernel at once on the device of its outputs.
 *
 * <p>Every storage is held during the call, so that another thread that closes a tensor meanwhile frees nothing that a kernel still uses.
 */
final class EagerExecutor implements Executor {
    static final EagerExecutor INSTANCE = new EagerExecutor();

    private EagerExecutor() {}

    @Override
    public Operand allocate(DType dtype, Layout layout, Backend backend) {
        if (layout.numel() > Long.MAX_VALUE / dtype.size()) {
            throw new OutOfMemoryException(
                    "[memory] expected fewer than 2^63 bytes, got shape " + layout.shape() + " of type " + dtype);
        }
        long bytes = layout.numel() * dtype.size();
        return new Operand(Storage.allocate(backend, bytes), dtype, layout);
    }

    private static void hold(Operand[] operands) {
        for (int i = 0; i < operands.length; i++) {
            try {
                operands[i].storage().retain();
            } catch (RuntimeException e) {
                while (--i >= 0) {
                    operands[i].storage().release();
                }
                throw e;
            }
        }
    }

    private static void drop(Operand[] operands) {
        for (Operand o : operands) {
            o.storage().release();
        }
    }

    private static void holding(Runnable call, Operand... operands) {
        hold(operands);
        try {
            call.run();
        } finally {
            drop(operands);
        }
    }

    private static Backend backend(Operand out) {
        return out.storage().backend();
    }

    /**
     * Inputs are held; outputs are new and known to nobody, or held by the operation that changes them in place. A kernel without inputs,
     * such as a fill, holds its outputs.
     */
    @Override
    public void map(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        Operand[] held = ins.length == 0 ? outs : ins;
        hold(held);
        try {
            backend(outs[0]).map(kernel, outs, ins, scalars);
        } finally {
            drop(held);
        }
    }

    @Override
    public void reduce(ReduceKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        holding(() -> holding(() -> backend(outs[0]).reduce(kernel, outs, ins, scalars), ins), outs);
    }

    @Override
    public void matmul(Operand out, Operand a, Operand b, double alpha, double beta) {
        holding(() -> backend(out).matmul(out, a, b, alpha, beta), out, a, b);
    }

    @Override
    public void matmul(
            Operand out, Operand a, Operand b, double alpha, MapKernel epilogue, Operand[] extra, long[] scalars) {
        holding(() -> holding(() -> backend(out).matmul(out, a, b, alpha, epilogue, extra, scalars), extra), out, a, b);
    }

    @Override
    public void scan(ScanOp op, Operand out, Operand in, int dim) {
        holding(() -> backend(out).scan(op, out, in, dim), out, in);
    }

    @Override
    public void gather(Operand out, Operand in, Operand index, int dim) {
        holding(() -> backend(out).gather(out, in, index, dim), out, in, index);
    }

    @Override
    public void scatter(ScatterOp op, Operand out, Operand index, Operand src, int dim) {
        holding(() -> backend(out).scatter(op, out, index, src, dim), out, index, src);
    }

    @Override
    public void sort(Operand values, Operand indices, Operand in, int dim, boolean descending) {
        holding(() -> backend(values).sort(values, indices, in, dim, descending), values, indices, in);
    }

    @Override
    public void write(Operand target, ByteBuffer source) {
        holding(
                () -> backend(target)
                        .copyFromHost(
                                target.storage().memory(),
                                target.layout().offset() * target.dtype().size(),
                                source),
                target);
    }

    @Override
    public void read(ByteBuffer target, Operand source) {
        holding(
                () -> backend(source)
                        .copyToHost(
                                target,
                                source.storage().memory(),
                                source.layout().offset() * source.dtype().size()),
                source);
    }
}
