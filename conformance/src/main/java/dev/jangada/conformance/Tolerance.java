package dev.jangada.conformance;

/**
 * When a floating point number counts as equal to the expected one: {@code |got - expected| <= atol + rtol * |expected|}.
 *
 * @param rtol relative part, no unit
 * @param atol absolute part
 * @param zeroSign whether 0.0 and -0.0 differ
 */
record Tolerance(double rtol, double atol, boolean zeroSign) {
    boolean accepts(double got, double expected) {
        if (Double.isNaN(expected)) {
            return Double.isNaN(got);
        }
        if (Double.isInfinite(expected) || Double.isInfinite(got)) {
            return got == expected;
        }
        if (zeroSign && got == 0 && expected == 0) {
            return Double.doubleToRawLongBits(got) == Double.doubleToRawLongBits(expected);
        }
        return Math.abs(got - expected) <= atol + rtol * Math.abs(expected);
    }
}
