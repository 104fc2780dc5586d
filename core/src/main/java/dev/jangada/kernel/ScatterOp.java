package dev.jangada.kernel;

/** What a scatter does where it hits an element. */
public enum ScatterOp {
    /** The source replaces the element; with equal targets the last one in row-major order of the index wins. */
    ASSIGN,
    /** The source is added, in row-major order of the index, so that the result is deterministic. */
    ADD
}
