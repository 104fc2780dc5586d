package dev.jangada.reference;

import dev.jangada.DType;
import dev.jangada.backend.Memory;
import dev.jangada.kernel.Element;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A block of bytes on the Java heap, cut into chunks because one buffer holds less than 2 GiB.
 *
 * <p>Elements are aligned to their size, which divides the size of a chunk, so that none is cut in two. Fresh memory is full of ones (NaN,
 * -1), so that reading what nobody has written shows.
 */
final class HeapMemory implements Memory {
    private static final int CHUNK_BITS = 30;

    private final Heap heap;
    private final long bytes;
    private final int chunkBits;
    private final long chunkSize;
    private ByteBuffer[] chunks;

    HeapMemory(Heap heap, long bytes) {
        this(heap, bytes, CHUNK_BITS);
    }

    /** Smaller chunks are for tests. */
    HeapMemory(Heap heap, long bytes, int chunkBits) {
        this.heap = heap;
        this.bytes = bytes;
        this.chunkBits = chunkBits;
        this.chunkSize = 1L << chunkBits;
        this.chunks = new ByteBuffer[Math.toIntExact((bytes + chunkSize - 1) >> chunkBits)];
        long left = bytes;
        for (int i = 0; i < chunks.length; i++) {
            byte[] chunk = new byte[(int) Math.min(left, chunkSize)];
            Arrays.fill(chunk, (byte) -1);
            chunks[i] = ByteBuffer.wrap(chunk).order(ByteOrder.nativeOrder());
            left -= chunk.length;
        }
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void free() {
        heap.freed(bytes);
        chunks = null;
    }

    private ByteBuffer chunk(long position) {
        return chunks[(int) (position >> chunkBits)];
    }

    private int within(long position) {
        return (int) (position & (chunkSize - 1));
    }

    double getDouble(long position, DType type) {
        return Element.getDouble(chunk(position), within(position), type);
    }

    long getLong(long position, DType type) {
        return Element.getLong(chunk(position), within(position), type);
    }

    void putDouble(long position, DType type, double x) {
        Element.putDouble(chunk(position), within(position), type, x);
    }

    void putLong(long position, DType type, long x) {
        Element.putLong(chunk(position), within(position), type, x);
    }

    void write(long position, ByteBuffer source) {
        ByteBuffer from = source.duplicate();
        long at = position;
        while (from.hasRemaining()) {
            int n = (int) Math.min(from.remaining(), chunkSize - within(at));
            chunk(at).put(within(at), from, from.position(), n);
            from.position(from.position() + n);
            at += n;
        }
    }

    void read(ByteBuffer target, long position) {
        ByteBuffer to = target.duplicate();
        long at = position;
        while (to.hasRemaining()) {
            int n = (int) Math.min(to.remaining(), chunkSize - within(at));
            to.put(to.position(), chunk(at), within(at), n);
            to.position(to.position() + n);
            at += n;
        }
    }
}
