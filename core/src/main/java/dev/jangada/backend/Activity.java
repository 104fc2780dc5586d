package dev.jangada.backend;

/**
 * What a device did while its activity was counted: see {@link Backend#countActivity}. All figures only grow, so that two of these tell by
 * {@link #since} what happened between them.
 *
 * @param busyNanos time inside kernels, summed over the lanes; waiting for other lanes or for the host is none
 * @param lanes what works at once now: threads of a CPU's pool, one for a GPU, whose kernels are timed as a whole; several Java threads that
 *     run kernels of the CPU at the same time are more than these
 * @param launches kernels that ran, in plans as well as one by one
 * @param hostCalls calls from Java to the device: kernels, runs of plans, copies
 * @param flops arithmetic operations, as {@link Work} counts them
 * @param bytesMoved bytes that the kernels read and wrote, as {@link Work} counts them
 */
public record Activity(long busyNanos, int lanes, long launches, long hostCalls, long flops, long bytesMoved) {
    /** Returns what was done after an earlier activity of the same device. */
    public Activity since(Activity earlier) {
        return new Activity(
                busyNanos - earlier.busyNanos,
                lanes,
                launches - earlier.launches,
                hostCalls - earlier.hostCalls,
                flops - earlier.flops,
                bytesMoved - earlier.bytesMoved);
    }

    /**
     * Returns the device utilisation: {@code busyNanos / (lanes * wallNanos)}.
     *
     * @param wallNanos how long it took, at least 1
     */
    public double utilisation(long wallNanos) {
        return busyNanos / ((double) lanes * wallNanos);
    }
}
