package dev.jangada.kernel;

/** What a scan accumulates along a dimension; integers wrap, for bool sum and maximum are or, product and minimum are and. */
public enum ScanOp {
    /** Cumulative sum. */
    SUM,
    /** Cumulative product. */
    PROD,
    /** Cumulative maximum; NaN wins and stays. */
    MAX,
    /** Cumulative minimum; NaN wins and stays. */
    MIN
}
