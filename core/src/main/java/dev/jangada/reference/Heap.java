package dev.jangada.reference;

import dev.jangada.ArgumentException;
import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.MemoryStats;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the blocks taken from the Java heap. There is no cache: the garbage collector is one. */
final class Heap {
    private final AtomicLong inUse = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();

    HeapMemory allocate(long bytes) {
        if (bytes < 0) {
            throw new ArgumentException("[allocate] expected a size of at least 0 bytes, got " + bytes);
        }
        long most = Runtime.getRuntime().maxMemory();
        if (bytes > most) {
            throw tooMuch(bytes, most, null);
        }
        HeapMemory memory;
        try {
            memory = new HeapMemory(this, bytes);
        } catch (OutOfMemoryError e) {
            throw tooMuch(bytes, most, e);
        }
        long now = inUse.addAndGet(bytes);
        peak.accumulateAndGet(now, Math::max);
        return memory;
    }

    private OutOfMemoryException tooMuch(long bytes, long most, Throwable cause) {
        return new OutOfMemoryException(
                "[allocate] expected room for " + bytes + " bytes on the Java heap, got a heap of at most " + most
                        + " bytes of which tensors use " + inUse.get()
                        + "; close tensors that are no longer needed, or give the JVM more with -Xmx",
                cause);
    }

    void freed(long bytes) {
        inUse.addAndGet(-bytes);
    }

    MemoryStats stats() {
        return new MemoryStats(inUse.get(), 0, peak.get());
    }
}
