package dev.jangada.cuda;

/**
 * How a kernel is launched: sizes of the grid and of a block, and the bytes of dynamic shared memory.
 *
 * <p>Grid sizes are bounded; kernels walk on by the size of the grid where there is more to do.
 */
record LaunchShape(int gridX, int gridY, int gridZ, int blockX, int blockY, int sharedBytes) {
    /** Threads of a block where nothing asks for another number. */
    static final int BLOCK = 256;

    /** Blocks per multiprocessor: enough to fill it twice. */
    private static final int WAVES = 16;

    /** Returns the shape for a number of independent items, one per thread and turn. */
    static LaunchShape flat(long items, int multiprocessors) {
        return flat(items, multiprocessors, BLOCK);
    }

    /** Returns the shape for a number of independent items in blocks of {@code block} threads. */
    static LaunchShape flat(long items, int multiprocessors, int block) {
        long blocks = (items + block - 1) / block;
        return new LaunchShape(bounded(blocks, multiprocessors), 1, 1, block, 1, 0);
    }

    /** Returns a number of blocks that is at least 1 and not more than a device can use at once, several times over. */
    static int bounded(long blocks, int multiprocessors) {
        return (int) Math.max(1, Math.min(blocks, (long) multiprocessors * WAVES));
    }
}
