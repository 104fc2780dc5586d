package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = min(max(x, 0), 6)}, element by element. Source: {@code torch.nn.ReLU6}. */
public final class ReLU6 extends Layer {
    /** Creates the layer. */
    public ReLU6() {}

    @Override
    public Tensor forward(Tensor input) {
        return Functional.relu6(input);
    }
}
