package dev.jangada.cuda;

import dev.jangada.backend.Block;

/** Where kernels take temporary memory from; what is given back may be used by what is launched later. */
interface Scratch {
    /**
     * Returns a block with undefined content.
     *
     * @throws dev.jangada.OutOfMemoryException if there is none
     */
    Block allocate(long bytes);

    /** Gives a block back. */
    void free(Block block);
}
