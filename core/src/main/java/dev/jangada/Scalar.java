package dev.jangada;

/**
 * A number that takes part in type promotion as Python's numbers do: it decides only the category (bool, integer, float), not the width.
 *
 * <p>Most methods of {@link Tensor} take {@code long} and {@code double} directly; this type carries a number whose kind is known only at
 * run time.
 *
 * @param dtype bool, int64 or float64: the kind
 * @param bits the integer, 0 or 1 for bool, or the bits of the double
 */
public record Scalar(DType dtype, long bits) {
    /** Checks the kind. */
    public Scalar {
        if (dtype != DType.BOOL && dtype != DType.INT64 && dtype != DType.FLOAT64) {
            throw new DTypeException("[scalar] expected bool, int64 or float64, got " + dtype);
        }
    }

    /** Returns a floating point number. */
    public static Scalar of(double value) {
        return new Scalar(DType.FLOAT64, Double.doubleToRawLongBits(value));
    }

    /** Returns an integer. */
    public static Scalar of(long value) {
        return new Scalar(DType.INT64, value);
    }

    /** Returns a truth value. */
    public static Scalar of(boolean value) {
        return new Scalar(DType.BOOL, value ? 1 : 0);
    }

    /** Returns the value as a double. */
    public double toDouble() {
        return dtype == DType.FLOAT64 ? Double.longBitsToDouble(bits) : bits;
    }

    /** Returns the value as a long, truncated towards 0. */
    public long toLong() {
        return dtype == DType.FLOAT64 ? (long) Double.longBitsToDouble(bits) : bits;
    }

    @Override
    public String toString() {
        return switch (dtype) {
            case BOOL -> bits != 0 ? "true" : "false";
            case INT64 -> Long.toString(bits);
            default -> Double.toString(toDouble());
        };
    }
}
