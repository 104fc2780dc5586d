package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Generator;
import dev.jangada.Scalar;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.ValuesIndices;
import dev.jangada.ops.Activations;
import dev.jangada.ops.AdaptivePooling;
import dev.jangada.ops.BatchNormalization;
import dev.jangada.ops.ClassLosses;
import dev.jangada.ops.LinearAlgebra;
import dev.jangada.ops.Losses;
import dev.jangada.ops.Normalization;

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

    // ---- convolutions

    /**
     * Returns the convolution of an input with a weight (as in all of deep learning, a cross-correlation).
     *
     * <p>Shapes: input {@code [N, C, L]} or {@code [C, L]}, weight {@code [O, C / groups, K]}, bias {@code [O]}, result
     * {@code [N, O, L']} with sizes {@code (size + 2 padding - dilation (K - 1) - 1) / stride + 1}, rounded down.
     *
     * @throws ShapeException if the sizes do not fit, or the kernel is larger than the padded input
     * @throws dev.jangada.DTypeException if the types differ
     * @throws ArgumentException if a setting is out of range
     */
    public static Tensor conv1d(Tensor input, Tensor weight, Tensor bias, ConvOptions options) {
        return Convolutions.convolution("conv1d", 1, input, weight, bias, options);
    }

    /** As {@link #conv1d(Tensor, Tensor, Tensor, ConvOptions)} without a bias. */
    public static Tensor conv1d(Tensor input, Tensor weight, ConvOptions options) {
        return Convolutions.convolution("conv1d", 1, input, weight, null, options);
    }

    /** As {@link #conv1d(Tensor, Tensor, Tensor, ConvOptions)} with stride 1 and no padding. */
    public static Tensor conv1d(Tensor input, Tensor weight, Tensor bias) {
        return conv1d(input, weight, bias, ConvOptions.DEFAULT);
    }

    /** As {@link #conv1d(Tensor, Tensor, Tensor)} without a bias. */
    public static Tensor conv1d(Tensor input, Tensor weight) {
        return conv1d(input, weight, ConvOptions.DEFAULT);
    }

    /**
     * Returns the transposed convolution: what a convolution with this weight has as the gradient of its input.
     *
     * <p>Shapes: input {@code [N, C, L]} or {@code [C, L]}, weight {@code [C, O / groups, K]}, bias {@code [O]}, result
     * {@code [N, O, L']} with sizes {@code (size - 1) stride - 2 padding + dilation (K - 1) + outputPadding + 1}.
     *
     * @throws ShapeException if the sizes do not fit
     * @throws ArgumentException if a setting is out of range
     */
    public static Tensor convTranspose1d(Tensor input, Tensor weight, Tensor bias, ConvOptions options) {
        return Convolutions.transposed("convTranspose1d", 1, input, weight, bias, options);
    }

    /** As {@link #convTranspose1d(Tensor, Tensor, Tensor, ConvOptions)} without a bias. */
    public static Tensor convTranspose1d(Tensor input, Tensor weight, ConvOptions options) {
        return Convolutions.transposed("convTranspose1d", 1, input, weight, null, options);
    }

    /**
     * Returns the convolution of an input with a weight (as in all of deep learning, a cross-correlation).
     *
     * <p>Shapes: input {@code [N, C, H, W]} or {@code [C, H, W]}, weight {@code [O, C / groups, K1, K2]}, bias {@code [O]}, result
     * {@code [N, O, H', W']} with sizes {@code (size + 2 padding - dilation (K - 1) - 1) / stride + 1}, rounded down.
     *
     * @throws ShapeException if the sizes do not fit, or the kernel is larger than the padded input
     * @throws dev.jangada.DTypeException if the types differ
     * @throws ArgumentException if a setting is out of range
     */
    public static Tensor conv2d(Tensor input, Tensor weight, Tensor bias, ConvOptions options) {
        return Convolutions.convolution("conv2d", 2, input, weight, bias, options);
    }

    /** As {@link #conv2d(Tensor, Tensor, Tensor, ConvOptions)} without a bias. */
    public static Tensor conv2d(Tensor input, Tensor weight, ConvOptions options) {
        return Convolutions.convolution("conv2d", 2, input, weight, null, options);
    }

    /** As {@link #conv2d(Tensor, Tensor, Tensor, ConvOptions)} with stride 1 and no padding. */
    public static Tensor conv2d(Tensor input, Tensor weight, Tensor bias) {
        return conv2d(input, weight, bias, ConvOptions.DEFAULT);
    }

    /** As {@link #conv2d(Tensor, Tensor, Tensor)} without a bias. */
    public static Tensor conv2d(Tensor input, Tensor weight) {
        return conv2d(input, weight, ConvOptions.DEFAULT);
    }

    /**
     * Returns the transposed convolution: what a convolution with this weight has as the gradient of its input.
     *
     * <p>Shapes: input {@code [N, C, H, W]} or {@code [C, H, W]}, weight {@code [C, O / groups, K1, K2]}, bias {@code [O]}, result
     * {@code [N, O, H', W']} with sizes {@code (size - 1) stride - 2 padding + dilation (K - 1) + outputPadding + 1}.
     *
     * @throws ShapeException if the sizes do not fit
     * @throws ArgumentException if a setting is out of range
     */
    public static Tensor convTranspose2d(Tensor input, Tensor weight, Tensor bias, ConvOptions options) {
        return Convolutions.transposed("convTranspose2d", 2, input, weight, bias, options);
    }

    /** As {@link #convTranspose2d(Tensor, Tensor, Tensor, ConvOptions)} without a bias. */
    public static Tensor convTranspose2d(Tensor input, Tensor weight, ConvOptions options) {
        return Convolutions.transposed("convTranspose2d", 2, input, weight, null, options);
    }

    // ---- pooling

    /**
     * Returns the largest element of each window of a size, in steps of that size.
     *
     * <p>Shapes: input {@code [N, C, L]} or {@code [C, L]}, result {@code [N, C, L']}. The first of equal elements gets the gradient.
     *
     * @param kernelSize the size of a window
     * @throws ShapeException if there is no window
     */
    public static Tensor maxPool1d(Tensor input, long... kernelSize) {
        return Pools.max("maxPool1d", 1, input, kernelSize, PoolOptions.DEFAULT);
    }

    /** As {@link #maxPool1d(Tensor, long...)} with settings. */
    public static Tensor maxPool1d(Tensor input, PoolOptions options, long... kernelSize) {
        return Pools.max("maxPool1d", 1, input, kernelSize, options);
    }

    /** As {@link #maxPool1d(Tensor, PoolOptions, long...)} with the row-major number of each largest element within the sliding dimensions, int64. */
    public static ValuesIndices maxPool1dWithIndices(Tensor input, PoolOptions options, long... kernelSize) {
        return Pools.maxWithIndices("maxPool1d", 1, input, kernelSize, options);
    }

    /** Returns the mean of each window of a size, in steps of that size; shapes as in {@link #maxPool1d(Tensor, long...)}. */
    public static Tensor avgPool1d(Tensor input, long... kernelSize) {
        return Pools.mean("avgPool1d", 1, input, kernelSize, PoolOptions.DEFAULT);
    }

    /** As {@link #avgPool1d(Tensor, long...)} with settings. */
    public static Tensor avgPool1d(Tensor input, PoolOptions options, long... kernelSize) {
        return Pools.mean("avgPool1d", 1, input, kernelSize, options);
    }

    /**
     * Returns the means of windows that cover the input so that the result has the given size; window {@code i} of {@code n} reaches from
     * {@code floor(i size / n)} to {@code ceil((i + 1) size / n)}.
     *
     * @param outputSize the size of the result
     */
    public static Tensor adaptiveAvgPool1d(Tensor input, long... outputSize) {
        return AdaptivePooling.mean("adaptiveAvgPool1d", 1, input, outputSize);
    }

    /** Returns the largest elements of windows as {@link #adaptiveAvgPool1d} has them. */
    public static Tensor adaptiveMaxPool1d(Tensor input, long... outputSize) {
        return AdaptivePooling.max("adaptiveMaxPool1d", 1, input, outputSize).values();
    }

    /** As {@link #adaptiveMaxPool1d} with the row-major number of each largest element within the sliding dimensions, int64. */
    public static ValuesIndices adaptiveMaxPool1dWithIndices(Tensor input, long... outputSize) {
        return AdaptivePooling.max("adaptiveMaxPool1d", 1, input, outputSize);
    }

    /**
     * Returns the largest element of each window of a size, in steps of that size.
     *
     * <p>Shapes: input {@code [N, C, H, W]} or {@code [C, H, W]}, result {@code [N, C, H', W']}. The first of equal elements gets the gradient.
     *
     * @param kernelSize the sizes of a window, or one for both
     * @throws ShapeException if there is no window
     */
    public static Tensor maxPool2d(Tensor input, long... kernelSize) {
        return Pools.max("maxPool2d", 2, input, kernelSize, PoolOptions.DEFAULT);
    }

    /** As {@link #maxPool2d(Tensor, long...)} with settings. */
    public static Tensor maxPool2d(Tensor input, PoolOptions options, long... kernelSize) {
        return Pools.max("maxPool2d", 2, input, kernelSize, options);
    }

    /** As {@link #maxPool2d(Tensor, PoolOptions, long...)} with the row-major number of each largest element within the sliding dimensions, int64. */
    public static ValuesIndices maxPool2dWithIndices(Tensor input, PoolOptions options, long... kernelSize) {
        return Pools.maxWithIndices("maxPool2d", 2, input, kernelSize, options);
    }

    /** Returns the mean of each window of a size, in steps of that size; shapes as in {@link #maxPool2d(Tensor, long...)}. */
    public static Tensor avgPool2d(Tensor input, long... kernelSize) {
        return Pools.mean("avgPool2d", 2, input, kernelSize, PoolOptions.DEFAULT);
    }

    /** As {@link #avgPool2d(Tensor, long...)} with settings. */
    public static Tensor avgPool2d(Tensor input, PoolOptions options, long... kernelSize) {
        return Pools.mean("avgPool2d", 2, input, kernelSize, options);
    }

    /**
     * Returns the means of windows that cover the input so that the result has the given sizes; window {@code i} of {@code n} reaches from
     * {@code floor(i size / n)} to {@code ceil((i + 1) size / n)}.
     *
     * @param outputSize the sizes of the result, or one for both
     */
    public static Tensor adaptiveAvgPool2d(Tensor input, long... outputSize) {
        return AdaptivePooling.mean("adaptiveAvgPool2d", 2, input, outputSize);
    }

    /** Returns the largest elements of windows as {@link #adaptiveAvgPool2d} has them. */
    public static Tensor adaptiveMaxPool2d(Tensor input, long... outputSize) {
        return AdaptivePooling.max("adaptiveMaxPool2d", 2, input, outputSize).values();
    }

    /** As {@link #adaptiveMaxPool2d} with the row-major number of each largest element within the sliding dimensions, int64. */
    public static ValuesIndices adaptiveMaxPool2dWithIndices(Tensor input, long... outputSize) {
        return AdaptivePooling.max("adaptiveMaxPool2d", 2, input, outputSize);
    }

    // ---- activations, element by element

    /** Returns {@code max(x, 0)}; gradient 0 at 0. */
    public static Tensor relu(Tensor x) {
        return x.relu();
    }

    /** Returns {@code x > 0 ? x : 0.01 * x}. */
    public static Tensor leakyRelu(Tensor x) {
        return Activations.leakyRelu(x, 0.01);
    }

    /** Returns {@code x > 0 ? x : negativeSlope * x}. */
    public static Tensor leakyRelu(Tensor x, double negativeSlope) {
        return Activations.leakyRelu(x, negativeSlope);
    }

    /** Returns {@code x > 0 ? x : e^x - 1}. */
    public static Tensor elu(Tensor x) {
        return Activations.elu(x, 1);
    }

    /** Returns {@code x > 0 ? x : alpha * (e^x - 1)}. Source: Clevert et al., arXiv 1511.07289. */
    public static Tensor elu(Tensor x, double alpha) {
        return Activations.elu(x, alpha);
    }

    /** Returns the scaled {@code elu} that keeps mean 0 and variance 1. Source: Klambauer et al., arXiv 1706.02515. */
    public static Tensor selu(Tensor x) {
        return Activations.selu(x);
    }

    /** Returns {@code x > 0 ? x : alpha * (e^(x / alpha) - 1)}. Source: Barron, arXiv 1704.07483. */
    public static Tensor celu(Tensor x, double alpha) {
        return Activations.celu(x, alpha);
    }

    /** Returns {@code x * Phi(x)} with the normal distribution function. Source: Hendrycks, Gimpel, arXiv 1606.08415. */
    public static Tensor gelu(Tensor x) {
        return Activations.gelu(x, false);
    }

    /** As {@link #gelu(Tensor)}; {@code approximate} is none or tanh. */
    public static Tensor gelu(Tensor x, String approximate) {
        return Activations.gelu(x, tanh(approximate));
    }

    /** Returns {@code x * sigmoid(x)}. */
    public static Tensor silu(Tensor x) {
        return Activations.silu(x);
    }

    /** Returns {@code x * tanh(softplus(x))}. Source: Misra, arXiv 1908.08681. */
    public static Tensor mish(Tensor x) {
        return Activations.mish(x);
    }

    /** Returns {@code log(1 + e^x)}, x itself above 20. */
    public static Tensor softplus(Tensor x) {
        return Activations.softplus(x, 1, 20);
    }

    /** Returns {@code log(1 + e^(beta x)) / beta}, x itself where {@code beta * x} is above the threshold. */
    public static Tensor softplus(Tensor x, double beta, double threshold) {
        return Activations.softplus(x, beta, threshold);
    }

    /** Returns x limited to {@code [min, max]}; no gradient on the bounds. */
    public static Tensor hardtanh(Tensor x, double min, double max) {
        return Activations.hardtanh(x, min, max);
    }

    /** Returns x limited to {@code [-1, 1]}. */
    public static Tensor hardtanh(Tensor x) {
        return Activations.hardtanh(x, -1, 1);
    }

    /** Returns x limited to {@code [0, 6]}. */
    public static Tensor relu6(Tensor x) {
        return Activations.hardtanh(x, 0, 6);
    }

    /** Returns {@code clamp(x + 3, 0, 6) / 6}. */
    public static Tensor hardsigmoid(Tensor x) {
        return Activations.hardsigmoid(x);
    }

    /** Returns {@code x * clamp(x + 3, 0, 6) / 6}. */
    public static Tensor hardswish(Tensor x) {
        return Activations.hardswish(x);
    }

    /** Returns {@code log(sigmoid(x))} without overflow. */
    public static Tensor logsigmoid(Tensor x) {
        return Activations.logsigmoid(x);
    }

    /** Returns {@code x / (1 + |x|)}. */
    public static Tensor softsign(Tensor x) {
        return Activations.softsign(x);
    }

    /** Returns {@code x - tanh(x)}. */
    public static Tensor tanhshrink(Tensor x) {
        return Activations.tanhshrink(x);
    }

    /** Returns x moved towards 0 by lambda, 0 within {@code [-lambda, lambda]}. */
    public static Tensor softshrink(Tensor x, double lambda) {
        return Activations.softshrink(x, lambda);
    }

    /** Returns x outside of {@code [-lambda, lambda]}, else 0. */
    public static Tensor hardshrink(Tensor x, double lambda) {
        return Activations.hardshrink(x, lambda);
    }

    /** Returns {@code x > threshold ? x : value}. */
    public static Tensor threshold(Tensor x, double threshold, double value) {
        return Activations.threshold(x, threshold, value);
    }

    /** Returns {@code x > 0 ? x : weight * x} with one weight, or one per channel (dimension 1). */
    public static Tensor prelu(Tensor x, Tensor weight) {
        return Activations.prelu(x, weight);
    }

    /** Returns {@code a * sigmoid(b)} of the two halves of a dimension. */
    public static Tensor glu(Tensor x, int dim) {
        return Activations.glu(x, dim);
    }

    /** Returns {@code e^x / sum(e^x)} along a dimension. */
    public static Tensor softmax(Tensor x, int dim) {
        return x.softmax(dim);
    }

    /** Returns the softmax of {@code -x} along a dimension. */
    public static Tensor softmin(Tensor x, int dim) {
        return x.neg().softmax(dim);
    }

    /** Returns {@code x - log(sum(e^x))} along a dimension. */
    public static Tensor logSoftmax(Tensor x, int dim) {
        return x.logSoftmax(dim);
    }

    private static boolean tanh(String approximate) {
        if (!approximate.equals("none") && !approximate.equals("tanh")) {
            throw new ArgumentException("[gelu] expected approximate none or tanh, got '" + approximate + "'");
        }
        return approximate.equals("tanh");
    }

    // ---- noise and normalization

    /** Returns x with elements set to 0 with probability {@code p} and the others divided by {@code 1 - p}, if training; else x itself. */
    public static Tensor dropout(Tensor x, double p, boolean training) {
        return Activations.dropout(x, p, training, Generator.global());
    }

    /** Returns {@code (x - mean) / sqrt(var + 1e-5)} over the last dimensions, which have the given sizes. */
    public static Tensor layerNorm(Tensor x, long... normalizedShape) {
        return Normalization.layerNorm(x, normalizedShape, null, null, 1e-5);
    }

    /** Returns {@code (x - mean) / sqrt(var + eps) * weight + bias} over the last dimensions.
     *
     * <p>Shapes: input {@code [.., normalizedShape]}, weight and bias {@code normalizedShape}. The variance is the biased one. Source: Ba,
     * Kiros, Hinton, arXiv 1607.06450.
     *
     * @param weight factors, or null for 1
     * @param bias summands, or null for 0
     * @throws dev.jangada.ShapeException if the last sizes of the input differ from {@code normalizedShape}
     */
    public static Tensor layerNorm(Tensor x, long[] normalizedShape, Tensor weight, Tensor bias, double eps) {
        return Normalization.layerNorm(x, normalizedShape, weight, bias, eps);
    }

    /**
     * Returns {@code (x - mean) / sqrt(var + eps) * weight + bias} with the statistics of each channel over the batch and all further dimensions,
     * or outside of training with the running ones.
     *
     * <p>Shapes: input {@code [N, C, ..]}, the others {@code [C]}. In training the running statistics, if given, move towards those of the batch
     * (the unbiased variance) by the share {@code momentum}. Source: Ioffe, Szegedy, arXiv 1502.03167.
     *
     * @param runningMean changed in place in training; null for none, then runningVar too
     * @param weight factors, or null for 1
     * @param bias summands, or null for 0
     * @throws ShapeException if sizes differ from the number of channels
     * @throws ArgumentException if there is only one value per channel in training, or no running statistics outside of it
     */
    public static Tensor batchNorm(
            Tensor x,
            Tensor runningMean,
            Tensor runningVar,
            Tensor weight,
            Tensor bias,
            boolean training,
            double momentum,
            double eps) {
        return BatchNormalization.batchNorm(
                x, runningMean, runningVar, weight, bias, training, Scalar.of(momentum), eps);
    }

    /** As {@link #batchNorm(Tensor, Tensor, Tensor, Tensor, Tensor, boolean, double, double)} with momentum 0.1 and eps 1e-5. */
    public static Tensor batchNorm(
            Tensor x, Tensor runningMean, Tensor runningVar, Tensor weight, Tensor bias, boolean training) {
        return batchNorm(x, runningMean, runningVar, weight, bias, training, 0.1, 1e-5);
    }

    /**
     * Returns {@code (x - mean) / sqrt(var + eps) * weight + bias} with the statistics of each group of channels of each element of the batch.
     *
     * <p>Shapes: input {@code [N, C, ..]}, weight and bias {@code [C]}. Source: Wu, He, arXiv 1803.08494.
     *
     * @param weight factors, or null for 1
     * @param bias summands, or null for 0
     * @throws ShapeException if the groups do not divide the channels
     */
    public static Tensor groupNorm(Tensor x, long groups, Tensor weight, Tensor bias, double eps) {
        return Normalization.groupNorm(x, groups, weight, bias, eps);
    }

    /** As {@link #groupNorm} where each channel is a group, for inputs {@code [N, C, ..]} of at least three dimensions. */
    public static Tensor instanceNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
        return Normalization.instanceNorm(x, weight, bias, eps);
    }

    /** Returns x divided by its norm of order {@code p} along a dimension, which is taken as at least {@code eps}. */
    public static Tensor normalize(Tensor x, double p, int dim, double eps) {
        return x.div(x.norm(p, new int[] {dim}, true).clampMin(Scalar.of(eps)));
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

    /** Returns the mean of {@code |input - target|}. */
    public static Tensor l1Loss(Tensor input, Tensor target) {
        return Losses.l1(input, target, "mean");
    }

    /** Returns {@code |input - target|}, reduced. */
    public static Tensor l1Loss(Tensor input, Tensor target, String reduction) {
        return Losses.l1(input, target, reduction);
    }

    /** Returns the mean of {@code d < 1 ? d^2 / 2 : d - 1/2} with {@code d = |input - target|}. */
    public static Tensor smoothL1Loss(Tensor input, Tensor target) {
        return Losses.smoothL1(input, target, 1, "mean");
    }

    /** Returns {@code d < beta ? d^2 / (2 beta) : d - beta / 2} with {@code d = |input - target|}, reduced. */
    public static Tensor smoothL1Loss(Tensor input, Tensor target, double beta, String reduction) {
        return Losses.smoothL1(input, target, beta, reduction);
    }

    /** Returns the mean of {@code d <= 1 ? d^2 / 2 : d - 1/2} with {@code d = |input - target|}. */
    public static Tensor huberLoss(Tensor input, Tensor target) {
        return Losses.huber(input, target, 1, "mean");
    }

    /** Returns {@code d <= delta ? d^2 / 2 : delta * (d - delta / 2)} with {@code d = |input - target|}, reduced. */
    public static Tensor huberLoss(Tensor input, Tensor target, double delta, String reduction) {
        return Losses.huber(input, target, delta, reduction);
    }

    /** Returns the mean of {@code -target log(input) - (1 - target) log(1 - input)} of probabilities; logarithms are at least -100. A captured program does not look whether they are in [0, 1]. */
    public static Tensor binaryCrossEntropy(Tensor input, Tensor target) {
        return Losses.bce(input, target, null, "mean");
    }

    /** As {@link #binaryCrossEntropy(Tensor, Tensor)}, reduced. */
    public static Tensor binaryCrossEntropy(Tensor input, Tensor target, String reduction) {
        return Losses.bce(input, target, null, reduction);
    }

    /** As {@link #binaryCrossEntropy(Tensor, Tensor)}, times a weight that broadcasts (null for 1), reduced. */
    public static Tensor binaryCrossEntropy(Tensor input, Tensor target, Tensor weight, String reduction) {
        return Losses.bce(input, target, weight, reduction);
    }

    /** Returns the mean binary cross-entropy of {@code sigmoid(input)}, computed without overflow. */
    public static Tensor binaryCrossEntropyWithLogits(Tensor input, Tensor target) {
        return Losses.bceWithLogits(input, target, null, null, "mean");
    }

    /** As {@link #binaryCrossEntropyWithLogits(Tensor, Tensor)}, reduced. */
    public static Tensor binaryCrossEntropyWithLogits(Tensor input, Tensor target, String reduction) {
        return Losses.bceWithLogits(input, target, null, null, reduction);
    }

    /** As {@link #binaryCrossEntropyWithLogits(Tensor, Tensor)}, with a weight and a weight of positive targets that broadcast (null for 1), reduced. */
    public static Tensor binaryCrossEntropyWithLogits(
            Tensor input, Tensor target, Tensor weight, Tensor posWeight, String reduction) {
        return Losses.bceWithLogits(input, target, weight, posWeight, reduction);
    }

    /** Returns {@code target * (log(target) - input)} for log-probabilities as input, reduced; the reduction may also be {@code batchmean}. */
    public static Tensor klDiv(Tensor input, Tensor target, boolean logTarget, String reduction) {
        return Losses.klDiv(input, target, logTarget, reduction);
    }

    /** Returns the input for class 1 and {@code max(0, margin - input)} for class -1, reduced. */
    public static Tensor hingeEmbeddingLoss(Tensor input, Tensor target, double margin, String reduction) {
        return Losses.hingeEmbedding(input, target, margin, reduction);
    }

    /** Returns {@code log(1 + e^(-target * input))}, reduced. */
    public static Tensor softMarginLoss(Tensor input, Tensor target, String reduction) {
        return Losses.softMargin(input, target, reduction);
    }

    /** Returns {@code max(0, -target * (input1 - input2) + margin)}, reduced. */
    public static Tensor marginRankingLoss(
            Tensor input1, Tensor input2, Tensor target, double margin, String reduction) {
        return Losses.marginRanking(input1, input2, target, margin, reduction);
    }

    // ---- distances

    /**
     * Returns the cosine of the angle between vectors along a dimension: {@code x1 . x2 / (max(|x1|, eps) max(|x2|, eps))}.
     *
     * <p>Shapes: both broadcast; the dimension goes.
     */
    public static Tensor cosineSimilarity(Tensor x1, Tensor x2, int dim, double eps) {
        return CompositeLosses.cosineSimilarity(x1, x2, dim, eps);
    }

    /** Returns the norm of {@code x1 - x2 + eps} of order {@code p} along the last dimension. */
    public static Tensor pairwiseDistance(Tensor x1, Tensor x2, double p, double eps, boolean keepdim) {
        return CompositeLosses.pairwiseDistance(x1, x2, p, eps, keepdim);
    }

    /** Returns {@code 1 - cos} for class 1 and {@code max(0, cos - margin)} for class -1, reduced. */
    public static Tensor cosineEmbeddingLoss(
            Tensor input1, Tensor input2, Tensor target, double margin, String reduction) {
        return CompositeLosses.cosineEmbeddingLoss(input1, input2, target, margin, reduction);
    }

    /** Returns {@code max(0, d(anchor, positive) - d(anchor, negative) + margin)} with pairwise distances, reduced. */
    public static Tensor tripletMarginLoss(
            Tensor anchor,
            Tensor positive,
            Tensor negative,
            double margin,
            double p,
            double eps,
            boolean swap,
            String reduction) {
        return CompositeLosses.tripletMarginLoss(anchor, positive, negative, margin, p, eps, swap, reduction);
    }

    /** Returns {@code e^input - target * input}, or {@code input - target * log(input + eps)}, reduced; {@code full} adds Stirling's terms. */
    public static Tensor poissonNllLoss(
            Tensor input, Tensor target, boolean logInput, boolean full, double eps, String reduction) {
        return CompositeLosses.poissonNllLoss(input, target, logInput, full, eps, reduction);
    }

    /**
     * Returns {@code (log(v) + (input - target)^2 / v) / 2} with {@code v = max(var, eps)}, reduced; {@code full} adds a constant. Variances
     * below 0 are taken for eps: nothing asks the device for them.
     *
     * @param var variances of the input's shape, or one for its last dimension
     * @throws ShapeException if they have another shape
     */
    public static Tensor gaussianNllLoss(
            Tensor input, Tensor target, Tensor var, boolean full, double eps, String reduction) {
        return CompositeLosses.gaussianNllLoss(input, target, var, full, eps, reduction);
    }

    /**
     * Returns {@code sum(max(0, margin - input[target] + input[i])^p) / C} over the classes i other than the target, times its weight, reduced.
     *
     * <p>Shapes: input {@code [N, C]}, target {@code [N]}; or {@code [C]} and a scalar.
     *
     * @param p 1 or 2
     * @param weight one factor per class, or null for 1
     * @throws dev.jangada.IndexException if a class number is out of range
     */
    public static Tensor multiMarginLoss(
            Tensor input, Tensor target, long p, double margin, Tensor weight, String reduction) {
        return CompositeLosses.multiMarginLoss(input, target, p, margin, weight, reduction);
    }

    /** As {@link #multiMarginLoss(Tensor, Tensor, long, double, Tensor, String)}: mean, p 1, margin 1. */
    public static Tensor multiMarginLoss(Tensor input, Tensor target) {
        return CompositeLosses.multiMarginLoss(input, target, 1, 1, null, "mean");
    }

    // ---- words and other sizes

    /**
     * Returns the rows of a weight that indices name.
     *
     * <p>Shapes: indices int64 or int32 {@code [..]}, weight {@code [V, D]}, result {@code [.., D]}.
     *
     * @throws dev.jangada.IndexException if an index is out of range
     */
    public static Tensor embedding(Tensor indices, Tensor weight) {
        return weight.embedding(indices);
    }

    /** As {@link #embedding(Tensor, Tensor)}, where the row {@code paddingIdx}, which may count from the end, gets no gradient. */
    public static Tensor embedding(Tensor indices, Tensor weight, long paddingIdx) {
        return weight.embedding(indices, paddingIdx);
    }

    /** Returns rows with a 1 at these class numbers; -1 classes mean one more than the largest. */
    public static Tensor oneHot(Tensor classes, long numClasses) {
        return classes.oneHot(numClasses);
    }

    /**
     * Returns an image or signal of other sizes.
     *
     * <p>Shapes: input {@code [N, C, L]} or {@code [N, C, H, W]}; the last dimensions get the sizes.
     *
     * @param size one number for all dimensions, or one per dimension
     * @param mode {@code nearest}, {@code linear} (of {@code [N, C, L]}), {@code bilinear} (of {@code [N, C, H, W]}) or {@code area}
     * @param alignCorners whether the centres of the corner elements fall on each other; linear modes only
     * @throws ShapeException if the input has other dimensions
     * @throws ArgumentException if a size is not positive or the mode does not fit
     */
    public static Tensor interpolate(Tensor input, long[] size, String mode, boolean alignCorners) {
        return Resizing.toSize(input, size, mode, alignCorners);
    }

    /** As {@link #interpolate(Tensor, long[], String, boolean)} with the nearest element. */
    public static Tensor interpolate(Tensor input, long... size) {
        return Resizing.toSize(input, size, "nearest", false);
    }

    /** As {@link #interpolate(Tensor, long[], String, boolean)} with factors of the sizes; results are rounded down. */
    public static Tensor interpolate(Tensor input, double[] scaleFactor, String mode, boolean alignCorners) {
        return Resizing.byFactor(input, scaleFactor, mode, alignCorners);
    }
}
