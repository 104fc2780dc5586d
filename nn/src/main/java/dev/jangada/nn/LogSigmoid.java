package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = log(1 / (1 + e^-x))}, element by element. Source: {@code torch.nn.LogSigmoid}. */
public final class LogSigmoid extends Layer {
    /** Creates the layer. */
    public LogSigmoid() {}

    @Override
    public Tensor forward(Tensor input) {
        return Functional.logsigmoid(input);
    }
}
