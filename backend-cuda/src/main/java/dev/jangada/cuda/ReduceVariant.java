package dev.jangada.cuda;

import dev.jangada.kernel.ReduceKernel;

/**
 * One form of a reduction.
 *
 * @param kernel what is computed
 * @param rows whether neighbouring threads take neighbouring reduced elements, else neighbouring outputs
 * @param stage what of it
 * @param access per input of rows that are read {@link ReduceSource#GROUP} neighbours at a time: {@code v} they are read at once, {@code b}
 *     they are one element; empty where each is read by itself
 * @param slots number of kept dimensions, and of reduced ones, that the code is written for
 * @param wide whether positions need 64 bits
 * @param scalarsInMemory whether the scalars are read from device memory
 * @param guarded whether the kernel does nothing once something has failed
 */
record ReduceVariant(
        ReduceKernel kernel,
        boolean rows,
        Stage stage,
        String access,
        int slots,
        boolean wide,
        boolean scalarsInMemory,
        boolean guarded)
        implements Variant {

    /** Long reductions are cut into pieces, whose accumulators a second launch merges. */
    enum Stage {
        /** All elements of an output, and the epilogue. */
        WHOLE,
        /** The elements of a piece; the accumulator goes to the workspace. */
        PIECES,
        /** The accumulators of the pieces, and the epilogue. */
        MERGE
    }

    boolean readsInputs() {
        return stage != Stage.MERGE;
    }

    boolean writesOutputs() {
        return stage != Stage.PIECES;
    }

    /** Tells whether a thread takes groups of neighbours. */
    boolean isGrouped() {
        return rows && readsInputs();
    }

    boolean mayFail() {
        return readsInputs() && ProgramText.mayFail(kernel.program())
                || writesOutputs() && ProgramText.mayFail(kernel.epilogue());
    }

    boolean takesFailure() {
        return guarded || mayFail();
    }

    @Override
    public KernelSource source() {
        return new ReduceSource(this).write();
    }
}
