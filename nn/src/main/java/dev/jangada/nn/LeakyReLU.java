package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = x > 0 ? x : negativeSlope * x}, element by element. Source: {@code torch.nn.LeakyReLU}. */
public final class LeakyReLU extends Layer {
    private final double negativeSlope;

    /** Creates the layer with negativeSlope 0.01. */
    public LeakyReLU() {
        this(0.01);
    }

    /**
     * Creates the layer.
     *
     * @param negativeSlope factor of negative elements
     */
    public LeakyReLU(double negativeSlope) {
        this.negativeSlope = negativeSlope;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.leakyRelu(input, negativeSlope);
    }

    @Override
    protected String extraRepr() {
        return "negative_slope=" + Repr.real(negativeSlope);
    }
}
