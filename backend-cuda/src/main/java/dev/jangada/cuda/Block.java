package dev.jangada.cuda;

import dev.jangada.backend.Memory;

/** A block of device memory; the object is reused with the memory. */
final class Block implements Memory {
    private final Allocator allocator;
    private final long address;
    private final long bytes;
    private final int sizeClass;

    /** The block below in the stack of free blocks. */
    Block next;

    Block(Allocator allocator, long address, long bytes, int sizeClass) {
        this.allocator = allocator;
        this.address = address;
        this.bytes = bytes;
        this.sizeClass = sizeClass;
    }

    long address() {
        return address;
    }

    int sizeClass() {
        return sizeClass;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void free() {
        allocator.free(this);
    }
}
