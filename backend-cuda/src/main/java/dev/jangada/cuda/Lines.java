package dev.jangada.cuda;

import java.util.ArrayList;
import java.util.List;

/** Operands as lines along one dimension: the strides along it, and the space of the other dimensions, in their order. */
final class Lines {
    private final Placed[] operands;
    private final int dim;
    private final Space space;
    private final long length;

    private Lines(Placed[] operands, int dim, Space space, long length) {
        this.operands = operands;
        this.dim = dim;
        this.space = space;
        this.length = length;
    }

    /** Returns the lines of operands; the last one tells the sizes of the other dimensions and the length. */
    static Lines of(int dim, Placed... operands) {
        Placed last = operands[operands.length - 1];
        List<long[]> strides = new ArrayList<>();
        for (Placed o : operands) {
            strides.add(o.layout().strides());
        }
        int rank = last.layout().rank();
        int[] others = new int[rank - 1];
        for (int d = 0, i = 0; d < rank; d++) {
            if (d != dim) {
                others[i++] = d;
            }
        }
        Space space = new Space(last.layout().shape().toArray(), strides, others, false);
        return new Lines(operands, dim, space, last.size(dim));
    }

    Placed operand(int i) {
        return operands[i];
    }

    long stride(int operand) {
        return operands[operand].stride(dim);
    }

    long count() {
        return space.count();
    }

    long length() {
        return length;
    }

    int slots() {
        return Space.slots(space.rank());
    }

    /** Tells whether a position or a number of an element needs 64 bits; an operand may be longer than the lines. */
    boolean isWide() {
        boolean wide = space.isWide() || length > Integer.MAX_VALUE / 2 || count() * length > Integer.MAX_VALUE;
        for (int k = 0; k < operands.length; k++) {
            long along = Math.max(length, operands[k].size(dim)) * stride(k);
            wide |= along + space.reach(k) > Integer.MAX_VALUE;
        }
        return wide;
    }

    /** Appends rank and dimensions. */
    void addTo(Words words) {
        words.add(space.rank());
        space.addTo(words, slots());
    }
}
