package dev.jangada.nn;

import dev.jangada.Tensor;
import dev.jangada.ops.ClassLosses;
import dev.jangada.ops.LinearAlgebra;
import dev.jangada.ops.Losses;

/**
 * Layers and losses as plain functions of tensors.
 *
 * <p>Losses take a reduction: {@code mean}, {@code sum} or {@code none}. Source: PyTorch {@code torch.nn.functional}.
 */
public final class Functional {
    private Functional() {}

    // ---- layers

    /**
     * Returns {@code input @ weight^T + bias}, one matrix product with the bias added as it is stored.
     *
     * <p>Shapes: input {@code [.., in]}, weight {@code [out, in]}, bias {@code [out]}, result {@code [.., out]}.
     *
     * @throws dev.jangada.ShapeException if the sizes do not fit
     * @throws dev.jangada.DTypeException if the types differ
     */
    public static Tensor linear(Tensor input, Tensor weight, Tensor bias) {
        return LinearAlgebra.linear(input, weight, bias);
    }

    /** Returns {@code input @ weight^T}; see {@link #linear(Tensor, Tensor, Tensor)}. */
    public static Tensor linear(Tensor input, Tensor weight) {
        return LinearAlgebra.linear(input, weight);
    }

    // ---- losses of class scores

    /**
     * Returns the mean cross-entropy between scores and targets: {@code -logSoftmax(input)[target]}.
     *
     * <p>Shapes: input {@code [C]}, {@code [N, C]} or {@code [N, C, d1, ..]}; target int64 class numbers without the class dimension, or
     * probabilities of the input's shape. Result: a scalar.
     *
     * @throws dev.jangada.IndexException if a class number is out of range
     * @throws dev.jangada.ShapeException if the shapes do not fit
     */
    public static Tensor crossEntropy(Tensor input, Tensor target) {
        return ClassLosses.crossEntropy(input, target, null, -100, "mean", 0);
    }

    /** As {@link #crossEntropy(Tensor, Tensor)} with settings. */
    public static Tensor crossEntropy(Tensor input, Tensor target, ClassLossOptions options) {
        return ClassLosses.crossEntropy(
                input,
                target,
                options.weight().orElse(null),
                options.ignoreIndex(),
                options.reduction(),
                options.labelSmoothing());
    }

    /**
     * Returns the mean negative log-likelihood {@code -input[target]} of log-probabilities, as {@link Tensor#logSoftmax} gives them.
     *
     * <p>Shapes as in {@link #crossEntropy(Tensor, Tensor)}; class numbers only.
     */
    public static Tensor nllLoss(Tensor input, Tensor target) {
        return ClassLosses.nllLoss(input, target, null, -100, "mean");
    }

    /** As {@link #nllLoss(Tensor, Tensor)} with settings; the label smoothing is not used. */
    public static Tensor nllLoss(Tensor input, Tensor target, ClassLossOptions options) {
        return ClassLosses.nllLoss(
                input, target, options.weight().orElse(null), options.ignoreIndex(), options.reduction());
    }

    // ---- element-wise losses

    /** Returns the mean of {@code (input - target)^2}. */
    public static Tensor mseLoss(Tensor input, Tensor target) {
        return Losses.mse(input, target, "mean");
    }

    /** Returns {@code (input - target)^2}, reduced. */
    public static Tensor mseLoss(Tensor input, Tensor target, String reduction) {
        return Losses.mse(input, target, reduction);
    }
}
