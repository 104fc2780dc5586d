package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = min(max(x, minVal), maxVal)}, element by element. Source: {@code torch.nn.Hardtanh}. */
public final class Hardtanh extends Layer {
    private final double minVal;
    private final double maxVal;

    /** Creates the layer with minVal -1, maxVal 1. */
    public Hardtanh() {
        this(-1, 1);
    }

    /**
     * Creates the layer.
     *
     * @param minVal lower bound
     * @param maxVal upper bound
     */
    public Hardtanh(double minVal, double maxVal) {
        this.minVal = minVal;
        this.maxVal = maxVal;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.hardtanh(input, minVal, maxVal);
    }

    @Override
    protected String extraRepr() {
        return "min_val=" + Repr.real(minVal) + ", max_val=" + Repr.real(maxVal);
    }
}
