package dev.jangada.cpu;

import dev.jangada.ArgumentException;
import dev.jangada.Device;
import dev.jangada.IndexException;
import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Activity;
import dev.jangada.backend.Backend;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Memory;
import dev.jangada.backend.MemoryStats;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Tally;
import dev.jangada.kernel.Kernel;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The processor: each kernel call writes its arguments into the block of the thread and makes one native call, which has done its work when
 * it returns.
 *
 * <p>The order of the arguments is told at the top of the C++ file of each family. Operands stay reachable until the call is over, so that
 * no storage is freed under it.
 */
final class CpuBackend implements Backend {
    /** More threads than this gain nothing, and the system may refuse to start them. */
    static final int MOST_THREADS = 256;

    private static final int NO_MEMORY = 2;
    private static final Operand[] NO_OPERANDS = {};
    private static final long[] NO_SCALARS = {};

    private final Tally tally = new Tally();
    private final Allocator allocator = new Allocator(Native.physicalMemory());

    /** What a reduction was compiled to. */
    private record NativeReduction(NativeProgram program, NativeProgram epilogue) {}

    @Override
    public Device device() {
        return Device.cpu();
    }

    @Override
    public String description() {
        return Libraries.description();
    }

    @Override
    public Memory allocate(long bytes) {
        return allocator.allocate(bytes);
    }

    @Override
    public void copyFromHost(Memory target, long position, ByteBuffer source) {
        countCopy();
        Transfers.fromHost((Block) target, position, source);
    }

    @Override
    public void copyToHost(ByteBuffer target, Memory source, long position) {
        countCopy();
        Transfers.toHost(target, (Block) source, position);
    }

    /** Does nothing: every kernel has finished when its call returns. */
    @Override
    public void synchronize() {}

    @Override
    public MemoryStats memory() {
        return allocator.stats();
    }

    @Override
    public void emptyCache() {
        allocator.emptyCache();
    }

    @Override
    public void setNumThreads(int threads) {
        if (threads < 1 || threads > MOST_THREADS) {
            throw new ArgumentException("[setNumThreads] expected 1 to " + MOST_THREADS + " threads, got " + threads
                    + "; more threads than processors only wait for each other");
        }
        Native.setThreads(threads);
    }

    @Override
    public void countActivity(boolean on) {
        tally.turn(on);
        Native.countBusy(on);
    }

    @Override
    public Optional<Activity> activity() {
        return Optional.of(tally.activity(Native.busyNanos(), Native.threads()));
    }

    private void countCopy() {
        if (tally.isOn()) {
            tally.hostCall();
        }
    }

    private NativeProgram compiled(MapKernel kernel) {
        return kernel.compiled(this, () -> NativeProgram.of(kernel.program()));
    }

    @Override
    public void map(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        Layout shape = outs[0].layout();
        if (shape.numel() == 0) {
            return;
        }
        if (tally.isOn()) {
            tally.launch(new KernelCall.Map(kernel), outs, ins);
        }
        long program = compiled(kernel).address();
        int status = isSimple(outs, ins, scalars)
                ? Native.mapDense(
                        program,
                        shape.numel(),
                        Arguments.address(outs[0]),
                        ins.length > 0 ? Arguments.address(ins[0]) : 0,
                        ins.length > 1 ? Arguments.address(ins[1]) : 0,
                        scalars.length > 0 ? scalars[0] : 0)
                : map(program, shape, outs, ins, scalars);
        check(kernel, status);
        Reference.reachabilityFence(outs);
        Reference.reachabilityFence(ins);
    }

    private static int map(long program, Layout shape, Operand[] outs, Operand[] ins, long[] scalars) {
        int rank = shape.rank();
        Arguments args = Arguments.start(4 + rank + (outs.length + ins.length) * (rank + 1) + scalars.length);
        args.put(program).put(rank).put(outs.length).put(ins.length).putShape(shape, rank);
        args.putOperands(outs, rank).putOperands(ins, rank).put(scalars);
        return Native.map(args.address());
    }

    /** Whether a call's arguments fit into registers. */
    private static boolean isSimple(Operand[] outs, Operand[] ins, long[] scalars) {
        if (outs.length != 1
                || ins.length > 2
                || scalars.length > 1
                || !outs[0].layout().isContiguous()) {
            return false;
        }
        for (Operand in : ins) {
            if (!in.layout().isContiguous()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void reduce(ReduceKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        Layout result = outs[0].layout();
        if (result.numel() == 0) {
            return;
        }
        if (tally.isOn()) {
            tally.launch(new KernelCall.Reduce(kernel), outs, ins);
        }
        NativeReduction code = kernel.compiled(
                this,
                () -> new NativeReduction(NativeProgram.of(kernel.program()), NativeProgram.of(kernel.epilogue())));
        Layout shape = ins[0].layout();
        int rank = shape.rank();
        Arguments args = Arguments.start(6 + 2 * rank + (outs.length + ins.length) * (rank + 1) + scalars.length);
        args.put(code.program.address())
                .put(code.epilogue.address())
                .put(kernel.op().ordinal());
        args.put(rank).put(outs.length).put(ins.length).putShape(shape, rank);
        for (int i = 0; i < rank; i++) {
            args.put(result.size(i) == shape.size(i) ? 0 : 1);
        }
        args.putOperands(outs, rank).putOperands(ins, rank).put(scalars);
        int status = Native.reduce(args.address());
        if (status == NO_MEMORY) { // perhaps our own cache holds it
            allocator.emptyCache();
            status = Native.reduce(args.address());
        }
        check(kernel, status);
        Reference.reachabilityFence(outs);
        Reference.reachabilityFence(ins);
    }

    private static void check(Kernel kernel, int status) {
        if (status != 0) {
            fail(kernel.name(), status);
        }
    }

    private static void fail(String kernel, int status) {
        if (status == NO_MEMORY) {
            throw new OutOfMemoryException("[" + kernel
                    + "] expected free memory for temporary copies, got none; close tensors or use smaller batches");
        }
        throw new ArgumentException("[" + kernel
                + "] expected divisors other than 0, got an integer division by zero; convert to a floating point type,"
                + " or replace the zeros");
    }

    @Override
    public void matmul(Operand out, Operand a, Operand b, double alpha, double beta) {
        product(new Operand[] {out}, a, b, alpha, beta, null, NO_OPERANDS, NO_SCALARS);
    }

    @Override
    public void matmul(
            Operand[] outs,
            Operand a,
            Operand b,
            double alpha,
            MapKernel epilogue,
            Operand[] extra,
            long[] scalars) {
        product(outs, a, b, alpha, 0, epilogue, extra, scalars);
    }

    private void product(
            Operand[] outs,
            Operand a,
            Operand b,
            double alpha,
            double beta,
            MapKernel epilogue,
            Operand[] extra,
            long[] scalars) {
        Layout c = outs[0].layout();
        if (c.numel() == 0) {
            return;
        }
        long k = a.layout().size(2);
        if (c.size(1) > Integer.MAX_VALUE || c.size(2) > Integer.MAX_VALUE || k > Integer.MAX_VALUE) {
            throw new ArgumentException("[matmul] expected matrices with fewer than 2^31 rows and columns, got a="
                    + a.layout().shape() + " and b=" + b.layout().shape() + "; multiply in parts");
        }
        if (tally.isOn()) {
            countProduct(outs, a, b, alpha, beta, epilogue, extra);
        }
        long program = epilogue == null ? 0 : compiled(epilogue).address();
        Arguments args = Arguments.start(19 + 2 * outs.length + 4 * extra.length + scalars.length);
        args.put(a.dtype());
        args.put(c.size(0)).put(c.size(1)).put(c.size(2)).put(k);
        args.put(Double.doubleToRawLongBits(alpha)).put(Double.doubleToRawLongBits(beta));
        args.putOperand(a, 3).putOperand(b, 3);
        args.put(program).put(outs.length).put(extra.length).put(scalars.length);
        for (Operand x : outs) {
            args.putAddress(x).put(x.layout().stride(0));
        }
        args.putOperands(extra, 3).put(scalars);
        int status = Native.matmul(args.address());
        if (status == NO_MEMORY && beta == 0 && !isRead(outs, extra)) { // else a second try would count twice
            allocator.emptyCache();
            status = Native.matmul(args.address());
        }
        if (status != 0) {
            fail(epilogue == null ? "matmul" : epilogue.name(), status);
        }
        Reference.reachabilityFence(outs);
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
        Reference.reachabilityFence(extra);
    }

    private void countProduct(
            Operand[] outs, Operand a, Operand b, double alpha, double beta, MapKernel epilogue, Operand[] extra) {
        if (epilogue == null) {
            tally.launch(new KernelCall.Matmul(alpha, beta), outs, a, b);
            return;
        }
        List<Operand> ins = new ArrayList<>(List.of(a, b));
        ins.addAll(List.of(extra));
        tally.launch(new KernelCall.MatmulMap(alpha, epilogue), outs, ins.toArray(NO_OPERANDS));
    }

    private static boolean isRead(Operand[] outs, Operand[] extra) {
        for (Operand x : extra) {
            for (Operand out : outs) {
                if (x.storage() == out.storage()) {
                    return true;
                }
            }
        }
        return false;
    }

    @Override
    public void scan(ScanOp op, Operand out, Operand in, int dim) {
        Layout shape = in.layout();
        if (shape.numel() == 0) {
            return;
        }
        if (tally.isOn()) {
            tally.launch(new KernelCall.Scan(op, dim), new Operand[] {out}, in);
        }
        int rank = Math.max(1, shape.rank());
        Arguments args = Arguments.start(6 + 3 * rank);
        args.put(op.ordinal())
                .put(in.dtype())
                .put(rank)
                .put(dim)
                .putAddress(out)
                .putAddress(in);
        args.putShape(shape, rank).putStrides(out.layout(), rank).putStrides(shape, rank);
        Native.scan(args.address());
        Reference.reachabilityFence(out);
        Reference.reachabilityFence(in);
    }

    @Override
    public void gather(Operand out, Operand in, Operand index, int dim) {
        Layout shape = out.layout();
        if (shape.numel() == 0) {
            return;
        }
        if (tally.isOn()) {
            tally.launch(new KernelCall.Gather(dim), new Operand[] {out}, in, index);
        }
        int rank = Math.max(1, shape.rank());
        long size = size(in.layout(), dim);
        Arguments args = Arguments.start(7 + 4 * rank);
        args.put(in.dtype())
                .put(rank)
                .put(dim)
                .putAddress(out)
                .putAddress(in)
                .putAddress(index)
                .put(size);
        args.putShape(shape, rank).putStrides(shape, rank).putStrides(in.layout(), rank);
        args.putStrides(index.layout(), rank);
        if (Native.gather(args.address()) != 0) {
            throw outOfRange("gather", args.get(0), dim, in.layout());
        }
        Reference.reachabilityFence(out);
        Reference.reachabilityFence(in);
        Reference.reachabilityFence(index);
    }

    @Override
    public void scatter(ScatterOp op, Operand out, Operand index, Operand src, int dim) {
        Layout shape = index.layout();
        if (shape.numel() == 0) {
            return;
        }
        if (tally.isOn()) {
            tally.launch(new KernelCall.Scatter(op, dim), new Operand[] {out}, index, src);
        }
        int rank = Math.max(1, shape.rank());
        Arguments args = Arguments.start(8 + 4 * rank);
        args.put(out.dtype()).put(rank).put(dim).putAddress(out).putAddress(src).putAddress(index);
        args.put(size(out.layout(), dim));
        args.putShape(shape, rank).putStrides(out.layout(), rank).putStrides(src.layout(), rank);
        args.putStrides(shape, rank).put(op == ScatterOp.ADD ? 1 : 0);
        if (Native.scatter(args.address()) != 0) {
            throw outOfRange("scatter", args.get(0), dim, out.layout());
        }
        Reference.reachabilityFence(out);
        Reference.reachabilityFence(index);
        Reference.reachabilityFence(src);
    }

    private static long size(Layout layout, int dim) {
        return layout.rank() == 0 ? 1 : layout.size(dim);
    }

    private static IndexException outOfRange(String op, long index, int dim, Layout layout) {
        return new IndexException("[" + op + "] expected indices in [0, " + size(layout, dim) + ") for dimension " + dim
                + " of shape " + layout.shape() + ", got " + index);
    }

    @Override
    public void sort(Operand values, Operand indices, Operand in, int dim, boolean descending) {
        if (values.layout().numel() == 0) {
            return;
        }
        if (tally.isOn()) {
            tally.launch(new KernelCall.Sort(dim, descending), new Operand[] {values, indices}, in);
        }
        Layout shape = in.layout();
        int rank = Math.max(1, shape.rank());
        Arguments args = Arguments.start(8 + 4 * rank);
        args.put(in.dtype()).put(rank).put(dim).put(descending ? 1 : 0);
        args.putAddress(values).putAddress(indices).putAddress(in).put(size(values.layout(), dim));
        args.putShape(shape, rank).putStrides(values.layout(), rank).putStrides(indices.layout(), rank);
        args.putStrides(shape, rank);
        int status = Native.sort(args.address());
        if (status != 0) {
            allocator.emptyCache();
            status = Native.sort(args.address());
        }
        if (status != 0) {
            throw new OutOfMemoryException("[sort] expected free memory for " + 2 * size(shape, dim)
                    + " pairs of value and position, got none; close tensors or sort in parts");
        }
        Reference.reachabilityFence(values);
        Reference.reachabilityFence(indices);
        Reference.reachabilityFence(in);
    }
}
