package dev.jangada.backend;

import dev.jangada.Device;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One device: memory, copies and the kernel families. A third party implements this and a {@link BackendProvider}, and runs the conformance
 * kit of the core's test-jar against it.
 *
 * <p>All methods may be called from several threads at once.
 */
public interface Backend extends Kernels {
    /** Returns the device. */
    Device device();

    /** Returns one line for {@link Backends#report()}: libraries, instruction set, threads. */
    String description();

    /**
     * Returns a block of at least {@code bytes} bytes with undefined content; 0 is allowed.
     *
     * @throws dev.jangada.OutOfMemoryException if there is none
     */
    Memory allocate(long bytes);

    /**
     * Copies {@code source.remaining()} bytes from the host, in native byte order, to a byte position of a block. The source, direct or not,
     * may be reused at once; its position does not move.
     */
    void copyFromHost(Memory target, long position, ByteBuffer source);

    /**
     * Copies {@code target.remaining()} bytes from a byte position of a block to the host, in native byte order. Waits for the device. The
     * target's position does not move.
     */
    void copyToHost(ByteBuffer target, Memory source, long position);

    /** Makes a plan for this device ready to run. The default runs it kernel by kernel. */
    default CompiledPlan compile(Plan plan) {
        return new StepByStep(this, plan);
    }

    /** Waits until everything asked of the device is done. */
    void synchronize();

    /** Returns the memory statistics. */
    MemoryStats memory();

    /** Gives cached memory back to the system. */
    void emptyCache();

    /** Starts or ends counting what {@link #activity} tells; off at first. A backend that cannot count ignores this, as the default does. */
    default void countActivity(boolean on) {}

    /** Returns what was done while activity was counted, since the backend was opened; empty if it cannot count, as by default. */
    default Optional<Activity> activity() {
        return Optional.empty();
    }

    /**
     * Returns how busy the device's own monitor has seen it of late, by whatever process: the share of the last moments in which a kernel ran,
     * from 0 to 1; empty if there is no monitor, as by default.
     */
    default OptionalDouble monitoredUtilisation() {
        return OptionalDouble.empty();
    }

    /**
     * Sets the number of threads that kernels use, on backends that have host threads; others ignore it. Results do not depend on it.
     *
     * @param threads at least 1
     */
    default void setNumThreads(int threads) {}
}
