package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import java.util.Arrays;

/** Tensors put together: side by side, on top of each other, repeated. */
public final class Joining {
    private Joining() {}

    private static void notEmpty(String op, Tensor[] tensors) {
        Checks.value(tensors.length > 0, op, "expected at least one tensor, got none");
    }

    /** A one-dimensional tensor without elements joins with anything, as in PyTorch. */
    private static boolean isNothing(Tensor t) {
        return t.dim() == 1 && t.numel() == 0;
    }

    /** The tensors behind each other along a dimension, promoted to a common type. */
    public static Tensor cat(int dim, Tensor... tensors) {
        notEmpty("cat", tensors);
        Tensor model = tensors[0];
        DType type = tensors[0].dtype();
        Operand[] ins = new Operand[tensors.length];
        for (int i = 0; i < tensors.length; i++) {
            Checks.shape(
                    tensors[i].dim() > 0,
                    "cat",
                    "expected tensors with dimensions, got a scalar at position " + i + "; use stack");
            type = DType.promote(type, tensors[i].dtype());
            model = isNothing(model) ? tensors[i] : model;
            ins[i] = Access.operand(tensors[i]);
        }
        int d = Checks.dim("cat", dim, model.dim());
        long length = 0;
        for (Tensor t : tensors) {
            if (!isNothing(t)) {
                checkFits(model, t, d);
                Checks.shape(
                        t.size(d) <= Long.MAX_VALUE - length,
                        "cat",
                        "expected a total size below 2^63 in dimension " + d);
                length += t.size(d);
            }
        }
        Shape shape = isNothing(model) ? Shape.of(0) : model.shape().with(d, length);
        Operand out = Executor.current().allocate(type, shape, Checks.sameDevice("cat", ins));
        Tensor result = Access.wrap(out);
        long[] starts = new long[tensors.length];
        long at = 0;
        for (int i = 0; i < ins.length; i++) {
            starts[i] = at;
            if (ins[i].layout().numel() > 0) {
                long n = ins[i].layout().size(d);
                Copies.raw(out.with(out.layout().slice(d, at, n, 1)), ins[i]);
                at += n;
            } else if (!isNothing(tensors[i])) {
                at += tensors[i].size(d);
            }
        }
        return Tape.attach("CatBackward0", result, tensors, new Tensor[0], catBackward(tensors, d, starts));
    }

    private static void checkFits(Tensor model, Tensor t, int d) {
        Checks.shape(
                t.dim() == model.dim(),
                "cat",
                "expected tensors of one number of dimensions, got shapes " + model.shape() + " and " + t.shape());
        for (int i = 0; i < t.dim(); i++) {
            Checks.shape(
                    i == d || t.size(i) == model.size(i),
                    "cat",
                    "expected equal sizes except in dimension " + d + ", got shapes " + model.shape() + " and "
                            + t.shape());
        }
    }

    private static Tape.Backward catBackward(Tensor[] tensors, int d, long[] starts) {
        Shape[] shapes = new Shape[tensors.length];
        DType[] types = new DType[tensors.length];
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = tensors[i].shape();
            types[i] = tensors[i].dtype();
        }
        return (grads, saved, needed) -> {
            Tensor[] out = new Tensor[shapes.length];
            for (int i = 0; i < out.length; i++) {
                if (needed[i]) {
                    out[i] = shapes[i].numel() == 0
                            ? Creation.full(shapes[i], 0.0, types[i], grads[0].device())
                            : Slicing.narrow(grads[0], d, starts[i], shapes[i].size(d))
                                    .to(types[i]);
                }
            }
            return out;
        };
    }

    /** Tensors of one shape along a new dimension. */
    public static Tensor stack(int dim, Tensor... tensors) {
        notEmpty("stack", tensors);
        int d = Checks.dim("stack", dim, tensors[0].dim() + 1);
        for (Tensor t : tensors) {
            Checks.shape(
                    t.shape().equals(tensors[0].shape()),
                    "stack",
                    "expected tensors of one shape, got " + tensors[0].shape() + " and " + t.shape());
        }
        Tensor result;
        try (Tape.Pause off = Tape.paused()) {
            Tensor[] rows = new Tensor[tensors.length];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = tensors[i].unsqueeze(d);
            }
            result = cat(d, rows);
        }
        DType[] types = Arrays.stream(tensors).map(Tensor::dtype).toArray(DType[]::new);
        return Tape.attach("StackBackward0", result, tensors, new Tensor[0], (g, s, needed) -> {
            Tensor[] out = new Tensor[types.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = needed[i] ? g[0].select(d, i).to(types[i]) : null;
            }
            return out;
        });
    }

    /** Side by side: along dimension 1, vectors along dimension 0. */
    public static Tensor hstack(Tensor... tensors) {
        notEmpty("hstack", tensors);
        Tensor[] parts =
                Arrays.stream(tensors).map(t -> t.dim() == 0 ? t.reshape(1) : t).toArray(Tensor[]::new);
        return cat(parts[0].dim() == 1 ? 0 : 1, parts);
    }

    /** On top of each other: along dimension 0, vectors as rows. */
    public static Tensor vstack(Tensor... tensors) {
        notEmpty("vstack", tensors);
        Tensor[] parts = Arrays.stream(tensors)
                .map(t -> t.dim() == 0 ? t.reshape(1, 1) : t.dim() == 1 ? t.unsqueeze(0) : t)
                .toArray(Tensor[]::new);
        return cat(0, parts);
    }

    /** The tensor several times along each dimension; leading dimensions may be new. */
    public static Tensor repeat(Tensor t, long... repeats) {
        int rank = repeats.length;
        int lead = rank - t.dim();
        Checks.shape(
                lead >= 0,
                "repeat",
                "expected at least " + t.dim() + " numbers for shape " + t.shape() + ", got "
                        + Arrays.toString(repeats));
        long[] sizes = new long[rank];
        long[] apart = new long[2 * rank]; // (r0, s0, r1, s1, ...)
        int[] repeated = new int[rank];
        for (int i = 0; i < rank; i++) {
            Checks.shape(repeats[i] >= 0, "repeat", "expected numbers >= 0, got " + Arrays.toString(repeats));
            long own = i < lead ? 1 : t.size(i - lead);
            sizes[i] = repeats[i] * own;
            apart[2 * i] = repeats[i];
            apart[2 * i + 1] = own;
            repeated[i] = 2 * i;
        }
        Operand in = Access.operand(t);
        Operand out = Executor.current()
                .allocate(t.dtype(), Shape.of(sizes), in.storage().backend());
        Tensor result = Access.wrap(out);
        if (out.layout().numel() > 0) {
            Layout wide = Layout.contiguous(Shape.of(apart)); // the same order of elements as out
            Copies.raw(out.with(wide), in.with(interleave(in.layout(), apart, lead)));
        }
        Shape from = t.shape();
        return Tape.attach(
                "RepeatBackward0",
                result,
                t,
                g -> rank == 0 ? g : g.reshape(apart).sum(repeated, false).reshape(from.toArray()));
    }

    /** The layout with a dimension of stride 0 before each of its own. */
    private static Layout interleave(Layout in, long[] sizes, int lead) {
        long[] strides = new long[sizes.length];
        for (int i = 0; i < in.rank(); i++) {
            strides[2 * (lead + i) + 1] = in.stride(i);
        }
        return Layout.of(Shape.of(sizes), strides, in.offset());
    }

    /** As repeat, where missing leading numbers are 1. */
    public static Tensor tile(Tensor t, long... repeats) {
        long[] all = new long[Math.max(repeats.length, t.dim())];
        Arrays.fill(all, 1);
        System.arraycopy(repeats, 0, all, all.length - repeats.length, repeats.length);
        return repeat(t, all);
    }

    /** Coordinates: for vectors of sizes n, m, … tensors of shape (n, m, …) that repeat each along the others; views. */
    public static Tensor[] meshgrid(boolean xy, Tensor... vectors) {
        notEmpty("meshgrid", vectors);
        int n = vectors.length;
        long[] sizes = new long[n];
        for (int i = 0; i < n; i++) {
            Checks.shape(
                    vectors[i].dim() <= 1, "meshgrid", "expected vectors or scalars, got shape " + vectors[i].shape());
            sizes[i] = vectors[i].numel();
        }
        boolean swap = xy && n >= 2;
        if (swap) {
            sizes[0] = vectors[1].numel();
            sizes[1] = vectors[0].numel();
        }
        Tensor[] out = new Tensor[n];
        for (int i = 0; i < n; i++) {
            long[] own = new long[n];
            Arrays.fill(own, 1);
            int place = swap && i < 2 ? 1 - i : i;
            own[place] = vectors[i].numel();
            out[i] = vectors[i].reshape(own).expand(sizes);
        }
        return out;
    }
}
