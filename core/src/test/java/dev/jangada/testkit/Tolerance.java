package dev.jangada.testkit;

import dev.jangada.DType;

/**
 * How far a value may be from the expected one: the largest of three bounds. NaN must be NaN.
 *
 * @param ulps units in the last place of the expected value, in its own type
 * @param relative fraction of the expected value
 * @param absolute absolute difference
 * @param zeroSign whether zeros must have the same sign
 */
public record Tolerance(double ulps, double relative, double absolute, boolean zeroSign) {
    /** Every bit, except that any NaN is as good as another. */
    public static final Tolerance EXACT = new Tolerance(0, 0, 0, true);

    /** Equal by {@code ==}: zeros may differ in sign. */
    public static final Tolerance EQUAL = new Tolerance(0, 0, 0, false);

    /** Returns a tolerance of some units in the last place, and of the smallest normal number of the type near 0. */
    public static Tolerance ulps(double n, DType type) {
        return new Tolerance(n, 0, smallestNormal(type), false);
    }

    /** Returns a relative and an absolute tolerance; the larger one counts. */
    public static Tolerance of(double relative, double absolute) {
        return new Tolerance(0, relative, absolute, false);
    }

    /**
     * Returns the tolerance of a sum that is accumulated one by one in float32 or wider. Where signs cancel the absolute part counts; where
     * all terms have one sign their sum is their magnitude, and the rounding errors may have one sign too: the relative part.
     *
     * @param n number of terms
     * @param magnitude largest term
     * @param type type of the result
     */
    public static Tolerance sum(long n, double magnitude, DType type) {
        double epsilon = type == DType.FLOAT64 ? 0x1p-53 : 0x1p-24;
        return new Tolerance(type.isHalf() ? 1 : 2, epsilon * (8 + n / 2.0), epsilon * magnitude * (16 + n), false);
    }

    private static double smallestNormal(DType type) {
        return switch (type) {
            case FLOAT64 -> Double.MIN_NORMAL;
            case FLOAT32, BFLOAT16 -> Float.MIN_NORMAL;
            case BOOL, UINT8, INT8, INT16, INT32, INT64, FLOAT16 -> 0;
        };
    }

    /** Returns the distance from a value to the next larger one of a type. */
    public static double ulp(double x, DType type) {
        return switch (type) {
            case BOOL, UINT8, INT8, INT16, INT32, INT64 -> 0;
            case FLOAT16 -> Math.scalb(1.0, Math.max(Math.getExponent(x), -14) - 10);
            case BFLOAT16 -> Math.scalb(1.0, Math.max(Math.getExponent(x), -126) - 7);
            case FLOAT32 -> Math.ulp((float) x);
            case FLOAT64 -> Math.ulp(x);
        };
    }

    /** Returns the largest difference allowed from a finite expected value. */
    public double allowed(double expected, DType type) {
        double byUlps = ulps == 0 ? 0 : ulps * ulp(expected, type);
        return Math.max(byUlps, Math.max(relative * Math.abs(expected), absolute));
    }

    /** Tells whether a value is close enough. */
    public boolean accepts(double expected, double actual, DType type) {
        if (Double.isNaN(expected) || Double.isNaN(actual)) {
            return Double.isNaN(expected) && Double.isNaN(actual);
        }
        if (expected == actual) {
            return !zeroSign || expected != 0 || 1 / expected == 1 / actual;
        }
        if (Double.isInfinite(expected) || Double.isInfinite(actual)) {
            return ulps > 0 && atTheLimit(expected, actual, type);
        }
        return Math.abs(actual - expected) <= allowed(expected, type);
    }

    /** The largest finite value and infinity are neighbours. */
    private static boolean atTheLimit(double expected, double actual, DType type) {
        double largest = switch (type) {
            case FLOAT16 -> 65504;
            case BFLOAT16 -> 0x1.fep127;
            case FLOAT32 -> Float.MAX_VALUE;
            case BOOL, UINT8, INT8, INT16, INT32, INT64, FLOAT64 -> Double.MAX_VALUE;
        };
        double finite = Double.isInfinite(expected) ? actual : expected;
        double infinite = Double.isInfinite(expected) ? expected : actual;
        return Math.abs(finite) >= largest * (1 - 0x1p-20) && Math.signum(finite) == Math.signum(infinite);
    }
}
