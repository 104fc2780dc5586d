package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = x * min(max(x + 3, 0), 6) / 6}, element by element. Source: {@code torch.nn.Hardswish}. */
public final class Hardswish extends Layer {
    /** Creates the layer. */
    public Hardswish() {}

    @Override
    public Tensor forward(Tensor input) {
        return Functional.hardswish(input);
    }
}
