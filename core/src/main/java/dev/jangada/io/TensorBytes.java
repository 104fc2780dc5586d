package dev.jangada.io;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.ops.Access;
import dev.jangada.ops.Copies;
import dev.jangada.ops.Executor;
import dev.jangada.ops.Tape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/** Elements between files and devices, in pieces of bounded size: a file larger than the Java heap passes through. */
final class TensorBytes {
    private static final int PIECE_BYTES = 1 << 18; // stays in the processor's cache between the two copies

    private TensorBytes() {}

    private static Operand part(Operand o, long from, int count) {
        return o.with(Layout.of(Shape.of(count), new long[] {1}, o.layout().offset() + from));
    }

    private static ByteBuffer buffer(long bytes) {
        return ByteBuffer.allocate((int) Math.min(bytes, PIECE_BYTES)).order(ByteOrder.nativeOrder());
    }

    /** Returns a new contiguous tensor with undefined content, for {@link #fill}. */
    static Tensor allocate(DType type, Shape shape, Backend backend) {
        return Access.wrap(Executor.current().allocate(type, shape, backend));
    }

    /** Returns a new contiguous tensor with elements in the given byte order; the caller has checked that the source has them. */
    static Tensor read(ByteSource source, DType type, Shape shape, ByteOrder order, Backend backend)
            throws IOException {
        Tensor out = allocate(type, shape, backend);
        fill(out, source, order);
        return out;
    }

    /** Writes the elements of a source, in the given byte order, into a contiguous tensor. */
    static void fill(Tensor tensor, ByteSource source, ByteOrder order) throws IOException {
        Operand o = Access.operand(tensor);
        int size = o.dtype().size();
        long numel = o.layout().numel();
        int piece = PIECE_BYTES / size;
        ByteBuffer buffer = buffer(numel * size);
        for (long from = 0; from < numel; from += piece) {
            int count = (int) Math.min(piece, numel - from);
            buffer.clear().limit(count * size);
            source.read(buffer);
            buffer.flip();
            if (order != ByteOrder.nativeOrder()) {
                swap(buffer, size);
            }
            if (o.dtype() == DType.BOOL) {
                toZeroAndOne(buffer);
            }
            Executor.current().write(part(o, from, count), buffer);
        }
    }

    private static void swap(ByteBuffer buffer, int size) {
        for (int i = 0; i < buffer.limit(); i += size) {
            switch (size) {
                case 2 -> buffer.putShort(i, Short.reverseBytes(buffer.getShort(i)));
                case 4 -> buffer.putInt(i, Integer.reverseBytes(buffer.getInt(i)));
                case 8 -> buffer.putLong(i, Long.reverseBytes(buffer.getLong(i)));
                default -> {
                    return;
                }
            }
        }
    }

    /** Kernels count on it; a file may hold anything. */
    private static void toZeroAndOne(ByteBuffer buffer) {
        for (int i = 0; i < buffer.limit(); i++) {
            if (buffer.get(i) != 0) {
                buffer.put(i, (byte) 1);
            }
        }
    }

    /** What takes the bytes of a tensor, from a buffer's position to its limit. */
    @FunctionalInterface
    interface Sink {
        /** Takes all bytes. */
        void take(ByteBuffer bytes) throws IOException;
    }

    /** Returns a sink that writes to a channel. */
    static Sink to(WritableByteChannel channel) {
        return bytes -> {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        };
    }

    /** Hands over the elements in row-major order and little-endian; a tensor that is not contiguous is copied on its device first. */
    static void write(Tensor tensor, Sink sink) throws IOException {
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            write(Access.operand(Copies.contiguous(tensor)), sink);
        }
    }

    /** Hands over the elements of a contiguous operand, little-endian. */
    static void write(Operand o, Sink sink) throws IOException {
        int size = o.dtype().size();
        long numel = o.layout().numel();
        int piece = PIECE_BYTES / size;
        ByteBuffer buffer = buffer(numel * size);
        for (long from = 0; from < numel; from += piece) {
            int count = (int) Math.min(piece, numel - from);
            buffer.clear().limit(count * size);
            Executor.current().read(buffer, part(o, from, count));
            buffer.position(0);
            if (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) {
                swap(buffer, size);
            }
            sink.take(buffer);
        }
    }
}
