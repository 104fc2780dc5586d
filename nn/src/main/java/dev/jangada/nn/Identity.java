package dev.jangada.nn;

import dev.jangada.Tensor;

/** Passes its input on: {@code y = x}. Source: {@code torch.nn.Identity}. */
public final class Identity extends Layer {
    /** Creates the layer. */
    public Identity() {}

    @Override
    public Tensor forward(Tensor input) {
        return input;
    }
}
