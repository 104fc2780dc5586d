package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = log(1 + e^(beta x)) / beta}, x itself where {@code beta x > threshold}. Source: {@code torch.nn.Softplus}. */
public final class Softplus extends Layer {
    private final double beta;
    private final double threshold;

    /** Creates the layer with beta 1, threshold 20. */
    public Softplus() {
        this(1, 20);
    }

    /**
     * Creates the layer.
     *
     * @param beta steepness of the bend
     * @param threshold where the line begins
     */
    public Softplus(double beta, double threshold) {
        this.beta = beta;
        this.threshold = threshold;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.softplus(input, beta, threshold);
    }

    @Override
    protected String extraRepr() {
        return "beta=" + Repr.number(beta) + ", threshold=" + Repr.number(threshold);
    }
}
