package dev.jangada.cuda;

import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Block;
import dev.jangada.backend.Storage;

/** Temporary memory of kernels. Where there is none, what tensors have left behind is collected first, as it is for a new tensor. */
final class Temporary implements Scratch {
    private final CudaBackend backend;
    private final Allocator allocator;

    Temporary(CudaBackend backend, Allocator allocator) {
        this.backend = backend;
        this.allocator = allocator;
    }

    @Override
    public Block allocate(long bytes) {
        try {
            return allocator.allocate(bytes);
        } catch (OutOfMemoryException e) {
            Storage.reclaim(backend);
            return allocator.allocate(bytes);
        }
    }

    @Override
    public void free(Block block) {
        allocator.free(block);
    }
}
