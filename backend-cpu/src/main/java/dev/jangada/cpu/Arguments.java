package dev.jangada.cpu;

import dev.jangada.DType;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * The argument block of a thread: longs at a known address, written by Java and read by C++.
 *
 * <p>A call writes its arguments from the start and passes {@link #address()}; nothing is allocated once the block is large enough.
 */
final class Arguments {
    private static final ThreadLocal<Arguments> OF_THREAD = ThreadLocal.withInitial(Arguments::new);

    private ByteBuffer bytes;
    private LongBuffer longs;
    private long address;
    private int size;

    private Arguments() {
        reserve(512);
    }

    /** Returns this thread's block, empty, with room for {@code count} longs. */
    static Arguments start(int count) {
        Arguments a = OF_THREAD.get();
        a.size = 0;
        if (count > a.longs.capacity()) {
            a.reserve(count);
        }
        return a;
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
        return put(address(x));
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
            to.put(at++, address(x));
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
