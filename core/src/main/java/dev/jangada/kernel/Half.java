package dev.jangada.kernel;

/**
 * Conversions between the two 16-bit floating point types and float or double, rounded once to nearest, ties to even.
 *
 * <p>Values beyond the largest finite one become infinite, small ones subnormal or zero with their sign; NaN stays NaN.
 *
 * <p>Source: IEEE 754-2019, binary16; bfloat16 is the upper half of a binary32.
 */
public final class Half {
    private static final int FLOAT16_FRACTION = 10;
    private static final int FLOAT16_LOWEST = -14;
    private static final int BFLOAT16_FRACTION = 7;
    private static final int BFLOAT16_LOWEST = -126;

    private Half() {}

    /** Returns the float16 bits nearest to a value. */
    public static short toFloat16(float x) {
        return toFloat16((double) x);
    }

    /** Returns the float16 bits nearest to a value, rounded once. */
    public static short toFloat16(double x) {
        return encode(x, FLOAT16_FRACTION, FLOAT16_LOWEST);
    }

    /** Returns the value of float16 bits. */
    public static float fromFloat16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int magnitude = bits & 0x7fff;
        if (magnitude >= 0x7c00) {
            return Float.intBitsToFloat(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
        }
        if (magnitude < 0x400) {
            float small = magnitude * 0x1p-24f;
            return sign != 0 ? -small : small;
        }
        return Float.intBitsToFloat(sign | (magnitude << 13) + ((127 - 15) << 23));
    }

    /** Returns the bfloat16 bits nearest to a value. */
    public static short toBfloat16(float x) {
        int bits = Float.floatToRawIntBits(x);
        if (Float.isNaN(x)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }

    /** Returns the bfloat16 bits nearest to a value, rounded once. */
    public static short toBfloat16(double x) {
        return encode(x, BFLOAT16_FRACTION, BFLOAT16_LOWEST);
    }

    /** Returns the value of bfloat16 bits. */
    public static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /**
     * The number of units in the last place, rounded, plus the exponent above the lowest one: a carry out of the fraction becomes the next
     * exponent by itself, and below the lowest exponent the sum is the subnormal encoding.
     */
    private static short encode(double x, int fraction, int lowest) {
        int sign = (int) (Double.doubleToRawLongBits(x) >>> 48) & 0x8000;
        int infinity = (1 << 15) - (1 << fraction);
        if (Double.isNaN(x)) {
            return (short) (sign | infinity | 1 << fraction - 1);
        }
        double magnitude = Math.abs(x);
        if (magnitude > Float.MAX_VALUE * 2.0) {
            return (short) (sign | infinity);
        }
        int exponent = Math.max(Math.getExponent(magnitude), lowest);
        int units = (int) Math.rint(Math.scalb(magnitude, fraction - exponent));
        int encoded = (exponent - lowest << fraction) + units;
        return (short) (sign | Math.min(encoded, infinity));
    }
}
