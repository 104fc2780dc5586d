package dev.jangada.autograd;

import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.ops.Access;
import dev.jangada.ops.Shapes;

/** Sends the gradient of a view, known only by its layout, back to the tensor it is a view of. */
final class AsStridedBackward extends Node {
    private final Layout base;
    private final Layout view;

    AsStridedBackward(Tensor base, Layout view) {
        super("AsStridedBackward0", new Edge[] {Autograd.edge(base)});
        this.base = Access.operand(base).layout();
        this.view = view;
    }

    @Override
    protected Tensor[] backward(Tensor[] grads, boolean[] needed) {
        return new Tensor[] {Shapes.asStridedBackward(grads[0], base, view)};
    }

    @Override
    protected void release() {}
}
