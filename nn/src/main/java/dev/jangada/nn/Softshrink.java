package dev.jangada.nn;

import dev.jangada.Tensor;

/** Moves elements towards 0 by lambda; 0 within {@code [-lambda, lambda]}. Source: {@code torch.nn.Softshrink}. */
public final class Softshrink extends Layer {
    private final double lambda;

    /** Creates the layer with lambda 0.5. */
    public Softshrink() {
        this(0.5);
    }

    /**
     * Creates the layer.
     *
     * @param lambda at least 0
     */
    public Softshrink(double lambda) {
        this.lambda = lambda;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.softshrink(input, lambda);
    }

    @Override
    protected String extraRepr() {
        return Repr.real(lambda);
    }
}
