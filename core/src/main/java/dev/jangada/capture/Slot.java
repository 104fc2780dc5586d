package dev.jangada.capture;

import dev.jangada.backend.Storage;

/** A piece of memory of a traced program, and where each run finds it. */
final class Slot {
    /** Where a run finds the memory. */
    enum Kind {
        /** Made in the program and seen by nobody else: a part of the arena. */
        INNER,
        /** A storage from outside, always the same: a parameter, the state of an optimiser. */
        OUTER,
        /** Values that the program got from the host while it was traced. */
        CONSTANT,
        /** The memory of an argument. */
        ARGUMENT,
        /** The gradient that a leaf has when a run starts. */
        GRADIENT,
        /** New memory at each run: a result, or the gradient of a leaf after it. */
        FRESH
    }

    /** Number in the program. */
    final int number;

    final long bytes;
    Kind kind;

    /** Of OUTER and CONSTANT. */
    Storage storage;

    /** Of OUTER: its fingerprint when the trace first met it. */
    int marks;

    /** Number of the ARGUMENT, or of the cell of the GRADIENT. */
    int source;

    /** Whether a kernel writes to it. */
    boolean written;

    Slot(int number, Kind kind, long bytes) {
        this.number = number;
        this.kind = kind;
        this.bytes = bytes;
    }

    /** Tells whether the memory outlives a run, so that writing to it is an effect. */
    boolean outlives() {
        return kind != Kind.INNER;
    }
}
