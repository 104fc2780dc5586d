package dev.jangada.cuda;

import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Block;
import dev.jangada.backend.MemoryStats;
import dev.jangada.cuda.driver.Context;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Caches device memory: free blocks wait in one stack per size class.
 *
 * <p>A block may be reused at once, while kernels that were launched before still use it: all work of a device goes through one stream, so
 * whatever the next owner launches runs after them. Freeing calls nothing of the driver, so the garbage collector's thread may do it.
 *
 * <p>Size classes are four per doubling from 512 bytes on, so at most a fifth of a block is unused. What is held from the device never
 * exceeds 1.25 times the peak in use (or 256 MB): a miss beyond gives cached blocks of other classes back first, the largest ones. A
 * request for which there is no block of its class's size gets one of its own size, which later waits among those of the class for what
 * fits. With the property {@code jangada.cuda.allocator=exact} nothing is cached or rounded up, which lets a memory checker see every
 * overrun.
 */
final class Allocator implements Block.Owner, Scratch {
    private static final int SMALLEST = 512;
    private static final int CLASSES = 1 + 4 * 54;
    private static final long FREE_TO_HOLD = 256L << 20;
    private static final boolean EXACT =
            System.getProperty("jangada.cuda.allocator", "").equals("exact");

    private final Context context;
    private final long limit;
    private final LongSupplier clock;

    // Guarded by this.
    private final Block[] free = new Block[CLASSES];
    private long inUse;
    private long held;
    private long peak;
    private int blocks;
    private boolean closed;

    /**
     * Creates the allocator of a device.
     *
     * @param clock what blocks are stamped with when they are given out
     */
    Allocator(Context context, LongSupplier clock) {
        this.context = context;
        this.clock = clock;
        this.limit = context.info().bytes();
    }

    /** Returns the class of the blocks for a request. */
    static int sizeClass(long bytes) {
        if (bytes <= SMALLEST) {
            return 0;
        }
        int exponent = 63 - Long.numberOfLeadingZeros(bytes - 1);
        return 1 + (exponent - 9) * 4 + (int) ((bytes - 1) >> (exponent - 2)) - 4;
    }

    /** Returns the size of the blocks of a class. */
    static long blockSize(int sizeClass) {
        if (sizeClass == 0) {
            return SMALLEST;
        }
        int exponent = 9 + (sizeClass - 1) / 4;
        return ((sizeClass - 1) % 4 + 5L) << (exponent - 2);
    }

    /**
     * Returns a block of at least {@code bytes} bytes.
     *
     * @throws OutOfMemoryException if the device has no such block
     */
    @Override
    public Block allocate(long bytes) {
        Block b = block(bytes);
        b.stamp(clock.getAsLong());
        return b;
    }

    private Block block(long bytes) {
        if (bytes > limit) {
            throw new OutOfMemoryException("[memory] expected a request of at most " + megabytes(limit)
                    + " of memory, which cuda:" + context.info().ordinal() + " has, got " + bytes + " bytes ("
                    + megabytes(bytes) + "); use smaller tensors or batches");
        }
        if (EXACT) {
            return fromDevice(0, Math.max(1, bytes), bytes);
        }
        int sizeClass = sizeClass(bytes);
        Block b;
        synchronized (this) {
            b = pop(sizeClass, bytes);
            if (b != null) {
                use(b.bytes());
            }
        }
        return b != null ? b : fromDevice(sizeClass, blockSize(sizeClass), bytes);
    }

    /** Returns the block of a class that was freed last and is large enough: nearly always the first one. */
    private Block pop(int sizeClass, long bytes) {
        Block before = null;
        Block b = free[sizeClass];
        while (b != null && b.bytes() < bytes) {
            before = b;
            b = b.next();
        }
        if (b != null) {
            if (before == null) {
                free[sizeClass] = b.next();
            } else {
                before.next(b.next());
            }
            b.next(null);
        }
        return b;
    }

    private void use(long bytes) {
        inUse += bytes;
        peak = Math.max(peak, inUse);
        blocks++;
    }

    @Override
    public void free(Block b) {
        boolean gone;
        synchronized (this) {
            inUse -= b.bytes();
            blocks--;
            gone = closed;
            if (EXACT) {
                held -= b.bytes();
            } else if (!gone) {
                b.next(free[b.sizeClass()]);
                free[b.sizeClass()] = b;
            }
        }
        if (EXACT && !gone) {
            context.free(b.address());
        }
    }

    private Block fromDevice(int sizeClass, long size, long wanted) {
        long most;
        synchronized (this) {
            long used = Math.max(peak, inUse + size);
            most = Math.min(limit, Math.max(FREE_TO_HOLD, used + used / 4));
        }
        trim(most - size);
        Block b = fresh(sizeClass, size, wanted);
        if (b == null) {
            emptyCache();
            b = fresh(sizeClass, size, wanted);
        }
        if (b == null) {
            throw exhausted(wanted);
        }
        return b;
    }

    /** Returns a new block, or null if the device has none: up to a quarter is added for its class, which may be too much. */
    private Block fresh(int sizeClass, long rounded, long wanted) {
        long exact = (Math.max(1, wanted) + SMALLEST - 1) / SMALLEST * SMALLEST;
        long size = rounded;
        long address = context.allocate(size);
        if (address == 0 && exact < rounded) {
            size = exact;
            address = context.allocate(size);
        }
        if (address == 0) {
            return null;
        }
        synchronized (this) {
            held += size;
            use(size);
        }
        return new Block(this, address, size, sizeClass);
    }

    private OutOfMemoryException exhausted(long wanted) {
        return new OutOfMemoryException("[memory] expected " + wanted + " bytes (" + megabytes(wanted)
                + ") of free memory on cuda:" + context.info().ordinal() + ", got none: " + state());
    }

    /** Says how things stand, and what to do where there is no memory left. */
    String state() {
        long[] device = context.freeAndTotal();
        MemoryStats s = stats();
        int n;
        synchronized (this) {
            n = blocks;
        }
        return megabytes(s.inUse()) + " are in use by " + n + " tensors and plans (at most " + megabytes(s.peak())
                + " so far), "
                + megabytes(s.cached()) + " are cached, " + megabytes(device[0]) + " of " + megabytes(device[1])
                + " are free in pieces; close tensors (TensorScope), or use smaller batches";
    }

    /** Gives cached blocks back until at most {@code bytes} are held, the largest first. */
    private void trim(long bytes) {
        for (int i = CLASSES - 1; i >= 0; i--) {
            Block b;
            while ((b = popAbove(bytes, i)) != null) {
                context.free(b.address());
            }
        }
    }

    private synchronized Block popAbove(long bytes, int sizeClass) {
        Block b = held > bytes ? pop(sizeClass, 0) : null;
        held -= b == null ? 0 : b.bytes();
        return b;
    }

    /** Gives all cached blocks back. */
    void emptyCache() {
        trim(0);
    }

    /** Gives all cached blocks back; those in use go with the context, and freeing them later does nothing. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        emptyCache();
    }

    synchronized MemoryStats stats() {
        return new MemoryStats(inUse, held - inUse, peak);
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1048576.0);
    }
}
