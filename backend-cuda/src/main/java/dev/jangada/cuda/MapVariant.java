package dev.jangada.cuda;

import dev.jangada.kernel.MapKernel;

/**
 * One form of an element-wise kernel.
 *
 * @param kernel what is computed
 * @param slots number of dimensions that the code is written for
 * @param vector elements per thread and turn, neighbours in the innermost dimension
 * @param access per operand, outputs first: {@code v} neighbours are read or written at once, {@code b} they are one element,
 *     {@code s} any stride (with {@code vector} 1)
 * @param wide whether positions need 64 bits
 * @param numbered whether the row-major number of an element does not follow from the turn, but has strides as an operand has
 * @param scalarsInMemory whether the scalars are read from device memory
 * @param guarded whether the kernel does nothing once something has failed
 */
record MapVariant(
        MapKernel kernel,
        int slots,
        int vector,
        String access,
        boolean wide,
        boolean numbered,
        boolean scalarsInMemory,
        boolean guarded)
        implements Variant {

    /** Returns this form of another kernel. */
    MapVariant of(MapKernel other, boolean wideIndex) {
        return new MapVariant(other, slots, vector, access, wideIndex, numbered, scalarsInMemory, guarded);
    }

    boolean mayFail() {
        return ProgramText.mayFail(kernel.program());
    }

    boolean takesFailure() {
        return guarded || mayFail();
    }

    /** With one dimension that is walked without gaps there are no dimensions to pass, and a rest that is no whole vector is allowed. */
    boolean isContiguous() {
        return slots == 1 && vector > 1;
    }

    @Override
    public KernelSource source() {
        return MapSource.source(this);
    }
}
