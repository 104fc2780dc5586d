package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;

/** Bringing gradients to the shapes and layouts of what they are gradients of; used by the backward pass. */
public final class Shapes {
    private Shapes() {}

    /** Zeros of a tensor's shape and type on its device: the gradient of a value that was overwritten. */
    static Tensor zerosLike(Tensor t) {
        return Creation.full(t.shape(), 0.0, t.dtype(), t.device());
    }

    /** Returns the sum over the dimensions that broadcasting from {@code shape} added or stretched. */
    public static Tensor sumTo(Tensor t, Shape shape) {
        if (t.shape().equals(shape)) {
            return t;
        }
        int lead = t.dim() - shape.rank();
        int[] dims = new int[t.dim()];
        int n = 0;
        for (int i = 0; i < t.dim(); i++) {
            if (i < lead || (shape.size(i - lead) == 1 && t.shape().size(i) != 1)) {
                dims[n++] = i;
            }
        }
        Tensor sum = n == 0 ? t : t.sum(java.util.Arrays.copyOf(dims, n), true);
        return lead == 0 ? sum : sum.reshape(shape.toArray());
    }

    /** Returns a copy of a tensor whose elements lie as in {@code layout}, at offset 0. */
    public static Tensor copyAs(Tensor t, Layout layout) {
        if (layout.isContiguous()) {
            return t.clone();
        }
        Tensor flat = Creation.full(Shape.of(layout.span() - layout.offset()), 0.0, t.dtype(), t.device());
        Tensor out = asStrided(flat, Layout.of(layout.shape(), layout.strides(), 0));
        out.copy_(t);
        return out;
    }

    /** Returns the part of a tensor made by {@link #copyAs} that a view of the original tensor shows. */
    public static Tensor sliceOf(Tensor whole, Layout base, Layout view) {
        long start = base.isContiguous() ? 0 : Access.operand(whole).layout().offset();
        return asStrided(whole, Layout.of(view.shape(), view.strides(), view.offset() - base.offset() + start));
    }

    /** Returns a view through any layout. Source: {@code torch.as_strided}. */
    public static Tensor asStrided(Tensor t, Layout layout) {
        Layout base = Access.operand(t).layout();
        return Tape.view("AsStridedBackward0", t, layout, g -> asStridedBackward(g, base, layout));
    }

    /** Returns the gradient of a tensor from the gradient of a strided view of it. */
    public static Tensor asStridedBackward(Tensor grad, Layout base, Layout view) {
        long first = Math.min(base.offset(), view.offset());
        long span = Math.max(base.span(), view.span()) - first;
        Layout viewHere = Layout.of(view.shape(), view.strides(), view.offset() - first);
        Layout baseHere = Layout.of(base.shape(), base.strides(), base.offset() - first);
        Tensor flat = Creation.full(Shape.of(Math.max(0, span)), 0.0, grad.dtype(), grad.device());
        if (view.overlaps()) {
            Tensor places =
                    asStrided(Creation.arange(span, grad.device()), viewHere).reshape(-1);
            flat = flat.scatterAdd(0, places, grad.reshape(-1));
        } else if (view.numel() > 0) {
            asStrided(flat, viewHere).copy_(grad);
        }
        return asStrided(flat, baseHere);
    }

    /** Returns a contiguous operand with undefined content like another one. */
    static Operand emptyLike(Operand o, DType type) {
        return Executor.current().allocate(type, o.layout().shape(), o.storage().backend());
    }
}
