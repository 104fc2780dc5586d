package dev.jangada.ops;

import dev.jangada.Device;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;

/** What reductions, scans and sorts share about dimensions. */
final class Axes {
    private Axes() {}

    /** The operand with at least one dimension. */
    static Operand atLeast1d(Operand o) {
        return o.layout().rank() > 0
                ? o
                : o.with(Layout.of(Shape.of(1), new long[] {1}, o.layout().offset()));
    }

    /** The operand of a tensor stretched to a shape. */
    static Operand wide(Tensor t, Shape shape) {
        Operand o = Access.operand(t);
        return o.with(o.layout().expand(shape));
    }

    /** The numbers of the indices of dimension {@code d}, int64, with size 1 in the others. */
    static Tensor numbers(Shape shape, int d, Device device) {
        int rank = Math.max(1, shape.rank());
        long[] sizes = new long[rank];
        java.util.Arrays.fill(sizes, 1);
        sizes[d] = shape.rank() == 0 ? 1 : shape.size(d);
        try (Tensor flat = Creation.arange(sizes[d], device)) {
            return flat.view(shape.rank() == 0 ? new long[0] : sizes);
        }
    }

    /** The tensor with the order of a dimension reversed; recorded. */
    static Tensor reversed(Tensor t, int d) {
        if (t.dim() == 0) {
            return t;
        }
        try (Tensor numbers = numbers(t.shape(), d, t.device());
                Tensor back = numbers.neg().add(t.size(d) - 1);
                Tensor index = back.expand(t.shape().toArray())) {
            return Picks.pick("FlipBackward0", t, index, d);
        }
    }

    /** Where the identity matrix of dimension {@code n} is 1; bool. */
    static Tensor diagonal(long n, Device device) {
        try (Tensor numbers = Creation.arange(n, device);
                Tensor column = numbers.view(n, 1)) {
            return Elementwise.apply(Arithmetic.EQ, new Object[] {column, numbers});
        }
    }
}
