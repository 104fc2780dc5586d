package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.nn.init.Init;
import java.util.Optional;

/**
 * An affine map: {@code y = x @ weight^T + bias}.
 *
 * <p>Shapes: input {@code [.., inFeatures]}, result {@code [.., outFeatures]}, weight {@code [outFeatures, inFeatures]}, bias
 * {@code [outFeatures]}. Weight and bias start uniform in {@code [-1/sqrt(inFeatures), 1/sqrt(inFeatures)]}.
 *
 * <p>Source: {@code torch.nn.Linear}.
 */
public final class Linear extends Layer {
    private final long inFeatures;
    private final long outFeatures;
    private final Tensor weight;
    private final Tensor bias;

    /** Creates a map with a bias. */
    public Linear(long inFeatures, long outFeatures) {
        this(inFeatures, outFeatures, true);
    }

    /**
     * Creates a map.
     *
     * @param inFeatures size of the input's last dimension
     * @param outFeatures size of the result's last dimension
     * @param bias whether something is added to the product
     * @throws ArgumentException if a size is negative
     */
    public Linear(long inFeatures, long outFeatures, boolean bias) {
        if (inFeatures < 0 || outFeatures < 0) {
            throw new ArgumentException(
                    "[Linear] expected sizes >= 0, got inFeatures " + inFeatures + " and outFeatures " + outFeatures);
        }
        this.inFeatures = inFeatures;
        this.outFeatures = outFeatures;
        this.weight = parameter("weight", Tensor.empty(outFeatures, inFeatures));
        this.bias = bias ? parameter("bias", Tensor.empty(outFeatures)) : null;
        resetParameters();
    }

    /** Draws weight and bias anew from the global generator. */
    public void resetParameters() {
        if (inFeatures == 0) {
            Optional.ofNullable(bias).ifPresent(Init::zeros_);
            return;
        }
        Init.kaimingUniform_(weight, Math.sqrt(5)); // the bound is 1 / sqrt(inFeatures)
        if (bias != null) {
            double bound = 1 / Math.sqrt(inFeatures);
            Init.uniform_(bias, -bound, bound);
        }
    }

    /** Returns the weight {@code [outFeatures, inFeatures]}. */
    public Tensor weight() {
        return weight;
    }

    /** Returns the bias {@code [outFeatures]}; empty without one. */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias);
    }

    @Override
    public Tensor forward(Tensor input) {
        return bias == null ? Functional.linear(input, weight) : Functional.linear(input, weight, bias);
    }

    @Override
    protected String extraRepr() {
        return "in_features=" + inFeatures + ", out_features=" + outFeatures + ", bias="
                + (bias == null ? "False" : "True");
    }
}
