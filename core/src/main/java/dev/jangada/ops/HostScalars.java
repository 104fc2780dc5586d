package dev.jangada.ops;

/**
 * Where scalars of a kernel come from that change from run to run: a step counter, a learning rate, the position of a generator.
 *
 * <p>Asked once each time the kernel runs, in the order of the program, just before it: eagerly at once, in a captured program at every run
 * but not while it is traced. So a source may count.
 */
@FunctionalInterface
public interface HostScalars {
    /** Writes the scalars, as {@link dev.jangada.backend.Kernels} takes them. */
    void fill(long[] bits);
}
