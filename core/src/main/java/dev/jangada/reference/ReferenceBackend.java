package dev.jangada.reference;

import dev.jangada.Device;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Memory;
import dev.jangada.backend.MemoryStats;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import java.nio.ByteBuffer;

/**
 * The slow, obvious backend that defines what every kernel means.
 *
 * <p>Integers are computed in {@code long} and wrapped, floating point numbers in {@code double} and rounded to the type of each instruction;
 * sums are accumulated in {@code double} and rounded once. Memory is the Java heap.
 */
public final class ReferenceBackend implements Backend {
    private final Heap heap = new Heap();

    /** Creates a device of its own, with its own memory statistics. */
    public ReferenceBackend() {}

    @Override
    public Device device() {
        return new Device("reference", 0);
    }

    @Override
    public String description() {
        return "pure Java on the heap, one thread per caller";
    }

    @Override
    public Memory allocate(long bytes) {
        return heap.allocate(bytes);
    }

    @Override
    public void copyFromHost(Memory target, long position, ByteBuffer source) {
        ((HeapMemory) target).write(position, source);
    }

    @Override
    public void copyToHost(ByteBuffer target, Memory source, long position) {
        ((HeapMemory) source).read(target, position);
    }

    /** Does nothing: every method has finished its work when it returns. */
    @Override
    public void synchronize() {}

    @Override
    public MemoryStats memory() {
        return heap.stats();
    }

    /** Does nothing: nothing is cached. */
    @Override
    public void emptyCache() {}

    @Override
    public void map(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        map(kernel, Elements.of(outs), Elements.of(ins), scalars);
    }

    private static void map(MapKernel kernel, Elements[] outs, Elements[] ins, long[] scalars) {
        Interpreter program = new Interpreter(kernel.program(), scalars);
        Walk.over(
                outs[0].shape(),
                (number, at) -> {
                    for (int i = 0; i < ins.length; i++) {
                        program.input(i, ins[i], at[outs.length + i]);
                    }
                    program.run(number);
                    for (int i = 0; i < outs.length; i++) {
                        program.store(i, outs[i], at[i]);
                    }
                },
                Walk.layouts(outs, ins));
    }

    @Override
    public void reduce(ReduceKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        new Reduction(kernel, Elements.of(outs), Elements.of(ins), scalars).run();
    }

    @Override
    public void matmul(Operand out, Operand a, Operand b, double alpha, double beta) {
        new MatrixProduct(Elements.of(out), Elements.of(a), Elements.of(b), alpha, beta).run();
    }

    @Override
    public void matmul(
            Operand[] outs, Operand a, Operand b, double alpha, MapKernel epilogue, Operand[] extra, long[] scalars) {
        Layout layout = Layout.contiguous(outs[0].layout().shape());
        HeapMemory block = heap.allocate(layout.numel() * a.dtype().size());
        try {
            Elements product = new Elements(block, a.dtype(), layout);
            new MatrixProduct(product, Elements.of(a), Elements.of(b), alpha, 0).run();
            Elements[] ins = new Elements[extra.length + 1];
            ins[0] = product;
            System.arraycopy(Elements.of(extra), 0, ins, 1, extra.length);
            map(epilogue, Elements.of(outs), ins, scalars);
        } finally {
            block.free();
        }
    }

    @Override
    public void scan(ScanOp op, Operand out, Operand in, int dim) {
        new Lines(dim).scan(op, Elements.of(out), Elements.of(in));
    }

    @Override
    public void gather(Operand out, Operand in, Operand index, int dim) {
        new Indexing(Elements.of(index), dim).gather(Elements.of(out), Elements.of(in));
    }

    @Override
    public void scatter(ScatterOp op, Operand out, Operand index, Operand src, int dim) {
        new Indexing(Elements.of(index), dim).scatter(op, Elements.of(out), Elements.of(src));
    }

    @Override
    public void sort(Operand values, Operand indices, Operand in, int dim, boolean descending) {
        new Lines(dim).sort(Elements.of(values), Elements.of(indices), Elements.of(in), descending);
    }
}
