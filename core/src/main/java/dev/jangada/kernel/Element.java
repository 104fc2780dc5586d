package dev.jangada.kernel;

import dev.jangada.DType;
import java.nio.ByteBuffer;

/**
 * Conversions between the bytes of one element and the two types that hold any value: {@code double} for floating point types,
 * {@code long} for the others.
 *
 * <p>Positions are absolute, in bytes; the buffer's order is the order of the bytes, and its own position does not move.
 */
public final class Element {
    private Element() {}

    /** Returns the element as a double; int64 values beyond 2^53 are rounded. */
    public static double getDouble(ByteBuffer buffer, int at, DType type) {
        return switch (type) {
            case BOOL, UINT8, INT8, INT16, INT32, INT64 -> getLong(buffer, at, type);
            case FLOAT16 -> Half.fromFloat16(buffer.getShort(at));
            case BFLOAT16 -> Half.fromBfloat16(buffer.getShort(at));
            case FLOAT32 -> buffer.getFloat(at);
            case FLOAT64 -> buffer.getDouble(at);
        };
    }

    /** Returns the element as a long; floating point values are truncated. */
    public static long getLong(ByteBuffer buffer, int at, DType type) {
        return switch (type) {
            case BOOL -> buffer.get(at) != 0 ? 1 : 0;
            case UINT8 -> buffer.get(at) & 0xff;
            case INT8 -> buffer.get(at);
            case INT16 -> buffer.getShort(at);
            case INT32 -> buffer.getInt(at);
            case INT64 -> buffer.getLong(at);
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> (long) getDouble(buffer, at, type);
        };
    }

    /** Stores a double: rounded once to a floating point type, truncated to an integer type, {@code x != 0} for bool. */
    public static void putDouble(ByteBuffer buffer, int at, DType type, double x) {
        switch (type) {
            case BOOL -> buffer.put(at, (byte) (x != 0 ? 1 : 0));
            case UINT8, INT8, INT16, INT32, INT64 -> putLong(buffer, at, type, (long) x);
            case FLOAT16 -> buffer.putShort(at, Half.toFloat16(x));
            case BFLOAT16 -> buffer.putShort(at, Half.toBfloat16(x));
            case FLOAT32 -> buffer.putFloat(at, (float) x);
            case FLOAT64 -> buffer.putDouble(at, x);
        }
    }

    /** Stores a long: wrapped to an integer type, rounded once to a floating point type, {@code x != 0} for bool. */
    public static void putLong(ByteBuffer buffer, int at, DType type, long x) {
        switch (type) {
            case BOOL -> buffer.put(at, (byte) (x != 0 ? 1 : 0));
            case UINT8, INT8 -> buffer.put(at, (byte) x);
            case INT16 -> buffer.putShort(at, (short) x);
            case INT32 -> buffer.putInt(at, (int) x);
            case INT64 -> buffer.putLong(at, x);
            case FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> putDouble(buffer, at, type, toDouble(x, type));
        }
    }

    /** Returns the value that an element of a type holds after a double was stored in it, for floating point types. */
    public static double round(double x, DType type) {
        return switch (type) {
            case BOOL -> x != 0 ? 1 : 0;
            case UINT8, INT8, INT16, INT32, INT64 -> wrap((long) x, type);
            case FLOAT16 -> Half.fromFloat16(Half.toFloat16(x));
            case BFLOAT16 -> Half.fromBfloat16(Half.toBfloat16(x));
            case FLOAT32 -> (float) x;
            case FLOAT64 -> x;
        };
    }

    /** Returns the value that an element of a type holds after a long was stored in it, for bool and integer types. */
    public static long wrap(long x, DType type) {
        return switch (type) {
            case BOOL -> x != 0 ? 1 : 0;
            case UINT8 -> x & 0xff;
            case INT8 -> (byte) x;
            case INT16 -> (short) x;
            case INT32 -> (int) x;
            case INT64, FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> x;
        };
    }

    /**
     * Returns a long as a double that rounds to a type as the long itself would: float32 is rounded here, and for the half types what a
     * double cannot hold is kept as a sticky last bit, so that there is one rounding only.
     */
    public static double toDouble(long x, DType type) {
        if (type == DType.FLOAT32) {
            return (float) x;
        }
        boolean wide = x > 1L << 53 || x < -(1L << 53);
        return type.isHalf() && wide ? (x & -2048) | ((x & 2047) != 0 ? 2048 : 0) : x;
    }
}
