package dev.jangada.kernel;

/** What a scan accumulates along a dimension. */
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
