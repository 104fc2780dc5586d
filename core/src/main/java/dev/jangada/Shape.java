package dev.jangada;

import java.util.Arrays;

/** The sizes of a tensor's dimensions: immutable, compared by value. Rank 0 is a scalar. */
public final class Shape {
    /** The shape of a scalar, {@code []}. */
    public static final Shape SCALAR = new Shape(new long[0], 1);

    /** Sets of dimensions are the bits of a {@code long}. */
    private static final int MAX_RANK = 64;

    private final long[] sizes;
    private final long numel;

    private Shape(long[] sizes, long numel) {
        this.sizes = sizes;
        this.numel = numel;
    }

    /**
     * Returns the shape with these sizes.
     *
     * @throws ShapeException if a size is negative, there are more than 64 or the number of elements exceeds a {@code long}
     */
    public static Shape of(long... sizes) {
        return sizes.length == 0 ? SCALAR : wrap(sizes.clone());
    }

    private static Shape wrap(long[] sizes) {
        if (sizes.length > MAX_RANK) {
            throw new ShapeException("[shape] expected at most " + MAX_RANK + " dimensions, got " + sizes.length);
        }
        long n = 1;
        boolean empty = false;
        for (long s : sizes) {
            if (s < 0) {
                throw new ShapeException("[shape] expected sizes >= 0, got " + Arrays.toString(sizes));
            }
            empty |= s == 0;
        }
        if (!empty) {
            for (long s : sizes) {
                long high = Math.multiplyHigh(n, s);
                n *= s;
                if (high != 0 || n < 0) {
                    throw new ShapeException(
                            "[shape] expected fewer than 2^63 elements, got sizes " + Arrays.toString(sizes));
                }
            }
        }
        return new Shape(sizes, empty ? 0 : n);
    }

    /** Returns the number of dimensions. */
    public int rank() {
        return sizes.length;
    }

    /** Returns the number of elements: the product of the sizes, 1 for a scalar. */
    public long numel() {
        return numel;
    }

    /**
     * Returns the size of a dimension; a negative number counts from the end.
     *
     * @throws IndexException if there is no such dimension
     */
    public long size(int dim) {
        return sizes[existing(dim)];
    }

    /**
     * Returns the dimension number in {@code [0, rank)} for one that may count from the end; a scalar accepts 0 and -1.
     *
     * @throws IndexException if there is no such dimension
     */
    public int axis(int dim) {
        int n = Math.max(1, sizes.length);
        if (dim < -n || dim >= n) {
            throw new IndexException(
                    "[dim] expected a dimension in [" + -n + ", " + (n - 1) + "], got " + dim + " for shape " + this);
        }
        return dim < 0 ? dim + n : dim;
    }

    /** As {@link #axis}, but a scalar has no dimension whose size could be asked for. */
    private int existing(int dim) {
        if (sizes.length == 0) {
            throw new IndexException(
                    "[dim] expected a shape with dimensions, got the shape [] of a scalar and dimension " + dim);
        }
        return axis(dim);
    }

    /** Returns a copy of the sizes. */
    public long[] toArray() {
        return sizes.clone();
    }

    /**
     * Returns this shape with the size of one dimension replaced.
     *
     * @throws IndexException if there is no such dimension
     */
    public Shape with(int dim, long size) {
        long[] s = sizes.clone();
        s[existing(dim)] = size;
        return wrap(s);
    }

    /**
     * Returns the shape that both shapes broadcast to: aligned at the last dimension, a size of 1 stretches.
     *
     * <p>Source: PyTorch broadcasting semantics.
     *
     * @param op name of the operation, for the message
     * @throws ShapeException if two sizes differ and neither is 1
     */
    public static Shape broadcast(String op, Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        long[] out = new long[rank];
        for (int i = 1; i <= rank; i++) {
            long x = i <= a.rank() ? a.sizes[a.rank() - i] : 1;
            long y = i <= b.rank() ? b.sizes[b.rank() - i] : 1;
            if (x != y && x != 1 && y != 1) {
                throw new ShapeException(
                        "[" + op + "] expected shapes that broadcast, got " + a + " and " + b + ": sizes "
                                + x + " and " + y + " differ at dimension " + (rank - i)
                                + "; reshape one of them or insert a dimension of size 1 with unsqueeze");
            }
            out[rank - i] = x == 1 ? y : x;
        }
        return wrap(out);
    }

    @Override
    public boolean equals(Object o) {
        return this == o || (o instanceof Shape s && Arrays.equals(sizes, s.sizes));
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    @Override
    public String toString() {
        return Arrays.toString(sizes);
    }
}
