package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.nn.init.Init;
import java.util.Optional;

/**
 * Normalization over groups of channels of each element of the batch: {@code y = (x - mean) / sqrt(var + eps) * weight + bias}.
 *
 * <p>Shapes: input {@code [N, C, ..]}, weight and bias {@code [C]}; the weight starts as 1, the bias as 0. Source:
 * {@code torch.nn.GroupNorm}; Wu, He, arXiv 1803.08494.
 */
public final class GroupNorm extends Layer {
    private final long numGroups;
    private final long numChannels;
    private final double eps;
    private final Tensor weight;
    private final Tensor bias;

    /** Creates a layer with weight, bias and eps 1e-5. */
    public GroupNorm(long numGroups, long numChannels) {
        this(numGroups, numChannels, 1e-5, true);
    }

    /**
     * Creates a layer.
     *
     * @param numGroups number of groups, which divides the number of channels
     * @param numChannels number of channels
     * @param eps added to the variance, no unit
     * @param affine whether there are a weight and a bias
     * @throws ArgumentException if the groups do not divide the channels
     */
    public GroupNorm(long numGroups, long numChannels, double eps, boolean affine) {
        if (numGroups < 1 || numChannels < 1 || numChannels % numGroups != 0) {
            throw new ArgumentException("[GroupNorm] expected groups that divide the channels, got " + numGroups
                    + " groups and " + numChannels + " channels");
        }
        this.numGroups = numGroups;
        this.numChannels = numChannels;
        this.eps = eps;
        this.weight = affine ? parameter("weight", Tensor.ones(numChannels)) : null;
        this.bias = affine ? parameter("bias", Tensor.zeros(numChannels)) : null;
    }

    /** Sets the weight to 1 and the bias to 0. */
    public void resetParameters() {
        if (weight != null) {
            Init.ones_(weight);
            Init.zeros_(bias);
        }
    }

    /** Returns the weight {@code [numChannels]}, if {@code affine}. */
    public Optional<Tensor> weight() {
        return Optional.ofNullable(weight);
    }

    /** Returns the bias {@code [numChannels]}, if {@code affine}. */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias);
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.groupNorm(input, numGroups, weight, bias, eps);
    }

    @Override
    protected String extraRepr() {
        return numGroups + ", " + numChannels + ", eps=" + Repr.real(eps) + ", affine=" + Repr.flag(weight != null);
    }
}
