package dev.jangada.kernel;

/** How a {@link ReduceKernel} combines values; integers wrap, for bool sum and maximum are or, product and minimum are and. */
public enum ReduceOp {
    /** Sum; 0 for no elements. */
    SUM,
    /** Product; 1 for no elements. */
    PROD,
    /** Largest value; NaN wins. At least one element. */
    MAX,
    /** Smallest value; NaN wins. At least one element. */
    MIN,
    /** Row-major number within the reduced dimensions of the first largest value, int64; NaN wins. At least one element. */
    ARGMAX,
    /** Row-major number within the reduced dimensions of the first smallest value, int64; NaN wins. At least one element. */
    ARGMIN,
    /** Whether any value is true, of bool values; false for no elements. */
    ANY,
    /** Whether all values are true, of bool values; true for no elements. */
    ALL,
    /** Of floating point values, two results by Welford's algorithm: the sum of squared deviations from the mean, and the mean; 0 and NaN for no elements. NaN and infinities give NaN. */
    VARIANCE;

    /** Returns the number of results, which are the inputs of the epilogue. */
    public int results() {
        return this == VARIANCE ? 2 : 1;
    }
}
