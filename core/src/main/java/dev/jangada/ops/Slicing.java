package dev.jangada.ops;

import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** Views of a part of a tensor: slices, pieces, windows, diagonals. No data moves. */
public final class Slicing {
    private Slicing() {}

    private static Layout layout(Tensor t) {
        return Access.operand(t).layout();
    }

    /** A view through a change of layout; its gradient is zeros with the arriving gradient at the places of the view. */
    private static Tensor partView(String node, Tensor t, UnaryOperator<Layout> change) {
        Shape from = t.shape();
        return Tape.view(node, t, change.apply(layout(t)), g -> {
            Layout base = Layout.contiguous(from);
            return Shapes.asStridedBackward(g, base, change.apply(base));
        });
    }

    private static int dim(String op, Tensor t, int dim) {
        Checks.index(t.dim() > 0, op, "expected a tensor with dimensions, got a scalar");
        return Checks.dim(op, dim, t.dim());
    }

    /** A view of one index of a dimension, which goes. */
    public static Tensor select(Tensor t, int dim, long index) {
        int d = dim("select", t, dim);
        long n = t.size(d);
        Checks.index(
                index >= -n && index < n,
                "select",
                "expected an index in [" + -n + ", " + (n - 1) + "] of dimension " + d + ", got " + index);
        long i = index < 0 ? index + n : index;
        return DimNames.reduce(partView("SelectBackward0", t, l -> l.select(d, i)), t, new int[] {d}, false);
    }

    /** A view of {@code length} indices of a dimension from {@code start}, which may count from the end. */
    public static Tensor narrow(Tensor t, int dim, long start, long length) {
        int d = dim("narrow", t, dim);
        long n = t.size(d);
        Checks.value(length >= 0, "narrow", "expected a length >= 0, got " + length);
        Checks.index(start >= -n && start <= n, "narrow", "expected a start in [" + -n + ", " + n + "], got " + start);
        long from = start < 0 ? start + n : start;
        Checks.index(
                length <= n - from, "narrow", "expected start + length <= " + n + ", got " + from + " + " + length);
        return DimNames.copy(partView("SliceBackward0", t, l -> l.slice(d, from, length, 1)), t);
    }

    /** A view of every {@code step}-th index from {@code start} below {@code end}, as Python slices. */
    public static Tensor slice(Tensor t, int dim, long start, long end, long step) {
        int d = dim("slice", t, dim);
        Checks.value(step > 0, "slice", "expected a step > 0, got " + step + "; use flip to reverse a dimension");
        long n = t.size(d);
        long from = clip(start, n);
        long to = Math.max(from, clip(end, n));
        long length = to == from ? 0 : (to - from - 1) / step + 1;
        return DimNames.copy(partView("SliceBackward0", t, l -> l.slice(d, from, length, step)), t);
    }

    private static long clip(long bound, long n) {
        long b = bound < 0 ? bound + n : bound;
        return Math.max(0, Math.min(b, n));
    }

    // ---- pieces

    private static Tensor[] pieces(String node, Tensor t, int d, long[] sizes) {
        Layout[] layouts = new Layout[sizes.length];
        long at = 0;
        for (int i = 0; i < sizes.length; i++) {
            layouts[i] = layout(t).slice(d, at, sizes[i], 1);
            at += sizes[i];
        }
        Shape from = t.shape();
        return Tape.views(node, t, layouts, (grads, saved, needed) -> {
            Tensor[] parts = new Tensor[grads.length];
            Tensor model = first(grads);
            for (int i = 0; i < parts.length; i++) {
                parts[i] = grads[i] != null
                        ? grads[i]
                        : Creation.full(from.with(d, sizes[i]), 0.0, model.dtype(), model.device());
            }
            return new Tensor[] {Joining.cat(d, parts)};
        });
    }

    private static Tensor first(Tensor[] grads) {
        for (Tensor g : grads) {
            if (g != null) {
                return g;
            }
        }
        throw new AssertionError("a node without gradients was run");
    }

    /** Views of {@code size} indices each; the last one may be smaller. */
    public static Tensor[] split(Tensor t, long size, int dim) {
        int d = dim("split", t, dim);
        long n = t.size(d);
        Checks.value(
                size > 0 || size == 0 && n == 0,
                "split",
                "expected a size > 0 for dimension " + d + " of size " + n + ", got " + size);
        int count = size == 0 ? 1 : Math.toIntExact(Math.max(1, (n + size - 1) / size));
        long[] sizes = new long[count];
        Arrays.fill(sizes, size);
        sizes[count - 1] = n - size * (count - 1);
        return pieces("SplitBackward0", t, d, sizes);
    }

    /** Views of the given numbers of indices. */
    public static Tensor[] splitWithSizes(Tensor t, long[] sizes, int dim) {
        int d = dim("splitWithSizes", t, dim);
        long rest = t.size(d);
        boolean fits = true;
        for (long s : sizes) {
            Checks.value(s >= 0, "splitWithSizes", "expected sizes >= 0, got " + Arrays.toString(sizes));
            fits &= s <= rest;
            rest -= fits ? s : 0;
        }
        Checks.shape(
                fits && rest == 0 && sizes.length > 0,
                "splitWithSizes",
                "expected sizes with the sum " + t.size(d) + ", got " + Arrays.toString(sizes));
        return pieces("SplitWithSizesBackward0", t, d, sizes.clone());
    }

    /** At most {@code chunks} views of equal size, the last one possibly smaller. */
    public static Tensor[] chunk(Tensor t, int chunks, int dim) {
        int d = dim("chunk", t, dim);
        Checks.value(chunks > 0, "chunk", "expected a number of chunks > 0, got " + chunks);
        long size = (t.size(d) + chunks - 1) / chunks;
        return size == 0 ? splitWithSizes(t, new long[chunks], d) : split(t, size, d);
    }

    /** One view per index of a dimension, which goes. */
    public static Tensor[] unbind(Tensor t, int dim) {
        int d = dim("unbind", t, dim);
        Layout[] layouts = new Layout[Math.toIntExact(t.size(d))];
        for (int i = 0; i < layouts.length; i++) {
            layouts[i] = layout(t).select(d, i);
        }
        return Tape.views("UnbindBackward0", t, layouts, (grads, saved, needed) -> {
            Tensor model = first(grads);
            Tensor[] rows = new Tensor[grads.length];
            for (int i = 0; i < rows.length; i++) {
                rows[i] =
                        grads[i] != null ? grads[i] : Creation.full(model.shape(), 0.0, model.dtype(), model.device());
            }
            return new Tensor[] {Joining.stack(d, rows)};
        });
    }

    // ---- windows and diagonals

    /** A view of all windows of {@code size} indices, {@code step} apart; the window becomes the last dimension. */
    public static Tensor unfold(Tensor t, int dim, long size, long step) {
        int d = Checks.dim("unfold", dim, t.dim());
        long n = t.dim() == 0 ? 1 : t.size(d);
        Checks.shape(size >= 0 && size <= n, "unfold", "expected a size in [0, " + n + "], got " + size);
        Checks.value(step > 0, "unfold", "expected a step > 0, got " + step);
        return partView("UnfoldBackward0", t, l -> windows(l, d, size, step));
    }

    private static Layout windows(Layout l, int d, long size, long step) {
        int n = l.rank();
        long[] sizes = Arrays.copyOf(l.shape().toArray(), n + 1);
        long[] strides = Arrays.copyOf(l.strides(), n + 1);
        sizes[n] = size;
        strides[n] = 1;
        if (n > 0) {
            strides[n] = strides[d];
            sizes[d] = (sizes[d] - size) / step + 1;
            strides[d] *= step;
        }
        return Layout.of(Shape.of(sizes), strides, l.offset());
    }

    /** A view of a diagonal of two dimensions, which becomes the last dimension. */
    public static Tensor diagonal(Tensor t, long offset, int dim1, int dim2) {
        int a = Checks.dim("diagonal", dim1, t.dim());
        int b = Checks.dim("diagonal", dim2, t.dim());
        Checks.shape(t.dim() >= 2, "diagonal", "expected at least two dimensions, got shape " + t.shape());
        Checks.value(a != b, "diagonal", "expected two different dimensions, got " + dim1 + " and " + dim2);
        return partView("DiagonalBackward0", t, l -> diagonal(l, offset, a, b));
    }

    private static Layout diagonal(Layout l, long offset, int a, int b) {
        long rows = l.size(a) + Math.min(0, offset);
        long columns = l.size(b) - Math.max(0, offset);
        long length = Math.max(0, Math.min(rows, columns));
        long start = offset >= 0 ? offset * l.stride(b) : -offset * l.stride(a);
        long[] sizes = new long[l.rank() - 1];
        long[] strides = new long[sizes.length];
        int n = 0;
        for (int i = 0; i < l.rank(); i++) {
            if (i != a && i != b) {
                sizes[n] = l.size(i);
                strides[n++] = l.stride(i);
            }
        }
        sizes[n] = length;
        strides[n] = l.stride(a) + l.stride(b);
        return Layout.of(Shape.of(sizes), strides, l.offset() + (length == 0 ? 0 : start));
    }

    /** A view through any sizes and strides of the storage. */
    public static Tensor asStrided(Tensor t, long[] sizes, long[] strides, long offset) {
        Checks.shape(
                sizes.length == strides.length,
                "asStrided",
                "expected as many strides as sizes, got " + Arrays.toString(sizes) + " and "
                        + Arrays.toString(strides));
        for (long s : strides) {
            Checks.value(s >= 0, "asStrided", "expected strides >= 0, got " + Arrays.toString(strides));
        }
        Checks.value(offset >= 0, "asStrided", "expected an offset >= 0, got " + offset);
        Layout l = Layout.of(Shape.of(sizes), strides, offset);
        long room = Access.operand(t).storage().bytes() / t.dtype().size();
        Checks.shape(
                spanIsAtMost(l, room),
                "asStrided",
                "expected a view within the storage of " + room + " elements, got " + l);
        return Shapes.asStrided(t, l);
    }

    private static boolean spanIsAtMost(Layout l, long room) {
        try {
            return l.span() <= room;
        } catch (ArithmeticException e) {
            return false; // beyond 2^63
        }
    }
}
