package dev.jangada.ops;

import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import java.util.Arrays;

/**
 * Which rows of packed sequences belong to which step of time: step {@code t} has {@code size(t)} rows behind those of the steps before it,
 * one for each sequence that is longer than {@code t}. The longest sequences come first, so sizes never grow.
 */
public final class SequenceSteps {
    private final long[] sizes;
    private final long[] offsets;
    private final boolean reverse;

    private SequenceSteps(long[] sizes, boolean reverse) {
        this.sizes = sizes;
        this.offsets = new long[sizes.length + 1];
        for (int t = 0; t < sizes.length; t++) {
            offsets[t + 1] = offsets[t] + sizes[t];
        }
        this.reverse = reverse;
    }

    /** Returns the steps of sequences with these numbers of rows per step, all above 0, which are taken from the last one if {@code reverse}. */
    public static SequenceSteps of(long[] sizes, boolean reverse) {
        return new SequenceSteps(sizes.clone(), reverse);
    }

    /** Returns the steps of {@code batch} sequences of one length. */
    public static SequenceSteps uniform(long length, long batch, boolean reverse) {
        long[] sizes = new long[Math.toIntExact(length)];
        Arrays.fill(sizes, batch);
        return new SequenceSteps(sizes, reverse);
    }

    /** Returns the number of steps. */
    int count() {
        return sizes.length;
    }

    /** Returns the number of the step that is taken as number {@code i}. */
    int step(int i) {
        return reverse ? sizes.length - 1 - i : i;
    }

    /** Returns the number of rows of a step. */
    long size(int t) {
        return sizes[t];
    }

    /** Returns the number of sequences. */
    long batch() {
        return sizes[0];
    }

    /** Returns the number of rows of all steps. */
    long rows() {
        return offsets[sizes.length];
    }

    boolean isReverse() {
        return reverse;
    }

    /** Tells whether all sequences have one length. */
    boolean isUniform() {
        return sizes[sizes.length - 1] == sizes[0];
    }

    /** Returns the rows of a step in a matrix of all rows. */
    Operand block(Operand all, int t) {
        return all.with(block(all.layout(), t));
    }

    Layout block(Layout all, int t) {
        return all.slice(0, offsets[t], sizes[t], 1);
    }

    /** Returns the first row of a step. */
    long offset(int t) {
        return offsets[t];
    }

    /** Returns the rows of the sequences that take part in a step, in a matrix of one row per sequence. */
    Operand active(Operand state, int t) {
        return sizes[t] == sizes[0] ? state : state.with(state.layout().slice(0, 0, sizes[t], 1));
    }
}
