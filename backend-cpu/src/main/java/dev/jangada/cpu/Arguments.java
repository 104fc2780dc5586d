package dev.jangada.cpu;

import dev.jangada.DType;
import dev.jangada.backend.Block;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * A block of arguments: longs at a known address, written by Java and read by C++.
 *
 * <p>Each thread has one for the call that it is making: it writes the arguments from the start and passes {@link #address()}; nothing is
 * allocated once the block is large enough. A plan writes the arguments of all its calls into a block of its own, where operands stand for
 * memory that is only known when it runs: see {@link Places}.
 */
final class Arguments {
    /** Where operands will be found that have no memory yet. */
    @FunctionalInterface
    interface Places {
        /** Notes that word {@code at} is to become the address of an operand, and returns the part of it that is known: an offset. */
        long place(Operand x, int at);
    }

    private static final ThreadLocal<Arguments> OF_THREAD = ThreadLocal.withInitial(() -> new Arguments(null));

    private final Places places;
    private ByteBuffer bytes;
    private LongBuffer longs;
    private long address;
    private int size;

    private Arguments(Places places) {
        this.places = places;
        reserve(512);
    }

    /** Returns this thread's block, empty. */
    static Arguments start() {
        Arguments a = OF_THREAD.get();
        a.size = 0;
        return a;
    }

    /** Returns a new block, which no call of this thread writes to. */
    static Arguments separate() {
        return new Arguments(null);
    }

    /** Returns a new block for operands that have no memory yet. */
    static Arguments of(Places places) {
        return new Arguments(places);
    }

    /** Forgets what was written from long number {@code count} on. */
    void shorten(int count) {
        size = count;
    }

    /** Returns what was written. */
    long[] toArray() {
        long[] out = new long[size];
        longs.get(0, out, 0, size);
        return out;
    }

    /** Makes room for {@code count} more longs. */
    Arguments room(int count) {
        if (size + count > longs.capacity()) {
            LongBuffer before = longs;
            reserve(Math.max(size + count, 2 * longs.capacity()));
            longs.put(0, before, 0, size);
        }
        return this;
    }

    private void reserve(int count) {
        bytes = ByteBuffer.allocateDirect(Math.multiplyExact(count, Long.BYTES)).order(ByteOrder.nativeOrder());
        longs = bytes.asLongBuffer();
        address = Native.address(bytes);
    }

    /** Returns the address to pass. */
    long address() {
        return address;
    }

    /** Returns the number of longs written. */
    int size() {
        return size;
    }

    /** Returns a long of the block, for results. */
    long get(int index) {
        return longs.get(index);
    }

    /** Replaces a long that was written. */
    void set(int index, long value) {
        longs.put(index, value);
    }

    /** Appends a value. */
    Arguments put(long value) {
        longs.put(size++, value);
        return this;
    }

    /** Appends values. */
    Arguments put(long[] values) {
        for (long v : values) {
            longs.put(size++, v);
        }
        return this;
    }

    /** Appends the address of an operand's first element. */
    Arguments putAddress(Operand x) {
        return put(address(x, size));
    }

    private long address(Operand x, int at) {
        return places == null ? address(x) : places.place(x, at);
    }

    /** Returns the address of an operand's first element. */
    static long address(Operand x) {
        return ((Block) x.storage().memory()).address()
                + x.layout().offset() * x.dtype().size();
    }

    /** Appends the sizes of a layout; those of a scalar as one dimension of size 1. */
    Arguments putShape(Layout layout, int rank) {
        if (layout.rank() == 0 && rank == 1) {
            return put(1);
        }
        LongBuffer to = longs;
        int at = size;
        for (int i = 0; i < rank; i++) {
            to.put(at++, layout.size(i));
        }
        size = at;
        return this;
    }

    /** Appends the strides of a layout; those of a scalar as one stride. */
    Arguments putStrides(Layout layout, int rank) {
        if (layout.rank() == 0 && rank == 1) {
            return put(0);
        }
        size = strides(longs, size, layout, rank);
        return this;
    }

    private static int strides(LongBuffer to, int start, Layout layout, int rank) {
        int at = start;
        for (int i = 0; i < rank; i++) {
            to.put(at++, layout.stride(i));
        }
        return at;
    }

    /** Appends address and strides of an operand. */
    Arguments putOperand(Operand x, int rank) {
        putAddress(x);
        return putStrides(x.layout(), rank);
    }

    /** Appends addresses and strides of operands; positions stay in registers, for this is the hot path of every launch. */
    Arguments putOperands(Operand[] operands, int rank) {
        LongBuffer to = longs;
        int at = size;
        for (Operand x : operands) {
            Layout layout = x.layout();
            to.put(at, address(x, at));
            at++;
            at = strides(to, at, layout, rank);
        }
        size = at;
        return this;
    }

    /** Appends the number by which C++ knows an element type. */
    Arguments put(DType type) {
        return put(type.ordinal());
    }
}
