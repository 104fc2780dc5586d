package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = min(max(x + 3, 0), 6) / 6}, element by element. Source: {@code torch.nn.Hardsigmoid}. */
public final class Hardsigmoid extends Layer {
    /** Creates the layer. */
    public Hardsigmoid() {}

    @Override
    public Tensor forward(Tensor input) {
        return Functional.hardsigmoid(input);
    }
}
