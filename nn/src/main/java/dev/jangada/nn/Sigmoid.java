package dev.jangada.nn;

import dev.jangada.Tensor;

/** Logistic function: {@code y = 1 / (1 + e^-x)}, element by element. Source: {@code torch.nn.Sigmoid}. */
public final class Sigmoid extends Layer {
    /** Creates the layer. */
    public Sigmoid() {}

    @Override
    public Tensor forward(Tensor input) {
        return input.sigmoid();
    }
}
