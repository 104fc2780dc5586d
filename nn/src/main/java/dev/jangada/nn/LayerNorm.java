package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.nn.init.Init;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Layer normalization over the last dimensions: {@code y = (x - mean) / sqrt(var + eps) * weight + bias}.
 *
 * <p>Shapes: input {@code [.., normalizedShape]}, weight and bias {@code normalizedShape}; the weight starts as 1, the bias as 0.
 * Source: {@code torch.nn.LayerNorm}; Ba, Kiros, Hinton, arXiv 1607.06450.
 */
public final class LayerNorm extends Layer {
    private final long[] normalizedShape;
    private final double eps;
    private final Tensor weight;
    private final Tensor bias;

    /** Creates a layer with weight, bias and eps 1e-5 over dimensions of these sizes. */
    public LayerNorm(long... normalizedShape) {
        this(normalizedShape, 1e-5, true);
    }

    /**
     * Creates a layer.
     *
     * @param normalizedShape sizes of the last dimensions
     * @param eps added to the variance, no unit
     * @param elementwiseAffine whether there are a weight and a bias
     * @throws ArgumentException if there is no size, or one is not positive
     */
    public LayerNorm(long[] normalizedShape, double eps, boolean elementwiseAffine) {
        if (normalizedShape.length == 0 || LongStream.of(normalizedShape).anyMatch(n -> n < 1)) {
            throw new ArgumentException("[LayerNorm] expected sizes > 0, got " + Arrays.toString(normalizedShape));
        }
        this.normalizedShape = Arrays.copyOf(normalizedShape, normalizedShape.length);
        this.eps = eps;
        this.weight = elementwiseAffine ? parameter("weight", Tensor.ones(normalizedShape)) : null;
        this.bias = elementwiseAffine ? parameter("bias", Tensor.zeros(normalizedShape)) : null;
    }

    /** Sets the weight to 1 and the bias to 0. */
    public void resetParameters() {
        if (weight != null) {
            Init.ones_(weight);
            Init.zeros_(bias);
        }
    }

    /** Returns the weight of the normalized shape, if {@code elementwiseAffine}. */
    public Optional<Tensor> weight() {
        return Optional.ofNullable(weight);
    }

    /** Returns the bias of the normalized shape, if {@code elementwiseAffine}. */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias);
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.layerNorm(input, normalizedShape, weight, bias, eps);
    }

    @Override
    protected String extraRepr() {
        return Repr.tuple(LongStream.of(normalizedShape).boxed().toList()) + ", eps=" + Repr.real(eps)
                + ", elementwise_affine=" + Repr.flag(weight != null);
    }
}
