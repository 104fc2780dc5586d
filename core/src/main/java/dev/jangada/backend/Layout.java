package dev.jangada.backend;

import dev.jangada.Shape;
import java.util.Arrays;
import java.util.Optional;

/**
 * Where the elements of a tensor lie in its storage: element {@code (i0, i1, …)} stands at
 * {@code offset + i0 * stride0 + i1 * stride1 + …}, counted in elements.
 *
 * <p>Immutable. Broadcasting is a stride of 0; strides are never negative. The methods do no argument checks beyond assertions:
 * {@code dev.jangada.ops} checks before it calls them.
 */
public final class Layout {
    private final Shape shape;
    private final long[] strides;
    private final long offset;
    private final boolean contiguous;

    private Layout(Shape shape, long[] strides, long offset) {
        this.shape = shape;
        this.strides = strides;
        this.offset = offset;
        this.contiguous = computeContiguous(shape, strides);
    }

    /** Returns the row-major layout of a shape at offset 0. */
    public static Layout contiguous(Shape shape) {
        int n = shape.rank();
        long[] strides = new long[n];
        long step = 1;
        for (int i = n - 1; i >= 0; i--) {
            strides[i] = step;
            step *= Math.max(1, shape.size(i));
        }
        return new Layout(shape, strides, 0);
    }

    /** Returns the layout with these strides and offset, in elements. */
    public static Layout of(Shape shape, long[] strides, long offset) {
        return new Layout(shape, strides.clone(), offset);
    }

    private static boolean computeContiguous(Shape shape, long[] strides) {
        if (shape.numel() == 0) {
            return true;
        }
        long step = 1;
        for (int i = strides.length - 1; i >= 0; i--) {
            long s = shape.size(i);
            if (s != 1) {
                if (strides[i] != step) {
                    return false;
                }
                step *= s;
            }
        }
        return true;
    }

    /** Returns the sizes. */
    public Shape shape() {
        return shape;
    }

    /** Returns the number of dimensions. */
    public int rank() {
        return strides.length;
    }

    /** Returns the number of elements. */
    public long numel() {
        return shape.numel();
    }

    /** Returns the size of a dimension; negative numbers count from the end. */
    public long size(int dim) {
        return shape.size(dim);
    }

    /** Returns the stride of a dimension in elements; negative dimension numbers count from the end. */
    public long stride(int dim) {
        return strides[dim < 0 ? dim + strides.length : dim];
    }

    /** Returns a copy of the strides. */
    public long[] strides() {
        return strides.clone();
    }

    /** Returns the position of the first element, in elements. */
    public long offset() {
        return offset;
    }

    /** Returns the same elements, moved by a number of elements. */
    public Layout shifted(long by) {
        return by == 0 ? this : new Layout(shape, strides, offset + by);
    }

    /** Tells whether the elements lie in row-major order without gaps. */
    public boolean isContiguous() {
        return contiguous;
    }

    /** Tells whether two indices may name the same element: a stride of 0 on a dimension larger than 1, or strides that cross. */
    public boolean overlaps() {
        return numel() > 1 && !isNonOverlapping();
    }

    private boolean isNonOverlapping() {
        Integer[] order = order();
        long reach = 0;
        for (int i : order) {
            if (size(i) == 1) {
                continue;
            }
            if (strides[i] <= reach) {
                return false;
            }
            reach += strides[i] * (size(i) - 1);
        }
        return true;
    }

    /** Tells whether the elements fill a block of memory without gaps or overlaps, in any order of the dimensions. */
    public boolean isDense() {
        if (contiguous) {
            return true;
        }
        long step = 1;
        for (int i : order()) {
            if (size(i) == 1) {
                continue;
            }
            if (strides[i] != step) {
                return false;
            }
            step *= size(i);
        }
        return true;
    }

    private Integer[] order() {
        Integer[] order = new Integer[strides.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        Arrays.sort(order, (x, y) -> Long.compare(strides[x], strides[y]));
        return order;
    }

    /**
     * Returns the number of elements from offset 0 that a storage must hold for this layout.
     *
     * @throws ArithmeticException if the number does not fit into a {@code long}
     */
    public long span() {
        if (numel() == 0) {
            return 0;
        }
        long last = offset;
        for (int i = 0; i < strides.length; i++) {
            last = Math.addExact(last, Math.multiplyExact(strides[i], size(i) - 1));
        }
        return Math.addExact(last, 1);
    }

    /** Returns this layout seen with a larger shape: missing and size-1 dimensions get a stride of 0. */
    public Layout expand(Shape target) {
        if (target.equals(shape)) {
            return this;
        }
        long[] s = new long[target.rank()];
        int lead = target.rank() - rank();
        for (int i = lead; i < s.length; i++) {
            long own = size(i - lead);
            s[i] = own == 1 && target.size(i) != 1 ? 0 : strides[i - lead];
        }
        return new Layout(target, s, offset);
    }

    /** Returns the layout whose dimension {@code i} is this layout's dimension {@code dims[i]}. */
    public Layout permute(int... dims) {
        long[] sizes = new long[dims.length];
        long[] s = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            sizes[i] = size(dims[i]);
            s[i] = strides[dims[i]];
        }
        return new Layout(Shape.of(sizes), s, offset);
    }

    /** Returns the layout with two dimensions exchanged. */
    public Layout transpose(int a, int b) {
        int[] dims = new int[rank()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = i == a ? b : i == b ? a : i;
        }
        return permute(dims);
    }

    /** Returns every {@code step}-th element of a dimension from {@code start}, {@code length} of them. */
    public Layout slice(int dim, long start, long length, long step) {
        long[] s = strides.clone();
        long from = length == 0 ? offset : offset + start * strides[dim];
        s[dim] *= step;
        return new Layout(shape.with(dim, length), s, from);
    }

    /** Returns the layout of one index of a dimension; the dimension goes. */
    public Layout select(int dim, long index) {
        return new Layout(Shape.of(drop(shape.toArray(), dim)), drop(strides, dim), offset + index * strides[dim]);
    }

    /** Returns the layout with a dimension of size 1 inserted before {@code dim}. */
    public Layout unsqueeze(int dim) {
        long stride = dim < rank() ? Math.max(1, size(dim)) * strides[dim] : 1;
        return new Layout(Shape.of(insert(shape.toArray(), dim, 1)), insert(strides, dim, stride), offset);
    }

    /** Returns the layout without a dimension, which must have size 1. */
    public Layout squeeze(int dim) {
        return new Layout(Shape.of(drop(shape.toArray(), dim)), drop(strides, dim), offset);
    }

    private static long[] drop(long[] a, int i) {
        long[] out = new long[a.length - 1];
        System.arraycopy(a, 0, out, 0, i);
        System.arraycopy(a, i + 1, out, i, out.length - i);
        return out;
    }

    private static long[] insert(long[] a, int i, long value) {
        long[] out = new long[a.length + 1];
        System.arraycopy(a, 0, out, 0, i);
        out[i] = value;
        System.arraycopy(a, i, out, i + 1, a.length - i);
        return out;
    }

    /**
     * Returns the layout of another shape over the same elements in the same order, or empty if that needs a copy.
     *
     * <p>Dimensions that lie behind each other without gaps form blocks; each block must be cut by the new sizes exactly.
     */
    public Optional<Layout> view(Shape target) {
        assert target.numel() == numel();
        if (contiguous) {
            long[] s = contiguous(target).strides;
            return Optional.of(new Layout(target, s, offset));
        }
        long[] s = new long[target.rank()];
        int t = target.rank() - 1;
        int d = rank() - 1;
        while (d >= 0) {
            long base = strides[d];
            long block = size(d);
            while (d > 0 && (size(d - 1) == 1 || strides[d - 1] == block * base)) {
                d--;
                block *= size(d);
            }
            d--;
            long done = 1;
            while (t >= 0 && (done < block || target.size(t) == 1)) {
                s[t] = base * done;
                done *= target.size(t);
                t--;
            }
            if (done != block) {
                return Optional.empty();
            }
        }
        return t == -1 ? Optional.of(new Layout(target, s, offset)) : Optional.empty();
    }

    @Override
    public boolean equals(Object o) {
        return this == o
                || (o instanceof Layout l
                        && offset == l.offset
                        && shape.equals(l.shape)
                        && Arrays.equals(strides, l.strides));
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(strides) + Long.hashCode(offset);
    }

    @Override
    public String toString() {
        return shape + " strides " + Arrays.toString(strides) + " offset " + offset;
    }
}
