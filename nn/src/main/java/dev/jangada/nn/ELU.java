package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = x > 0 ? x : alpha * (e^x - 1)}, element by element. Source: {@code torch.nn.ELU}. */
public final class ELU extends Layer {
    private final double alpha;

    /** Creates the layer with alpha 1. */
    public ELU() {
        this(1);
    }

    /**
     * Creates the layer.
     *
     * @param alpha limit towards minus infinity, negated
     */
    public ELU(double alpha) {
        this.alpha = alpha;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.elu(input, alpha);
    }

    @Override
    protected String extraRepr() {
        return "alpha=" + Repr.real(alpha);
    }
}
