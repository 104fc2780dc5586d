package dev.jangada.data;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.ops.Access;

/**
 * Brings features to mean 0 and variance 1: {@code y = (x - mean) / scale}, where the scale is the standard deviation of the biased
 * variance.
 *
 * <p>A feature that is constant has the scale 1, so it becomes 0. Fit the scaler to training data alone and use it for all data: the test
 * set must not tell the model its mean.
 *
 * <p>Shapes: {@code [N, ...]}, sample by sample, each further position being a feature; mean and scale {@code [...]}. They are computed and
 * kept in float64. Integers become float32; any other type stays.
 *
 * <p>Source: scikit-learn {@code StandardScaler}.
 */
public final class StandardScaler {
    private Tensor mean;
    private Tensor scale;

    /** Creates a scaler that has yet to be fitted. */
    public StandardScaler() {}

    /**
     * Computes mean and scale of each feature, in place of what was computed before.
     *
     * @return this scaler
     * @throws ShapeException if there is no dimension of samples, or no sample
     * @throws ArgumentException if a value is NaN or infinite
     */
    public StandardScaler fit(Tensor x) {
        if (x.dim() == 0 || x.size(0) == 0) {
            throw new ShapeException("[StandardScaler] expected at least one sample in shape [N, ...], got shape "
                    + x.shape() + "; pass the data that the scaler is to learn from");
        }
        try (Autograd.Mode off = Autograd.noGrad();
                TensorScope scope = new TensorScope()) {
            Tensor data = x.to(DType.FLOAT64);
            if (!data.isfinite().all().itemBoolean()) {
                throw new ArgumentException("[StandardScaler] expected finite values, got NaN or infinity;"
                        + " drop or fill in the samples that have them");
            }
            Tensor newMean = data.mean(0);
            Tensor deviation = data.sub(newMean).square().mean(0).sqrt();
            // Not deviation == 0: rounding leaves a little of it even where all values are the same.
            int[] samples = {0};
            Tensor constant = data.amin(samples, false).eq(data.amax(samples, false));
            Tensor newScale = Tensor.where(constant, Scalar.of(1.0), deviation);
            mean = Access.unscoped(newMean);
            scale = Access.unscoped(newScale);
        }
        return this;
    }

    /**
     * Returns the data with mean 0 and variance 1, as far as they are like those of {@link #fit}.
     *
     * @throws IllegalStateException if the scaler was not fitted
     * @throws ShapeException if the features are not those it was fitted to
     */
    public Tensor transform(Tensor x) {
        DType type = check("transform", x);
        try (TensorScope scope = new TensorScope()) {
            return scope.keep(x.to(type).sub(like(mean, x, type)).div(like(scale, x, type)));
        }
    }

    /** As {@link #fit} and then {@link #transform}. */
    public Tensor fitTransform(Tensor x) {
        return fit(x).transform(x);
    }

    /**
     * Returns {@code y * scale + mean}: what {@link #transform} was given, but for rounding.
     *
     * @throws IllegalStateException if the scaler was not fitted
     * @throws ShapeException if the features are not those it was fitted to
     */
    public Tensor inverseTransform(Tensor y) {
        DType type = check("inverseTransform", y);
        try (TensorScope scope = new TensorScope()) {
            return scope.keep(y.to(type).mul(like(scale, y, type)).add(like(mean, y, type)));
        }
    }

    private static Tensor like(Tensor statistic, Tensor x, DType type) {
        return statistic.to(x.device(), type);
    }

    private DType check(String op, Tensor x) {
        Tensor fitted = mean();
        boolean fits = x.dim() == fitted.dim() + 1;
        for (int i = 0; fits && i < fitted.dim(); i++) {
            fits = x.size(i + 1) == fitted.size(i);
        }
        if (!fits) {
            throw new ShapeException("[" + op + "] expected samples of shape " + fitted.shape()
                    + ", to which the scaler was fitted, in a first dimension, got shape " + x.shape()
                    + "; pass the same features");
        }
        return x.dtype().isFloatingPoint() ? x.dtype() : DType.FLOAT32;
    }

    /**
     * Returns the mean of each feature, float64.
     *
     * @throws IllegalStateException if the scaler was not fitted
     */
    public Tensor mean() {
        return fitted(mean);
    }

    /**
     * Returns what each feature is divided by, float64: its standard deviation, or 1 if it is constant.
     *
     * @throws IllegalStateException if the scaler was not fitted
     */
    public Tensor scale() {
        return fitted(scale);
    }

    private static Tensor fitted(Tensor statistic) {
        if (statistic == null) {
            throw new IllegalStateException(
                    "[StandardScaler] expected a fitted scaler, got a new one; call fit(x) first");
        }
        return statistic;
    }
}
