package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = x / (1 + |x|)}, element by element. Source: {@code torch.nn.Softsign}. */
public final class Softsign extends Layer {
    /** Creates the layer. */
    public Softsign() {}

    @Override
    public Tensor forward(Tensor input) {
        return Functional.softsign(input);
    }
}
