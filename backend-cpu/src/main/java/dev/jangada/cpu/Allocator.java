package dev.jangada.cpu;

import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Block;
import dev.jangada.backend.MemoryStats;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Locale;

/**
 * Caches native memory: free blocks wait in one stack per size class; the last one freed is reused first, while the processor's cache still
 * holds it.
 *
 * <p>Size classes are 64 bytes apart up to 512, then four per doubling, so at most a fifth of a block is unused. What is held from the
 * system never exceeds 1.25 times the peak in use (or 256 MB): a miss beyond gives cached blocks of other classes back first, the largest
 * ones. All methods may be called from any thread, the one that frees unreachable tensors included.
 */
final class Allocator implements Block.Owner {
    private static final int SMALL_CLASSES = 8;
    private static final int CLASSES = SMALL_CLASSES + 4 * 54;
    private static final long FREE_TO_HOLD = 256L << 20;

    private static final VarHandle LOCKED;

    static {
        try {
            LOCKED = MethodHandles.lookup().findVarHandle(Allocator.class, "locked", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long limit;

    @SuppressWarnings("unused") // through LOCKED
    private boolean locked;

    // Guarded by the lock.
    private final Block[] free = new Block[CLASSES];
    private long inUse;
    private long held;
    private long peak;

    /** Creates an allocator that asks the system for at most {@code limit} bytes. */
    Allocator(long limit) {
        this.limit = limit;
    }

    /** A spin lock: it is held for a few instructions, never during a system call, and costs half of a monitor. */
    private void lock() {
        int spins = 0;
        while (!LOCKED.compareAndSet(this, false, true)) {
            if (++spins < 100) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // its owner has lost the processor
            }
        }
    }

    private void unlock() {
        LOCKED.setRelease(this, false);
    }

    /** Returns the class of the blocks for a request. */
    static int sizeClass(long bytes) {
        if (bytes <= 512) {
            return bytes == 0 ? 0 : (int) ((bytes - 1) >> 6);
        }
        int exponent = 63 - Long.numberOfLeadingZeros(bytes - 1);
        return SMALL_CLASSES + (exponent - 9) * 4 + (int) ((bytes - 1) >> (exponent - 2)) - 4;
    }

    /** Returns the size of the blocks of a class. */
    static long blockSize(int sizeClass) {
        if (sizeClass < SMALL_CLASSES) {
            return (sizeClass + 1L) << 6;
        }
        int exponent = 9 + (sizeClass - SMALL_CLASSES) / 4;
        return ((sizeClass - SMALL_CLASSES) % 4 + 5L) << (exponent - 2);
    }

    /**
     * Returns a block of at least {@code bytes} bytes.
     *
     * @throws OutOfMemoryException if the system has no such block
     */
    Block allocate(long bytes) {
        if (bytes > limit) {
            throw new OutOfMemoryException("[memory] expected a request of at most " + megabytes(limit)
                    + " of memory, which this machine or container has, got " + bytes + " bytes (" + megabytes(bytes)
                    + ")"
                    + "; use smaller tensors or batches");
        }
        int sizeClass = sizeClass(bytes);
        lock();
        Block b = pop(sizeClass);
        if (b != null) {
            use(b);
        }
        unlock();
        return b != null ? b : fromSystem(sizeClass, bytes);
    }

    private Block pop(int sizeClass) {
        Block b = free[sizeClass];
        if (b != null) {
            free[sizeClass] = b.next();
            b.next(null);
        }
        return b;
    }

    private void use(Block b) {
        inUse += b.bytes();
        peak = Math.max(peak, inUse);
    }

    @Override
    public void free(Block b) {
        lock();
        inUse -= b.bytes();
        b.next(free[b.sizeClass()]);
        free[b.sizeClass()] = b;
        unlock();
    }

    private Block fromSystem(int sizeClass, long wanted) {
        long size = blockSize(sizeClass);
        lock();
        long used = Math.max(peak, inUse + size);
        unlock();
        trim(Math.min(limit, Math.max(FREE_TO_HOLD, used + used / 4)) - size);
        lock();
        boolean fits = held + size <= limit;
        held += fits ? size : 0;
        unlock();
        Block b = fits ? newBlock(sizeClass, size) : null;
        lock();
        if (b != null) {
            use(b);
        } else if (fits) {
            held -= size;
        }
        unlock();
        if (b == null) {
            throw exhausted(wanted);
        }
        return b;
    }

    /** Returns a block of the system, or null. */
    private Block newBlock(int sizeClass, long size) {
        long address = Native.allocate(size);
        return address == 0 ? null : new Block(this, address, size, sizeClass);
    }

    private OutOfMemoryException exhausted(long wanted) {
        MemoryStats s = stats();
        return new OutOfMemoryException(
                "[memory] expected " + wanted + " bytes (" + megabytes(wanted) + ") of free memory, got none: "
                        + megabytes(s.inUse()) + " are in use by tensors, " + megabytes(s.cached()) + " are cached, of "
                        + megabytes(limit) + " in all; close tensors (TensorScope), or use smaller batches");
    }

    /** Gives cached blocks back until at most {@code bytes} are held, the largest first. */
    private void trim(long bytes) {
        for (int i = CLASSES - 1; i >= 0; i--) {
            Block b;
            while ((b = popAbove(bytes, i)) != null) {
                Native.free(b.address(), b.bytes());
            }
        }
    }

    private Block popAbove(long bytes, int sizeClass) {
        lock();
        Block b = held > bytes ? pop(sizeClass) : null;
        held -= b == null ? 0 : b.bytes();
        unlock();
        return b;
    }

    /** Gives all cached blocks back. */
    void emptyCache() {
        trim(0);
    }

    MemoryStats stats() {
        lock();
        long used = inUse;
        long all = held;
        long highest = peak;
        unlock();
        return new MemoryStats(used, all - used, highest);
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1048576.0);
    }
}
