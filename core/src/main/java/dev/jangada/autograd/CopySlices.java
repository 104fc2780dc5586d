package dev.jangada.autograd;

import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.ops.Access;
import dev.jangada.ops.Shapes;

/**
 * The history of a tensor one of whose views was changed in place: outside of the view the gradient passes, inside it goes through the
 * operation that changed the view.
 *
 * <p>Source: PyTorch {@code CopySlices}.
 */
final class CopySlices extends Node {
    private final Layout base;
    private final Layout view;
    private final Node operation;

    CopySlices(Tensor base, Layout view, Node operation) {
        super("CopySlices", edges(base, operation));
        this.base = Access.operand(base).layout();
        this.view = view;
        this.operation = operation;
        operation.addUser();
    }

    private static Edge[] edges(Tensor base, Node operation) {
        Edge[] out = new Edge[Math.max(1, operation.edges())];
        for (int i = 1; i < out.length; i++) {
            out[i] = operation.edge(i);
        }
        out[0] = Autograd.edge(base);
        return out;
    }

    @Override
    protected Tensor[] backward(Tensor[] grads, boolean[] needed) {
        Tensor whole = Shapes.copyAs(grads[0], base);
        Tensor slice = Shapes.sliceOf(whole, base, view);
        Tensor arriving = slice.clone();
        Tensor[] through = operation.edges() == 0 ? new Tensor[0] : operation.backward(new Tensor[] {arriving}, needed);
        if (operation.edges() > 0 && through[0] != null) {
            slice.copy_(Shapes.sumTo(through[0], slice.shape()).to(slice.dtype()));
        } else {
            slice.zero_();
        }
        Tensor[] out = new Tensor[edges()];
        for (int i = 1; i < out.length; i++) {
            out[i] = through[i];
        }
        out[0] = whole;
        return out;
    }

    @Override
    protected void release() {
        if (operation.hasOneUser()) { // else what it saved is asked for once more: by the gradient of its own gradient
            operation.release();
        }
    }

    @Override
    Node inner() {
        return operation;
    }
}
