package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;

/**
 * Activation {@code y = x > 0 ? x : weight * x} with a learned factor, or one per channel (dimension 1).
 *
 * <p>Source: {@code torch.nn.PReLU}; He et al., arXiv 1502.01852.
 */
public final class PReLU extends Layer {
    private final Tensor weight;

    /** Creates the layer with one factor, which starts as 0.25. */
    public PReLU() {
        this(1, 0.25);
    }

    /**
     * Creates the layer.
     *
     * @param numParameters 1, or the number of channels
     * @param init what the factors start as
     */
    public PReLU(long numParameters, double init) {
        if (numParameters < 1) {
            throw new ArgumentException("[PReLU] expected at least one factor, got " + numParameters);
        }
        this.weight = parameter("weight", Tensor.full(new long[] {numParameters}, (float) init));
    }

    /** Returns the factors. */
    public Tensor weight() {
        return weight;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.prelu(input, weight);
    }

    @Override
    protected String extraRepr() {
        return "num_parameters=" + weight.numel();
    }
}
