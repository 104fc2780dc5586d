package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.nn.init.Init;
import dev.jangada.ops.BatchNormalization;
import java.util.Objects;
import java.util.Optional;

/** What {@link BatchNorm1d} and {@link BatchNorm2d} have in common: parameters, running statistics, and which of both are used. */
abstract class BatchNormModule extends Layer {
    private final long numFeatures;
    private final BatchNormOptions options;
    private final Tensor weight;
    private final Tensor bias;
    private final Tensor runningMean;
    private final Tensor runningVar;
    private final Tensor batches;

    BatchNormModule(long numFeatures, BatchNormOptions options) {
        if (numFeatures < 1) {
            throw new ArgumentException("[BatchNorm] expected a number of features > 0, got " + numFeatures);
        }
        this.numFeatures = numFeatures;
        this.options = Objects.requireNonNull(options, "options is null");
        boolean tracks = options.trackRunningStats();
        this.weight = options.affine() ? parameter("weight", Tensor.ones(numFeatures)) : null;
        this.bias = options.affine() ? parameter("bias", Tensor.zeros(numFeatures)) : null;
        this.runningMean = tracks ? buffer("running_mean", Tensor.zeros(numFeatures)) : null;
        this.runningVar = tracks ? buffer("running_var", Tensor.ones(numFeatures)) : null;
        this.batches = tracks ? buffer("num_batches_tracked", Tensor.zeros(DType.INT64)) : null;
    }

    /** Sets the weight to 1, the bias to 0, and the running statistics to mean 0, variance 1 and no batches. */
    public void resetParameters() {
        if (weight != null) {
            Init.ones_(weight);
            Init.zeros_(bias);
        }
        if (batches != null) {
            Init.zeros_(runningMean);
            Init.ones_(runningVar);
            Init.zeros_(batches);
        }
    }

    /** Returns the weight {@code [numFeatures]}, if {@code affine}. */
    public Optional<Tensor> weight() {
        return Optional.ofNullable(weight);
    }

    /** Returns the bias {@code [numFeatures]}, if {@code affine}. */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias);
    }

    /** Whether an input may have this number of dimensions. */
    abstract boolean accepts(int rank);

    @Override
    public Tensor forward(Tensor input) {
        if (!accepts(input.dim())) {
            throw new ShapeException("[" + getClass().getSimpleName() + "] expected an input ["
                    + (accepts(4) ? "N, C, H, W]" : "N, C] or [N, C, L]") + ", got shape " + input.shape()
                    + "; reshape it, or use the layer for its dimensions");
        }
        boolean training = isTraining();
        if (!training || batches == null) {
            return BatchNormalization.batchNorm(
                    input,
                    runningMean,
                    runningVar,
                    weight,
                    bias,
                    training || batches == null,
                    Scalar.of(0.0),
                    options.eps());
        }
        Tensor y;
        try (Tensor share = share()) {
            Object momentum = options.momentum().isPresent()
                    ? Scalar.of(options.momentum().getAsDouble())
                    : share;
            y = BatchNormalization.batchNorm(
                    input, runningMean, runningVar, weight, bias, true, momentum, options.eps());
        }
        try (Autograd.Mode off = Autograd.noGrad()) {
            batches.add_(1L);
        }
        return y;
    }

    /** The share of this batch in the mean over all batches; on the device, so that nothing waits for it. */
    private Tensor share() {
        try (Autograd.Mode off = Autograd.noGrad();
                Tensor next = batches.add(1L)) {
            return next.to(runningMean.dtype()).reciprocal();
        }
    }

    @Override
    protected String extraRepr() {
        String momentum =
                options.momentum().isPresent() ? Repr.real(options.momentum().getAsDouble()) : "None";
        return numFeatures + ", eps=" + Repr.real(options.eps()) + ", momentum=" + momentum + ", affine="
                + Repr.flag(options.affine()) + ", track_running_stats=" + Repr.flag(options.trackRunningStats());
    }
}
