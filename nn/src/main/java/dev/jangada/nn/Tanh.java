package dev.jangada.nn;

import dev.jangada.Tensor;

/** Hyperbolic tangent: {@code y = tanh(x)}, element by element. Source: {@code torch.nn.Tanh}. */
public final class Tanh extends Layer {
    /** Creates the layer. */
    public Tanh() {}

    @Override
    public Tensor forward(Tensor input) {
        return input.tanh();
    }
}
