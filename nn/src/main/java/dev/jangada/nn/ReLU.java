package dev.jangada.nn;

import dev.jangada.Tensor;

/** Rectified linear unit: {@code y = max(x, 0)}, element by element; the gradient at 0 is 0. Source: {@code torch.nn.ReLU}. */
public final class ReLU extends Layer {
    /** Creates the layer. */
    public ReLU() {}

    @Override
    public Tensor forward(Tensor input) {
        return input.relu();
    }
}
