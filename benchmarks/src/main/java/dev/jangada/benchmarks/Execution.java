package dev.jangada.benchmarks;

/** How a program runs. */
public enum Execution {
    /** Operation by operation. */
    EAGER,
    /** As one plan. */
    CAPTURED
}
