package dev.jangada;

import dev.jangada.ops.ThreadState;
import java.util.ArrayList;
import java.util.List;

/**
 * Closes every tensor that the current thread makes while it is open, except those that are kept.
 *
 * <pre>{@code
 * try (TensorScope scope = new TensorScope()) {
 *     Tensor loss = model.forward(x).sub(y).square().mean();
 *     loss.backward();
 *     optimizer.step();
 *     last = scope.keep(loss.detach());
 * }
 * }</pre>
 *
 * <p>Scopes nest; a kept tensor belongs to the next outer scope. Gradients accumulated in leaves belong to the leaves and are not closed.
 * A scope belongs to the thread that opened it.
 */
public final class TensorScope implements AutoCloseable {
    private final ThreadState state = ThreadState.current();
    private final TensorScope outer = state.scope;
    private final List<Tensor> tensors = new ArrayList<>();
    private boolean closed;

    /** Opens a scope for the calling thread. */
    public TensorScope() {
        state.scope = this;
    }

    /**
     * Hands a tensor to the next outer scope, or to nobody if there is none; one that does not belong to this scope is left alone.
     *
     * @return the tensor
     */
    public Tensor keep(Tensor tensor) {
        if (tensor.scope == this) {
            tensor.scope = outer;
            if (outer != null) {
                outer.tensors.add(tensor);
            }
        }
        return tensor;
    }

    void add(Tensor tensor) {
        tensor.scope = this;
        tensors.add(tensor);
    }

    /**
     * Closes the tensors of this scope.
     *
     * @throws IllegalStateException if it is not the innermost open scope of the calling thread
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (state.scope != this || ThreadState.current() != state) {
            throw new IllegalStateException(
                    "[scope] expected to close the innermost scope of the thread that opened it;"
                            + " close scopes in the reverse order, best with try-with-resources");
        }
        closed = true;
        state.scope = outer;
        for (Tensor t : tensors) {
            if (t.scope == this) {
                t.scope = null;
                t.close();
            }
        }
        tensors.clear();
    }
}
