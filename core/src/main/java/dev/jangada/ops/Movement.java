package dev.jangada.ops;

import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import java.util.Arrays;
import java.util.Optional;

/** Views: the same memory through another layout. No data moves unless a method says so. */
public final class Movement {
    private Movement() {}

    private static Layout layout(Tensor t) {
        return Access.operand(t).layout();
    }

    /** The shape of which one size may be -1, to be inferred from the number of elements. */
    static Shape infer(String op, long[] sizes, long numel) {
        int unknown = -1;
        long known = 1;
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == -1) {
                Checks.shape(unknown < 0, op, "expected at most one size of -1, got " + Arrays.toString(sizes));
                unknown = i;
            } else {
                Checks.shape(sizes[i] >= 0, op, "expected sizes >= 0 or one -1, got " + Arrays.toString(sizes));
                known *= sizes[i];
            }
        }
        long[] out = sizes.clone();
        if (unknown >= 0) {
            Checks.shape(
                    known > 0 && numel % known == 0,
                    op,
                    "expected sizes whose product divides " + numel + " elements, got " + Arrays.toString(sizes));
            out[unknown] = numel / known;
        }
        Shape shape = Shape.of(out);
        Checks.shape(
                shape.numel() == numel, op, "expected sizes for " + numel + " elements, got " + Arrays.toString(sizes));
        return shape;
    }

    /** A view of another shape; a size may be -1. */
    public static Tensor view(Tensor t, long... sizes) {
        Shape shape = infer("view", sizes, t.numel());
        Optional<Layout> l = layout(t).view(shape);
        Checks.shape(
                l.isPresent(),
                "view",
                "expected a tensor whose memory can be seen as " + shape + ", got " + layout(t)
                        + "; use reshape, which copies where it must");
        return reshaped("ViewBackward0", t, l.get());
    }

    private static Tensor reshaped(String name, Tensor t, Layout l) {
        long[] from = t.shape().toArray();
        return Tape.view(name, t, l, g -> reshape(g, from));
    }

    /** A view of another shape if possible, else a copy; a size may be -1. */
    public static Tensor reshape(Tensor t, long... sizes) {
        Shape shape = infer("reshape", sizes, t.numel());
        Optional<Layout> l = layout(t).view(shape);
        if (l.isPresent()) {
            return reshaped("ViewBackward0", t, l.get());
        }
        Tensor copy = t.clone();
        return reshaped("UnsafeViewBackward0", copy, layout(copy).view(shape).orElseThrow());
    }

    /** A view stretched to larger sizes: missing and size-1 dimensions repeat; -1 keeps a size. */
    public static Tensor expand(Tensor t, long... sizes) {
        int lead = sizes.length - t.dim();
        Checks.shape(
                lead >= 0,
                "expand",
                "expected at least " + t.dim() + " sizes for shape " + t.shape() + ", got " + Arrays.toString(sizes));
        long[] out = sizes.clone();
        for (int i = 0; i < out.length; i++) {
            long own = i < lead ? 1 : t.size(i - lead);
            if (out[i] == -1) {
                Checks.shape(i >= lead, "expand", "expected a size for the new dimension " + i + ", got -1");
                out[i] = own;
            }
            Checks.shape(
                    out[i] >= 0 && (own == 1 || own == out[i]),
                    "expand",
                    "expected sizes that " + t.shape() + " stretches to, got " + Arrays.toString(sizes));
        }
        Shape from = t.shape();
        return Tape.view("ExpandBackward0", t, layout(t).expand(Shape.of(out)), g -> Shapes.sumTo(g, from));
    }

    /** A view with the dimensions in another order. */
    public static Tensor permute(Tensor t, int... dims) {
        Checks.shape(
                dims.length == t.dim(), "permute", "expected " + t.dim() + " dimensions, got " + Arrays.toString(dims));
        int[] d = Checks.dims("permute", dims, t.dim());
        int[] back = new int[d.length];
        for (int i = 0; i < d.length; i++) {
            back[d[i]] = i;
        }
        return Tape.view("PermuteBackward0", t, layout(t).permute(d), g -> permute(g, back));
    }

    /** A view with two dimensions exchanged. */
    public static Tensor transpose(Tensor t, int a, int b) {
        int x = Checks.dim("transpose", a, t.dim());
        int y = Checks.dim("transpose", b, t.dim());
        Layout l = t.dim() == 0 ? layout(t) : layout(t).transpose(x, y);
        return Tape.view("TransposeBackward0", t, l, g -> transpose(g, x, y));
    }

    /** A view with a dimension of size 1 before {@code dim}. */
    public static Tensor unsqueeze(Tensor t, int dim) {
        int d = Checks.dim("unsqueeze", dim, t.dim() + 1);
        return Tape.view("UnsqueezeBackward0", t, layout(t).unsqueeze(d), g -> squeeze(g, d));
    }

    /** A view without a dimension, if its size is 1. */
    public static Tensor squeeze(Tensor t, int dim) {
        int d = Checks.dim("squeeze", dim, t.dim());
        boolean goes = t.dim() > 0 && t.size(d) == 1;
        Layout l = goes ? layout(t).squeeze(d) : layout(t);
        return Tape.view("SqueezeBackward1", t, l, g -> goes ? unsqueeze(g, d) : g);
    }

    /** A view of one index of a dimension, which goes. */
    public static Tensor select(Tensor t, int dim, long index) {
        Checks.index(t.dim() > 0, "select", "expected a tensor with dimensions, got a scalar");
        int d = Checks.dim("select", dim, t.dim());
        long n = t.size(d);
        Checks.index(
                index >= -n && index < n,
                "select",
                "expected an index in [" + -n + ", " + (n - 1) + "] of dimension " + d + ", got " + index);
        long i = index < 0 ? index + n : index;
        Layout base = layout(t);
        Layout l = base.select(d, i);
        return Tape.view("SelectBackward0", t, l, g -> sliceBack(g.unsqueeze(d), base.shape(), d, i, 1));
    }

    /** A view of every {@code step}-th index of a dimension; bounds are checked by the caller. */
    static Tensor sliceRaw(Tensor t, int d, long start, long length, long step) {
        Layout base = layout(t);
        Layout l = base.slice(d, start, length, step);
        return Tape.view("SliceBackward0", t, l, g -> sliceBack(g, base.shape(), d, start, step));
    }

    /** A view of {@code length} indices of a dimension from {@code start}, which may count from the end. */
    public static Tensor narrow(Tensor t, int dim, long start, long length) {
        Checks.index(t.dim() > 0, "narrow", "expected a tensor with dimensions, got a scalar");
        int d = Checks.dim("narrow", dim, t.dim());
        long n = t.size(d);
        Checks.value(length >= 0, "narrow", "expected a length >= 0, got " + length);
        Checks.index(start >= -n && start <= n, "narrow", "expected a start in [" + -n + ", " + n + "], got " + start);
        long from = start < 0 ? start + n : start;
        Checks.index(
                from + length <= n, "narrow", "expected start + length <= " + n + ", got " + from + " + " + length);
        return sliceRaw(t, d, from, length, 1);
    }

    /** Zeros of the full shape with the gradient of a slice in its place. */
    private static Tensor sliceBack(Tensor g, Shape shape, int d, long start, long step) {
        Tensor whole = Creation.full(shape, 0.0, g.dtype(), g.device());
        if (g.numel() > 0) {
            sliceRaw(whole, d, start, g.size(d), step).copy_(g);
        }
        return whole;
    }
}
