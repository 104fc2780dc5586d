package dev.jangada.testkit;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.IndexException;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backend;
import dev.jangada.backend.BackendProvider;
import dev.jangada.backend.Memory;
import dev.jangada.backend.MemoryStats;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Element;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import dev.jangada.reference.ReferenceBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;

/** The reference backend with one fault, to see whether the kit finds it. */
final class FaultyBackend implements Backend {
    /** What is wrong. */
    enum Fault {
        NONE,
        TWO_ULPS_OFF,
        EIGHT_ULPS_OFF,
        LAST_ELEMENT_WRONG,
        WRITES_BEYOND,
        ZERO_DIVISION_IGNORED,
        THREADS_CHANGE_BITS,
        SUM_INACCURATE,
        READS_OLD_OUTPUT,
        EPILOGUE_FORGOTTEN,
        SCATTER_WRITES_FIRST,
        WRONG_INDEX_IGNORED,
        TIES_SWAPPED,
        SCAN_STARTS_OVER,
        COPY_MOVES_POSITION,
        FREE_NOT_COUNTED
    }

    private final Fault fault;
    private final ReferenceBackend right = new ReferenceBackend();
    private int threads = 1;

    private FaultyBackend(Fault fault) {
        this.fault = fault;
    }

    static BackendProvider provider(Fault fault) {
        return provider(fault, Availability.yes("with the fault " + fault));
    }

    static BackendProvider unavailable(String reason) {
        return provider(Fault.NONE, Availability.no(reason));
    }

    private static BackendProvider provider(Fault fault, Availability here) {
        return new BackendProvider() {
            @Override
            public String name() {
                return "faulty" + fault.name().toLowerCase(Locale.ROOT).replace("_", "");
            }

            @Override
            public int priority() {
                return 0;
            }

            @Override
            public Availability availability() {
                return here;
            }

            @Override
            public int deviceCount() {
                return 1;
            }

            @Override
            public Backend open(int index) {
                return new FaultyBackend(fault);
            }
        };
    }

    private static ByteBuffer element(Operand o) {
        return ByteBuffer.allocate(o.dtype().size()).order(ByteOrder.nativeOrder());
    }

    /** Replaces an element, at a position counted in elements, by one some units in the last place larger. */
    private void nudge(Operand o, long position, int ulps) {
        ByteBuffer e = element(o);
        DType t = o.dtype();
        right.copyToHost(e, o.storage().memory(), position * t.size());
        if (t.isFloatingPoint()) {
            double x = Element.getDouble(e, 0, t);
            Element.putDouble(e, 0, t, x + ulps * Tolerance.ulp(x, t));
        } else {
            Element.putLong(e, 0, t, Element.getLong(e, 0, t) ^ 1);
        }
        right.copyFromHost(o.storage().memory(), position * t.size(), e);
    }

    private static long last(Operand o) {
        return o.layout().span() - 1;
    }

    @Override
    public void map(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        Operand out = outs[0];
        try {
            right.map(kernel, outs, ins, scalars);
        } catch (ArgumentException e) {
            if (fault != Fault.ZERO_DIVISION_IGNORED) {
                throw e;
            }
        }
        boolean some = out.layout().numel() > 0;
        if (some && fault == Fault.LAST_ELEMENT_WRONG) {
            nudge(out, last(out), 1);
        } else if (some && fault == Fault.TWO_ULPS_OFF) {
            nudge(out, last(out), 2);
        } else if (some && fault == Fault.EIGHT_ULPS_OFF) {
            nudge(out, last(out), 8);
        } else if (fault == Fault.WRITES_BEYOND
                && (last(out) + 2) * out.dtype().size() <= out.storage().bytes()) {
            nudge(out, last(out) + 1, 1);
        } else if (some && fault == Fault.THREADS_CHANGE_BITS && threads > 2) {
            nudge(out, last(out), 1);
        }
    }

    @Override
    public void reduce(ReduceKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        right.reduce(kernel, outs, ins, scalars);
        if (fault == Fault.SUM_INACCURATE && outs[0].layout().numel() > 0) {
            nudge(outs[0], last(outs[0]), 1 << 16);
        }
    }

    @Override
    public void matmul(Operand out, Operand a, Operand b, double alpha, double beta) {
        right.matmul(out, a, b, alpha, beta == 0 && fault == Fault.READS_OLD_OUTPUT ? 1e-40 : beta);
    }

    @Override
    public void matmul(
            Operand[] outs, Operand a, Operand b, double alpha, MapKernel epilogue, Operand[] extra, long[] scalars) {
        if (fault == Fault.EPILOGUE_FORGOTTEN) {
            right.matmul(outs[0], a, b, alpha, 0);
        } else {
            right.matmul(outs, a, b, alpha, epilogue, extra, scalars);
        }
    }

    @Override
    public void scan(ScanOp op, Operand out, Operand in, int dim) {
        right.scan(op, out, in, dim);
        if (fault == Fault.SCAN_STARTS_OVER && in.layout().size(dim) > 1) {
            long n = in.layout().size(dim) - 1;
            Operand lastOut = out.with(out.layout().slice(dim, n, 1, 1));
            right.scan(op, lastOut, in.with(in.layout().slice(dim, n, 1, 1)), dim);
        }
    }

    @Override
    public void gather(Operand out, Operand in, Operand index, int dim) {
        try {
            right.gather(out, in, index, dim);
        } catch (IndexException e) {
            if (fault != Fault.WRONG_INDEX_IGNORED) {
                throw e;
            }
        }
    }

    @Override
    public void scatter(ScatterOp op, Operand out, Operand index, Operand src, int dim) {
        if (fault == Fault.SCATTER_WRITES_FIRST && out.layout().numel() > 0) {
            ByteBuffer before = element(out);
            right.copyToHost(before, out.storage().memory(), 0);
            nudge(out, 0, 1);
            right.scatter(op, out, index, src, dim);
            right.copyFromHost(out.storage().memory(), 0, before);
            return;
        }
        right.scatter(op, out, index, src, dim);
    }

    @Override
    public void sort(Operand values, Operand indices, Operand in, int dim, boolean descending) {
        right.sort(values, indices, in, dim, descending);
        if (fault == Fault.TIES_SWAPPED && indices.layout().numel() > 0) {
            nudge(indices, last(indices), 1);
        }
    }

    @Override
    public Device device() {
        return new Device(provider(fault).name(), 0);
    }

    @Override
    public String description() {
        return "faulty";
    }

    @Override
    public Memory allocate(long bytes) {
        Memory memory = right.allocate(bytes);
        return fault != Fault.FREE_NOT_COUNTED
                ? memory
                : new Memory() {
                    @Override
                    public long bytes() {
                        return memory.bytes();
                    }

                    /** Forgets it. */
                    @Override
                    public void free() {}
                };
    }

    @Override
    public void copyFromHost(Memory target, long position, ByteBuffer source) {
        right.copyFromHost(target, position, source);
        if (fault == Fault.COPY_MOVES_POSITION) {
            source.position(source.limit());
        }
    }

    @Override
    public void copyToHost(ByteBuffer target, Memory source, long position) {
        right.copyToHost(target, source, position);
    }

    @Override
    public void synchronize() {}

    @Override
    public MemoryStats memory() {
        return right.memory();
    }

    @Override
    public void emptyCache() {}

    @Override
    public void setNumThreads(int n) {
        threads = n;
    }
}
