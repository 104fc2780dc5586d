package dev.jangada.backend;

/**
 * A block of memory at an address, of one size class of an allocator that keeps what is freed; the object is reused with the memory. For
 * backends whose memory has addresses.
 */
public final class Block implements Memory {
    private final Owner owner;
    private final long address;
    private final long bytes;
    private final int sizeClass;
    private Block next;
    private long stamp;

    /** The allocator, which takes its blocks back. */
    @FunctionalInterface
    public interface Owner {
        /** Takes a block back; called from any thread. */
        void free(Block block);
    }

    /** Creates a block of an allocator's size class. */
    public Block(Owner owner, long address, long bytes, int sizeClass) {
        this.owner = owner;
        this.address = address;
        this.bytes = bytes;
        this.sizeClass = sizeClass;
    }

    /** Returns the address of the first byte. */
    public long address() {
        return address;
    }

    /** Returns the number of the size class. */
    public int sizeClass() {
        return sizeClass;
    }

    /** Returns the block below in the allocator's stack of free blocks, null if there is none. */
    public Block next() {
        return next;
    }

    /** Puts the block on top of another one; null for none. */
    public void next(Block below) {
        next = below;
    }

    /** Returns what the allocator noted when it gave the block out, 0 if it notes nothing. */
    public long stamp() {
        return stamp;
    }

    /** Notes something that tells when the block was given out. */
    public void stamp(long now) {
        stamp = now;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void free() {
        owner.free(this);
    }
}
