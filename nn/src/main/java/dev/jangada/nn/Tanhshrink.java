package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = x - tanh(x)}, element by element. Source: {@code torch.nn.Tanhshrink}. */
public final class Tanhshrink extends Layer {
    /** Creates the layer. */
    public Tanhshrink() {}

    @Override
    public Tensor forward(Tensor input) {
        return Functional.tanhshrink(input);
    }
}
