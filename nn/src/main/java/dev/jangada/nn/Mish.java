package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = x * tanh(log(1 + e^x))}, element by element. Source: {@code torch.nn.Mish}. */
public final class Mish extends Layer {
    /** Creates the layer. */
    public Mish() {}

    @Override
    public Tensor forward(Tensor input) {
        return Functional.mish(input);
    }
}
