package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = scale * (x > 0 ? x : alpha * (e^x - 1))} with the constants that keep mean 0 and variance 1, element by element. Source: {@code torch.nn.SELU}. */
public final class SELU extends Layer {
    /** Creates the layer. */
    public SELU() {}

    @Override
    public Tensor forward(Tensor input) {
        return Functional.selu(input);
    }
}
