package dev.jangada.nn;

import dev.jangada.Tensor;

/** Keeps elements above a threshold, else a value. Source: {@code torch.nn.Threshold}. */
public final class Threshold extends Layer {
    private final double threshold;
    private final double value;

    /**
     * Creates the layer.
     *
     * @param threshold what elements must be above
     * @param value what stands for the others
     */
    public Threshold(double threshold, double value) {
        this.threshold = threshold;
        this.value = value;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.threshold(input, threshold, value);
    }

    @Override
    protected String extraRepr() {
        return "threshold=" + Repr.number(threshold) + ", value=" + Repr.number(value);
    }
}
