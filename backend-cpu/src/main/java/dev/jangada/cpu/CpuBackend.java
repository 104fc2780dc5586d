package dev.jangada.cpu;

import dev.jangada.ArgumentException;
import dev.jangada.Device;
import dev.jangada.backend.Activity;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Block;
import dev.jangada.backend.CompiledPlan;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Memory;
import dev.jangada.backend.MemoryStats;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Tally;
import dev.jangada.kernel.Kernel;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * The processor: each kernel call writes its arguments into the block of the thread and makes one native call, which has done its work when
 * it returns.
 *
 * <p>{@link Calls} writes the arguments. Operands stay reachable until the call is over, so that
 * no storage is freed under it.
 */
final class CpuBackend implements Backend {
    /** More threads than this gain nothing, and the system may refuse to start them. */
    static final int MOST_THREADS = 256;

    private static final long[] NO_SCALARS = {};

    private final Tally tally = new Tally();
    private final Allocator allocator = new Allocator(Native.physicalMemory());
    private final Calls calls = new Calls(this);

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

    /** Returns what counts launches and host calls. */
    Tally tally() {
        return tally;
    }

    private void countCopy() {
        if (tally.isOn()) {
            tally.hostCall();
        }
    }

    @Override
    public CompiledPlan compile(Plan plan) {
        return new NativePlan(plan, this, calls);
    }

    @Override
    public void map(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        if (tally.isOn() && outs[0].layout().numel() > 0) {
            tally.launch(new KernelCall.Map(kernel), outs, ins);
        }
        int status = mapOnce(kernel, outs, ins, scalars);
        if (status == Failures.NO_MEMORY) {
            status = again(() -> mapOnce(kernel, outs, ins, scalars));
        }
        check(kernel, status);
        Reference.reachabilityFence(outs);
        Reference.reachabilityFence(ins);
    }

    /** Calls a kernel again that found no memory and has written nothing: perhaps our own cache held it. */
    private int again(IntSupplier call) {
        allocator.emptyCache();
        return call.getAsInt();
    }

    private int mapOnce(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        return isSimple(outs, ins, scalars)
                ? mapDense(kernel, outs[0], ins, scalars)
                : mapAny(kernel, outs, ins, scalars);
    }

    private int mapDense(MapKernel kernel, Operand out, Operand[] ins, long[] scalars) {
        long elements = out.layout().numel();
        return elements == 0
                ? 0
                : Native.mapDense(
                        calls.compiled(kernel).address(),
                        elements,
                        Arguments.address(out),
                        ins.length > 0 ? Arguments.address(ins[0]) : 0,
                        ins.length > 1 ? Arguments.address(ins[1]) : 0,
                        scalars.length > 0 ? scalars[0] : 0);
    }

    private int mapAny(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        Arguments args = Arguments.start();
        return calls.map(args, kernel, outs, ins, scalars) ? Native.map(args.address()) : 0;
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
        Arguments args = Arguments.start();
        if (calls.reduce(args, kernel, outs, ins, scalars)) {
            if (tally.isOn()) {
                tally.launch(new KernelCall.Reduce(kernel), outs, ins);
            }
            int status = Native.reduce(args.address());
            if (status == Failures.NO_MEMORY) {
                status = again(() -> Native.reduce(args.address()));
            }
            check(kernel, status);
        }
        Reference.reachabilityFence(outs);
        Reference.reachabilityFence(ins);
    }

    private static void check(Kernel kernel, int status) {
        if (status != 0) {
            throw Failures.ofKernel(kernel.name(), status);
        }
    }

    @Override
    public void matmul(Operand out, Operand a, Operand b, double alpha, double beta) {
        product(
                new Calls.Product(alpha, beta, Optional.empty()),
                new Operand[] {out},
                new Operand[] {a, b},
                NO_SCALARS);
    }

    @Override
    public void matmul(
            Operand[] outs, Operand a, Operand b, double alpha, MapKernel epilogue, Operand[] extra, long[] scalars) {
        Operand[] ins = new Operand[2 + extra.length];
        ins[0] = a;
        ins[1] = b;
        System.arraycopy(extra, 0, ins, 2, extra.length);
        product(new Calls.Product(alpha, 0, Optional.of(epilogue)), outs, ins, scalars);
    }

    private void product(Calls.Product product, Operand[] outs, Operand[] ins, long[] scalars) {
        Arguments args = Arguments.start();
        if (calls.matmul(args, product, outs, ins, scalars)) {
            if (tally.isOn()) {
                tally.launch(product.call(), outs, ins);
            }
            int status = Native.matmul(args.address());
            if (status == Failures.NO_MEMORY) {
                status = again(() -> Native.matmul(args.address()));
            }
            if (status != 0) {
                throw Failures.ofKernel(product.epilogue().map(MapKernel::name).orElse("matmul"), status);
            }
        }
        Reference.reachabilityFence(outs);
        Reference.reachabilityFence(ins);
    }

    @Override
    public void scan(ScanOp op, Operand out, Operand in, int dim) {
        Arguments args = Arguments.start();
        if (calls.scan(args, op, out, in, dim)) {
            if (tally.isOn()) {
                tally.launch(new KernelCall.Scan(op, dim), new Operand[] {out}, in);
            }
            Native.scan(args.address());
        }
        Reference.reachabilityFence(out);
        Reference.reachabilityFence(in);
    }

    @Override
    public void gather(Operand out, Operand in, Operand index, int dim) {
        Arguments args = Arguments.start();
        if (calls.gather(args, out, in, index, dim)) {
            if (tally.isOn()) {
                tally.launch(new KernelCall.Gather(dim), new Operand[] {out}, in, index);
            }
            if (Native.gather(args.address()) != 0) {
                throw Failures.ofIndex("gather", args.get(0), dim, in.layout());
            }
        }
        Reference.reachabilityFence(out);
        Reference.reachabilityFence(in);
        Reference.reachabilityFence(index);
    }

    @Override
    public void scatter(ScatterOp op, Operand out, Operand index, Operand src, int dim) {
        Arguments args = Arguments.start();
        if (calls.scatter(args, op, out, index, src, dim)) {
            if (tally.isOn()) {
                tally.launch(new KernelCall.Scatter(op, dim), new Operand[] {out}, index, src);
            }
            if (Native.scatter(args.address()) != 0) {
                throw Failures.ofIndex("scatter", args.get(0), dim, out.layout());
            }
        }
        Reference.reachabilityFence(out);
        Reference.reachabilityFence(index);
        Reference.reachabilityFence(src);
    }

    @Override
    public void sort(Operand values, Operand indices, Operand in, int dim, boolean descending) {
        Arguments args = Arguments.start();
        if (calls.sort(args, values, indices, in, dim, descending)) {
            if (tally.isOn()) {
                tally.launch(new KernelCall.Sort(dim, descending), new Operand[] {values, indices}, in);
            }
            int status = Native.sort(args.address());
            if (status != 0) {
                status = again(() -> Native.sort(args.address()));
            }
            if (status != 0) {
                throw Failures.ofSort(dim, in.layout());
            }
        }
        Reference.reachabilityFence(values);
        Reference.reachabilityFence(indices);
        Reference.reachabilityFence(in);
    }
}
