package dev.jangada.cuda;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.IndexException;
import dev.jangada.JangadaException;
import dev.jangada.backend.Block;
import dev.jangada.backend.Kernels;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.cuda.driver.Function;
import dev.jangada.kernel.Kernel;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import java.lang.ref.Reference;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.function.Predicate;

/**
 * The kernel families on one stream: every call becomes one or a few launches and returns at once. On the device's stream they run; on one
 * that is recorded they become a part of a graph, with temporary memory and failure tickets that last as long as the graph.
 */
final class CudaKernels implements Kernels {
    private static final long[] NO_SCALARS = {};

    /** Number of a launch that cannot fail. */
    private static final long CANNOT_FAIL = 1;

    private final CudaBackend backend;
    private final Launcher launcher;
    private final Products products;
    private final Scratch scratch;
    private final Faults faults;
    private final Tickets tickets;
    private final Predicate<Block> lasting;
    private final Map<Variant, Function> variants;
    private long scalarAddress;

    /** Gives numbers to launches that may fail. */
    @FunctionalInterface
    interface Tickets {
        long ticket(LongFunction<JangadaException> report);
    }

    /** What is known of a kernel: whether it may fail, and its variants. */
    private record Compiled(boolean mayFail, Map<Variant, Function> variants) {
        static Compiled of(boolean mayFail) {
            return new Compiled(mayFail, new ConcurrentHashMap<>());
        }
    }

    /**
     * Creates the kernels of a stream.
     *
     * @param lasting tells of a block whether it must keep its content if a kernel has failed before
     * @param variants the variants of kernels without description, shared by all streams of a backend
     */
    CudaKernels(
            CudaBackend backend,
            Launcher launcher,
            Products.Source products,
            Scratch scratch,
            Faults faults,
            Tickets tickets,
            Predicate<Block> lasting,
            Map<Variant, Function> variants) {
        this.backend = backend;
        this.launcher = launcher;
        this.products = new Products(products, scratch, this::map, launcher::copy);
        this.scratch = scratch;
        this.faults = faults;
        this.tickets = tickets;
        this.lasting = lasting;
        this.variants = variants;
    }

    /** Makes later calls read their scalars from the device when they run, from an address on; 0 passes them by value, as at first. */
    void readScalarsAt(long address) {
        scalarAddress = address;
    }

    /** Launches a job that belongs to no kernel description. */
    void launch(String operation, Job job) {
        launcher.run(operation, job, variants);
    }

    private static Block block(Operand x) {
        return (Block) x.storage().memory();
    }

    private static Placed placed(Operand x) {
        return Placed.of(block(x).address(), x);
    }

    private static Placed[] placed(Operand[] operands) {
        Placed[] out = new Placed[operands.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = placed(operands[i]);
        }
        return out;
    }

    /** Returns what a launch needs that cannot fail by itself. */
    CallContext call(long[] scalars) {
        return call(scalars, CANNOT_FAIL);
    }

    private CallContext call(long[] scalars, long ticket) {
        return new CallContext(scalars, scalarAddress, faults.address(), ticket, true, backend.multiprocessors());
    }

    private long ticket(boolean mayFail, Kernel kernel) {
        return mayFail ? tickets.ticket(value -> divisionByZero(kernel)) : CANNOT_FAIL;
    }

    private static ArgumentException divisionByZero(Kernel kernel) {
        return new ArgumentException("[" + kernel.name()
                + "] expected divisors other than 0, got an integer division by zero; convert to a floating point type,"
                + " or replace the zeros");
    }

    @Override
    public void map(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        map(kernel, placed(outs), placed(ins), scalars);
        Reference.reachabilityFence(outs);
        Reference.reachabilityFence(ins);
    }

    private void map(MapKernel kernel, Placed[] outs, Placed[] ins, long[] scalars) {
        Compiled c = kernel.compiled(backend, () -> Compiled.of(ProgramText.mayFail(kernel.program())));
        CallContext call = call(scalars, ticket(c.mayFail, kernel));
        launcher.run(kernel.name(), MapSource.job(kernel, outs, ins, call), c.variants);
    }

    /** Runs independent element-wise kernels in one launch; operands and scalars stand behind each other. */
    void maps(List<MapKernel> kernels, Operand[] outs, Operand[] ins, long[] scalars) {
        CallContext call =
                call(scalars, ticket(kernels.stream().anyMatch(k -> ProgramText.mayFail(k.program())), kernels.get(0)));
        launch(kernels.get(0).name(), MapGroup.job(kernels, placed(outs), placed(ins), call));
        Reference.reachabilityFence(outs);
        Reference.reachabilityFence(ins);
    }

    @Override
    public void reduce(ReduceKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        Compiled c = kernel.compiled(
                backend,
                () -> Compiled.of(ProgramText.mayFail(kernel.program()) || ProgramText.mayFail(kernel.epilogue())));
        CallContext call = call(scalars, ticket(c.mayFail, kernel));
        launcher.run(kernel.name(), ReduceCall.job(kernel, placed(outs), placed(ins), call), c.variants);
        Reference.reachabilityFence(outs);
        Reference.reachabilityFence(ins);
    }

    @Override
    public void matmul(Operand out, Operand a, Operand b, double alpha, double beta) {
        matmul(placed(out), placed(a), placed(b), alpha, beta, lasting.test(block(out)));
        Reference.reachabilityFence(out);
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
    }

    private void matmul(Placed out, Placed a, Placed b, double alpha, double beta, boolean held) {
        if (out.layout().numel() == 0) {
            return;
        }
        if (a.dtype().isFloatingPoint()) {
            if (held) {
                products.multiplyApart(out, a, b, alpha, beta);
            } else {
                products.multiply(out, a, b, alpha, beta);
            }
        } else {
            launch("matmul", IntegerMatmulSource.job(out, a, b, (long) alpha, (long) beta, call(NO_SCALARS)));
        }
    }

    @Override
    public void matmul(
            Operand[] outs, Operand a, Operand b, double alpha, MapKernel epilogue, Operand[] extra, long[] scalars) {
        Layout shape = outs[0].layout();
        if (shape.numel() == 0) {
            return;
        }
        Placed[] results = placed(outs);
        Placed[] ins = new Placed[extra.length + 1];
        System.arraycopy(placed(extra), 0, ins, 1, extra.length);
        DType type = a.dtype();
        Block temporary = null;
        if (results[0].dtype() == type && !isRead(results[0], ins) && !lasting.test(block(outs[0]))) {
            ins[0] = results[0];
        } else {
            temporary = scratch.allocate(shape.numel() * type.size());
            ins[0] = Placed.of(temporary.address(), type, Layout.contiguous(shape.shape()));
        }
        try {
            matmul(ins[0], placed(a), placed(b), alpha, 0, false);
            map(epilogue, results, ins, scalars);
        } finally {
            if (temporary != null) {
                scratch.free(temporary);
            }
        }
        Reference.reachabilityFence(outs);
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
        Reference.reachabilityFence(extra);
    }

    /** Tells whether the product would overwrite a further input. */
    private static boolean isRead(Placed out, Placed[] ins) {
        for (int i = 1; i < ins.length; i++) {
            Placed x = ins[i];
            if (x.address() < end(out) && out.address() < end(x)) {
                return true;
            }
        }
        return false;
    }

    private static long end(Placed x) {
        return x.address()
                + (x.layout().span() - x.layout().offset()) * x.dtype().size();
    }

    @Override
    public void scan(ScanOp op, Operand out, Operand in, int dim) {
        launch("scan", ScanSource.job(op, placed(out), placed(in), dim, call(NO_SCALARS)));
        Reference.reachabilityFence(out);
        Reference.reachabilityFence(in);
    }

    @Override
    public void gather(Operand out, Operand in, Operand index, int dim) {
        CallContext call = call(NO_SCALARS, tickets.ticket(outOfRange("gather", dim, in.layout())));
        Job job = IndexSource.gather(placed(out), placed(in), placed(index), dim, call);
        launch("gather", job);
        Reference.reachabilityFence(out);
        Reference.reachabilityFence(in);
        Reference.reachabilityFence(index);
    }

    @Override
    public void scatter(ScatterOp op, Operand out, Operand index, Operand src, int dim) {
        CallContext call = call(NO_SCALARS, tickets.ticket(outOfRange("scatter", dim, out.layout())));
        Job job = IndexSource.scatter(op, placed(out), placed(index), placed(src), dim, call);
        launch("scatter", job);
        Reference.reachabilityFence(out);
        Reference.reachabilityFence(index);
        Reference.reachabilityFence(src);
    }

    private static LongFunction<JangadaException> outOfRange(String op, int dim, Layout layout) {
        return index -> new IndexException("[" + op + "] expected indices in [0, "
                + (layout.rank() == 0 ? 1 : layout.size(dim)) + ") for dimension " + dim + " of shape " + layout.shape()
                + ", got " + index);
    }

    @Override
    public void sort(Operand values, Operand indices, Operand in, int dim, boolean descending) {
        launch("sort", SortSource.job(placed(values), placed(indices), placed(in), dim, descending, call(NO_SCALARS)));
        Reference.reachabilityFence(values);
        Reference.reachabilityFence(indices);
        Reference.reachabilityFence(in);
    }
}
