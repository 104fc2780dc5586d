package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = x > 0 ? x : alpha * (e^(x / alpha) - 1)}, element by element. Source: {@code torch.nn.CELU}. */
public final class CELU extends Layer {
    private final double alpha;

    /** Creates the layer with alpha 1. */
    public CELU() {
        this(1);
    }

    /**
     * Creates the layer.
     *
     * @param alpha limit towards minus infinity, negated; not 0
     */
    public CELU(double alpha) {
        this.alpha = alpha;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.celu(input, alpha);
    }

    @Override
    protected String extraRepr() {
        return "alpha=" + Repr.real(alpha);
    }
}
