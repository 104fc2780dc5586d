package dev.jangada.backend;

import java.util.List;

/**
 * What kernels do, counted from what is asked of them, not measured.
 *
 * @param flops arithmetic operations: one for each arithmetic instruction and element, two for each multiply-add of a matrix product
 * @param bytes bytes read and written: every element of the operands once, those of a broadcast operand as they are stored
 */
public record Work(long flops, long bytes) {
    /** No work. */
    public static final Work NONE = new Work(0, 0);

    /** Returns the work of one call of a kernel. */
    public static Work of(KernelCall call, List<? extends Elements> outs, List<? extends Elements> ins) {
        long bytes = 0;
        for (Elements e : outs) {
            bytes += e.storedBytes() * (call.readsOutput() ? 2 : 1);
        }
        for (Elements e : ins) {
            bytes += e.storedBytes();
        }
        return new Work(call.flops(outs, ins), bytes);
    }

    /** Returns the work of both. */
    public Work plus(Work other) {
        return new Work(flops + other.flops, bytes + other.bytes);
    }

    /** Returns the work of several turns. */
    public Work times(long turns) {
        return new Work(flops * turns, bytes * turns);
    }
}
