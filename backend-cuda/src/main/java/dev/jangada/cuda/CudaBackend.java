package dev.jangada.cuda;

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
import dev.jangada.backend.Storage;
import dev.jangada.backend.Work;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Cublas;
import dev.jangada.cuda.driver.Function;
import dev.jangada.cuda.driver.Nvml;
import dev.jangada.cuda.driver.Stream;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * One NVIDIA GPU: every kernel call becomes one or a few launches on the device's stream and returns at once.
 *
 * <p>Operands stay reachable until their kernels are launched; memory that is freed afterwards is reused only by work that comes later in
 * the stream.
 */
final class CudaBackend implements Backend {
    /** Memory of cuBLAS for partial results: what NVIDIA recommends for an architecture, so that no product needs more. */
    private static final long HOPPER_WORKSPACE = 32L << 20;

    private static final long WORKSPACE = 8L << 20;
    private static final int HOPPER = 90;

    private final Context context;
    private final Device device;
    private final Allocator allocator;
    private final Scratch temporary;
    private final Faults faults;
    private final Transfers transfers;
    private final KernelCache cache;
    private final CudaKernels kernels;
    private final Map<Variant, Function> variants = new ConcurrentHashMap<>();
    private final Recording recording;
    private Nvml monitor;
    private long workspace;
    private Cublas cublas;

    CudaBackend(Context context) {
        this.context = context;
        device = new Device("cuda", context.info().ordinal());
        faults = new Faults(context);
        allocator = new Allocator(context, faults::launchesSoFar);
        context.whenExhausted(() -> Storage.reclaim(this), allocator::state);
        temporary = new Temporary(this, allocator);
        transfers = new Transfers(context, faults);
        cache = new KernelCache(context, DiskCache.configured());
        kernels = kernels(context.stream(), this::cublas, temporary, faults::ticket, this::isOlderThanFailures);
        recording = new Recording(this, context);
    }

    /**
     * Returns the kernels of a stream.
     *
     * @param lasting tells of a block whether it must keep its content if a kernel has failed before
     */
    CudaKernels kernels(
            Stream stream,
            Products.Source products,
            Scratch scratch,
            CudaKernels.Tickets tickets,
            Predicate<Block> lasting) {
        Launcher launcher = new Launcher(context, stream, scratch, cache);
        return new CudaKernels(this, launcher, products, scratch, faults, tickets, lasting, variants);
    }

    /** Memory that was given out after everything that may have failed holds nothing that a failure should leave. */
    private boolean isOlderThanFailures(Block block) {
        return faults.mayHaveFailedSince(block.stamp());
    }

    private synchronized Cublas cublas() {
        if (cublas == null) {
            cublas = openCublas(context.stream());
        }
        return cublas;
    }

    /** Opens cuBLAS on a stream; all streams share one workspace, for what is recorded runs in the order of the device's stream. */
    synchronized Cublas openCublas(Stream stream) {
        long bytes = context.info().architecture() >= HOPPER ? HOPPER_WORKSPACE : WORKSPACE;
        if (workspace == 0) {
            workspace = context.allocateOrFail(bytes);
        }
        return new Cublas(context, stream, workspace, bytes);
    }

    Context context() {
        return context;
    }

    /** Returns where kernels get temporary memory. */
    Scratch temporary() {
        return temporary;
    }

    Faults faults() {
        return faults;
    }

    /** Launches a job that belongs to no kernel description. */
    void launch(String operation, Job job) {
        kernels.launch(operation, job);
    }

    int multiprocessors() {
        return context.info().multiprocessors();
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public String description() {
        return context.info() + (Cublas.usesTf32() ? ", TF32 matrix products" : "");
    }

    @Override
    public Memory allocate(long bytes) {
        return allocator.allocate(bytes);
    }

    @Override
    public void copyFromHost(Memory target, long position, ByteBuffer source) {
        transfers.fromHost((Block) target, position, source);
        Reference.reachabilityFence(target);
    }

    @Override
    public void copyToHost(ByteBuffer target, Memory source, long position) {
        transfers.toHost(target, (Block) source, position);
        Reference.reachabilityFence(source);
    }

    @Override
    public void synchronize() {
        long launches = faults.launchesSoFar();
        context.synchronize("synchronize");
        faults.check(launches);
    }

    @Override
    public MemoryStats memory() {
        return allocator.stats();
    }

    @Override
    public void emptyCache() {
        allocator.emptyCache();
    }

    @Override
    public void countActivity(boolean on) {
        context.meter().turn(on);
    }

    @Override
    public Optional<Activity> activity() {
        return Optional.of(context.meter().activity());
    }

    @Override
    public synchronized OptionalDouble monitoredUtilisation() {
        if (monitor == null) {
            monitor = Nvml.of(context.info());
        }
        return monitor.utilisation();
    }

    private void count(KernelCall call, List<Operand> outs, List<Operand> ins) {
        context.meter().work(Work.of(call, outs, ins));
    }

    @Override
    public CompiledPlan compile(Plan plan) {
        return new CudaPlan(plan, Backend.super.compile(plan), this, recording);
    }

    @Override
    public void map(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        if (context.meter().isOn()) {
            count(new KernelCall.Map(kernel), Arrays.asList(outs), Arrays.asList(ins));
        }
        kernels.map(kernel, outs, ins, scalars);
    }

    @Override
    public void reduce(ReduceKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        if (context.meter().isOn()) {
            count(new KernelCall.Reduce(kernel), Arrays.asList(outs), Arrays.asList(ins));
        }
        kernels.reduce(kernel, outs, ins, scalars);
    }

    @Override
    public void matmul(Operand out, Operand a, Operand b, double alpha, double beta) {
        if (context.meter().isOn()) {
            count(new KernelCall.Matmul(alpha, beta), List.of(out), List.of(a, b));
        }
        kernels.matmul(out, a, b, alpha, beta);
    }

    @Override
    public void matmul(
            Operand[] outs, Operand a, Operand b, double alpha, MapKernel epilogue, Operand[] extra, long[] scalars) {
        if (context.meter().isOn()) {
            List<Operand> ins = new ArrayList<>(List.of(a, b));
            Collections.addAll(ins, extra);
            count(new KernelCall.MatmulMap(alpha, epilogue), Arrays.asList(outs), ins);
        }
        kernels.matmul(outs, a, b, alpha, epilogue, extra, scalars);
    }

    @Override
    public void scan(ScanOp op, Operand out, Operand in, int dim) {
        if (context.meter().isOn()) {
            count(new KernelCall.Scan(op, dim), List.of(out), List.of(in));
        }
        kernels.scan(op, out, in, dim);
    }

    @Override
    public void gather(Operand out, Operand in, Operand index, int dim) {
        if (context.meter().isOn()) {
            count(new KernelCall.Gather(dim), List.of(out), List.of(in, index));
        }
        kernels.gather(out, in, index, dim);
    }

    @Override
    public void scatter(ScatterOp op, Operand out, Operand index, Operand src, int dim) {
        if (context.meter().isOn()) {
            count(new KernelCall.Scatter(op, dim), List.of(out), List.of(index, src));
        }
        kernels.scatter(op, out, index, src, dim);
    }

    @Override
    public void sort(Operand values, Operand indices, Operand in, int dim, boolean descending) {
        if (context.meter().isOn()) {
            count(new KernelCall.Sort(dim, descending), List.of(values, indices), List.of(in));
        }
        kernels.sort(values, indices, in, dim, descending);
    }

    /**
     * Waits for the device and gives everything back that it holds. Tensors that are still there may be freed later, but no longer used.
     */
    void close() {
        if (!context.isLost()) {
            context.synchronize("close");
            recording.close();
            if (cublas != null) {
                cublas.close();
            }
            if (workspace != 0) {
                context.free(workspace);
            }
            transfers.close();
            faults.close();
        }
        allocator.close();
        context.close();
    }
}
