package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = x * sigmoid(x)}, element by element. Source: {@code torch.nn.SiLU}. */
public final class SiLU extends Layer {
    /** Creates the layer. */
    public SiLU() {}

    @Override
    public Tensor forward(Tensor input) {
        return Functional.silu(input);
    }
}
