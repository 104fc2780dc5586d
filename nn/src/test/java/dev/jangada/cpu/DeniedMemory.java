package dev.jangada.cpu;

/** Native memory that is denied at a chosen moment: that of tensors, of kernels, and of the native forms of programs and plans. */
public final class DeniedMemory {
    private DeniedMemory() {}

    /**
     * Denies all allocations but the next {@code granted}, none if that is negative.
     *
     * @return how many were denied since this was said last
     */
    public static long denyAllBut(long granted) {
        return Native.denyAllocations(granted);
    }
}
