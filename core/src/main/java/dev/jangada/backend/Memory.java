package dev.jangada.backend;

/**
 * A block of a device's memory, made and understood by one backend.
 *
 * <p>A block must not refer to the {@link Storage} that owns it: the storage is freed when it becomes unreachable.
 */
public interface Memory {
    /** Returns the number of bytes that may be used. */
    long bytes();

    /** Gives the block back to its backend; called once, from any thread. */
    void free();
}
