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
        Tensor out = Tape.view("PermuteBackward0", t, layout(t).permute(d), g -> permute(g, back));
        return DimNames.carry(
                out, t, names -> Arrays.stream(d).mapToObj(i -> names[i]).toArray(String[]::new));
    }

    /** A view with two dimensions exchanged. */
    public static Tensor transpose(Tensor t, int a, int b) {
        int x = Checks.dim("transpose", a, t.dim());
        int y = Checks.dim("transpose", b, t.dim());
        Layout l = t.dim() == 0 ? layout(t) : layout(t).transpose(x, y);
        Tensor out = Tape.view("TransposeBackward0", t, l, g -> transpose(g, x, y));
        return DimNames.carry(out, t, names -> {
            String first = names[x];
            names[x] = names[y];
            names[y] = first;
            return names;
        });
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

    /** A view without all dimensions of size 1. */
    public static Tensor squeeze(Tensor t) {
        Layout l = layout(t);
        for (int d = t.dim() - 1; d >= 0; d--) {
            l = t.size(d) == 1 ? l.squeeze(d) : l;
        }
        long[] from = t.shape().toArray();
        return Tape.view("SqueezeBackward0", t, l, g -> reshape(g, from));
    }

    /** Some neighbouring dimensions as one; a view where possible. */
    public static Tensor flatten(Tensor t, int start, int end) {
        int a = Checks.dim("flatten", start, t.dim());
        int b = Checks.dim("flatten", end, t.dim());
        Checks.shape(a <= b, "flatten", "expected the start dimension before the end, got " + start + " and " + end);
        if (t.dim() == 0) {
            return reshape(t, 1);
        }
        if (a == b) {
            return t;
        }
        long[] sizes = new long[t.dim() - (b - a)];
        Arrays.fill(sizes, 1);
        for (int i = 0; i < t.dim(); i++) {
            sizes[i <= a ? i : i <= b ? a : i - (b - a)] *= t.size(i);
        }
        return reshape(t, sizes);
    }

    /** A view with one dimension cut into several; a size may be -1. */
    public static Tensor unflatten(Tensor t, int dim, long... sizes) {
        int d = Checks.dim("unflatten", dim, t.dim());
        Checks.shape(
                t.dim() > 0 && sizes.length > 0,
                "unflatten",
                "expected a tensor with dimensions and sizes, got shape " + t.shape() + " and "
                        + Arrays.toString(sizes));
        long[] parts = infer("unflatten", sizes, t.size(d)).toArray();
        long[] all = new long[t.dim() - 1 + parts.length];
        for (int i = 0; i < t.dim(); i++) {
            all[i < d ? i : i + parts.length - 1] = t.size(i);
        }
        System.arraycopy(parts, 0, all, d, parts.length);
        return view(t, all);
    }

    /** The transpose of a matrix; scalars and vectors stay as they are. */
    public static Tensor t(Tensor t) {
        Checks.shape(t.dim() <= 2, "t", "expected at most two dimensions, got shape " + t.shape() + "; use transpose");
        Layout l = t.dim() < 2 ? layout(t) : layout(t).transpose(0, 1);
        return Tape.view("TBackward0", t, l, Movement::t);
    }

    /** A view with all dimensions in reverse order. */
    public static Tensor reversed(Tensor t) {
        int[] dims = new int[t.dim()];
        for (int i = 0; i < dims.length; i++) {
            dims[i] = dims.length - 1 - i;
        }
        return permute(t, dims);
    }

    /** A view with the last two dimensions exchanged. */
    public static Tensor matrixTranspose(Tensor t) {
        Checks.shape(t.dim() >= 2, "mT", "expected at least two dimensions, got shape " + t.shape());
        return transpose(t, -2, -1);
    }

    /** A view with some dimensions moved to other places; the others keep their order. */
    public static Tensor movedim(Tensor t, int[] source, int[] destination) {
        Checks.value(
                source.length == destination.length,
                "movedim",
                "expected as many destinations as sources, got " + Arrays.toString(source) + " and "
                        + Arrays.toString(destination));
        int n = t.dim();
        int[] from = Checks.dims("movedim", source, n);
        int[] to = Checks.dims("movedim", destination, n);
        int[] dims = new int[n];
        Arrays.fill(dims, -1);
        boolean[] used = new boolean[n];
        for (int i = 0; i < from.length && n > 0; i++) {
            dims[to[i]] = from[i];
            used[from[i]] = true;
        }
        int next = 0;
        for (int i = 0; i < n; i++) {
            if (dims[i] < 0) {
                while (used[next]) {
                    next++;
                }
                dims[i] = next++;
            }
        }
        return permute(t, dims);
    }
}
