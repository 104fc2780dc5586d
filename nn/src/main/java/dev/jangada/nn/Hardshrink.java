package dev.jangada.nn;

import dev.jangada.Tensor;

/** Keeps elements outside of {@code [-lambda, lambda]}, else 0. Source: {@code torch.nn.Hardshrink}. */
public final class Hardshrink extends Layer {
    private final double lambda;

    /** Creates the layer with lambda 0.5. */
    public Hardshrink() {
        this(0.5);
    }

    /**
     * Creates the layer.
     *
     * @param lambda at least 0
     */
    public Hardshrink(double lambda) {
        this.lambda = lambda;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.hardshrink(input, lambda);
    }

    @Override
    protected String extraRepr() {
        return Repr.real(lambda);
    }
}
