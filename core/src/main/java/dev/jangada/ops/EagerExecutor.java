package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Backend;
import dev.jangada.backend.InUse;
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
 * <p>Every storage is marked as in use during the call, so that another thread that closes a tensor meanwhile frees nothing that a kernel still uses.
 */
final class EagerExecutor implements Executor {
    static final EagerExecutor INSTANCE = new EagerExecutor();

    private static final Operand[] NONE = {};
    private static final long MOST_ELEMENTS = Long.MAX_VALUE / Long.BYTES;

    private EagerExecutor() {}

    @Override
    public Operand allocate(DType dtype, Layout layout, Backend backend) {
        long numel = layout.numel();
        if (numel > MOST_ELEMENTS && numel > Long.MAX_VALUE / dtype.size()) { // a division costs more than the rest
            throw new OutOfMemoryException(
                    "[memory] expected fewer than 2^63 bytes, got shape " + layout.shape() + " of type " + dtype);
        }
        return new Operand(Storage.allocate(backend, numel * dtype.size()), dtype, layout);
    }

    private static void using(Operand[] some, Operand[] others, Runnable call) {
        InUse use = InUse.current();
        int mark = use.begin(some, others);
        try {
            call.run();
        } finally {
            use.end(mark);
        }
    }

    private static void using(Runnable call, Operand... operands) {
        using(operands, NONE, call);
    }

    private static Backend backend(Operand out) {
        return out.storage().backend();
    }

    @Override
    public void map(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        InUse use = InUse.current();
        int mark = use.begin(outs, ins);
        try {
            backend(outs[0]).map(kernel, outs, ins, scalars);
        } finally {
            use.end(mark);
        }
    }

    @Override
    public void reduce(ReduceKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        using(outs, ins, () -> backend(outs[0]).reduce(kernel, outs, ins, scalars));
    }

    @Override
    public void matmul(Operand out, Operand a, Operand b, double alpha, double beta) {
        using(() -> backend(out).matmul(out, a, b, alpha, beta), out, a, b);
    }

    @Override
    public void matmul(
            Operand[] outs, Operand a, Operand b, double alpha, MapKernel epilogue, Operand[] extra, long[] scalars) {
        Operand[] ins = new Operand[2 + extra.length];
        ins[0] = a;
        ins[1] = b;
        System.arraycopy(extra, 0, ins, 2, extra.length);
        using(outs, ins, () -> backend(outs[0]).matmul(outs, a, b, alpha, epilogue, extra, scalars));
    }

    @Override
    public void scan(ScanOp op, Operand out, Operand in, int dim) {
        using(() -> backend(out).scan(op, out, in, dim), out, in);
    }

    @Override
    public void gather(Operand out, Operand in, Operand index, int dim) {
        using(() -> backend(out).gather(out, in, index, dim), out, in, index);
    }

    @Override
    public void scatter(ScatterOp op, Operand out, Operand index, Operand src, int dim) {
        using(() -> backend(out).scatter(op, out, index, src, dim), out, index, src);
    }

    @Override
    public void sort(Operand values, Operand indices, Operand in, int dim, boolean descending) {
        using(() -> backend(values).sort(values, indices, in, dim, descending), values, indices, in);
    }

    @Override
    public void write(Operand target, ByteBuffer source) {
        using(
                () -> backend(target)
                        .copyFromHost(
                                target.storage().memory(),
                                target.layout().offset() * target.dtype().size(),
                                source),
                target);
    }

    @Override
    public void read(ByteBuffer target, Operand source) {
        using(
                () -> backend(source)
                        .copyToHost(
                                target,
                                source.storage().memory(),
                                source.layout().offset() * source.dtype().size()),
                source);
    }
}
