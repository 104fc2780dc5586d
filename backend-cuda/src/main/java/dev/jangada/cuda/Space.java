package dev.jangada.cuda;

import java.util.Arrays;
import java.util.List;

/**
 * Dimensions that several operands share, innermost first, with the strides of each operand: what a kernel walks.
 *
 * <p>Dimensions of size 1 are gone, and neighbours that all operands walk through without a jump have become one.
 */
final class Space {
    private final long[] sizes;
    /** By operand, then by dimension. */
    private long[][] strides;

    private int rank;

    /**
     * Creates the space of some dimensions of an iteration.
     *
     * @param sizes of all dimensions, outermost first
     * @param strides of each operand, outermost first
     * @param dims the dimensions that are meant, outermost first
     * @param reorder whether dimensions may change places, so that the first operand's steps grow outwards
     */
    Space(long[] sizes, List<long[]> strides, int[] dims, boolean reorder) {
        this.sizes = new long[Math.max(1, dims.length)];
        this.strides = new long[strides.size()][this.sizes.length];
        for (int i = dims.length - 1; i >= 0; i--) {
            if (sizes[dims[i]] != 1) {
                this.sizes[rank] = sizes[dims[i]];
                for (int k = 0; k < strides.size(); k++) {
                    this.strides[k][rank] = strides.get(k)[dims[i]];
                }
                rank++;
            }
        }
        if (reorder) {
            sort();
        }
        collapse();
        if (rank == 0) {
            this.sizes[0] = 1;
            rank = 1;
        }
    }

    /** Returns the numbers of all dimensions. */
    static int[] all(int rank) {
        int[] dims = new int[rank];
        for (int i = 0; i < rank; i++) {
            dims[i] = i;
        }
        return dims;
    }

    /** Returns the strides of the row-major numbers of a shape. */
    static long[] rowMajor(long[] sizes) {
        long[] strides = new long[sizes.length];
        long step = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= Math.max(1, sizes[i]);
        }
        return strides;
    }

    /** Insertion sort: mostly nothing moves. */
    private void sort() {
        for (int i = 1; i < rank; i++) {
            for (int j = i; j > 0 && isFurther(j - 1, j); j--) {
                swap(j - 1, j);
            }
        }
    }

    /** Tells whether dimension {@code a} takes longer steps than {@code b}, by the first operand in which both move and differ. */
    private boolean isFurther(int a, int b) {
        for (long[] s : strides) {
            if (s[a] != 0 && s[b] != 0 && s[a] != s[b]) {
                return s[a] > s[b];
            }
        }
        return false;
    }

    private void swap(int a, int b) {
        long t = sizes[a];
        sizes[a] = sizes[b];
        sizes[b] = t;
        for (long[] s : strides) {
            t = s[a];
            s[a] = s[b];
            s[b] = t;
        }
    }

    private void collapse() {
        int to = 0;
        for (int d = 1; d < rank; d++) {
            boolean joins = true;
            for (long[] s : strides) {
                joins &= s[d] == s[to] * sizes[to];
            }
            if (joins) {
                sizes[to] *= sizes[d];
            } else {
                to++;
                sizes[to] = sizes[d];
                for (long[] s : strides) {
                    s[to] = s[d];
                }
            }
        }
        rank = rank == 0 ? 0 : to + 1;
    }

    int rank() {
        return rank;
    }

    /** Returns the size of a dimension, 0 being the innermost. */
    long size(int dim) {
        return sizes[dim];
    }

    long stride(int operand, int dim) {
        return strides[operand][dim];
    }

    /** Returns the number of positions. */
    long count() {
        long n = 1;
        for (int d = 0; d < rank; d++) {
            n *= sizes[d];
        }
        return n;
    }

    /** Returns the largest position of an operand, in elements from its first one; sizes must not be 0. */
    long reach(int operand) {
        long last = 0;
        for (int d = 0; d < rank; d++) {
            last += (sizes[d] - 1) * strides[operand][d];
        }
        return last;
    }

    /** Tells whether positions or their number need 64 bits. */
    boolean isWide() {
        boolean wide = count() > Integer.MAX_VALUE;
        for (int k = 0; k < strides.length; k++) {
            wide |= reach(k) > Integer.MAX_VALUE;
        }
        return wide;
    }

    /** Makes one position of every {@code n} neighbours in the innermost dimension, whose size must be a multiple. */
    void group(int n) {
        sizes[0] /= n;
        for (long[] s : strides) {
            s[0] *= n;
        }
    }

    /** Forgets the last operand. */
    void dropLast() {
        strides = Arrays.copyOf(strides, strides.length - 1);
    }

    /** Appends {@code slots} dimensions as {@code Text.dimFields} declares them; those beyond the rank have size 1. */
    void addTo(Words words, int slots) {
        for (int d = 0; d < slots; d++) {
            long size = d < rank ? sizes[d] : 1;
            words.add(size).add(divider(size));
            for (long[] s : strides) {
                words.add(d < rank ? s[d] : 0);
            }
        }
    }

    /**
     * Returns the number by which {@code jg_quotient} divides: the multiplier in the low half, the shift in the high half.
     *
     * <p>Source: Granlund, Montgomery, "Division by invariant integers using multiplication", PLDI 1994; for dividends below 2^31.
     */
    static long divider(long size) {
        if (size <= 0 || size > Integer.MAX_VALUE) {
            return 0;
        }
        int shift = Long.SIZE - Long.numberOfLeadingZeros(size - 1);
        long multiplier = (1L << 32) * ((1L << shift) - size) / size + 1;
        return (long) shift << 32 | multiplier & 0xffffffffL;
    }

    /**
     * Returns the number of dimensions that the code for a rank is written for: few forms, because each is compiled. Dimensions beyond the
     * rank cost nothing, the loop over them ends before.
     */
    static int slots(int rank) {
        return rank <= 1 ? 1 : rank <= 8 ? 8 : rank <= 16 ? 16 : 64;
    }

    @Override
    public String toString() {
        return Arrays.toString(Arrays.copyOf(sizes, rank)) + " " + Arrays.deepToString(strides);
    }
}
