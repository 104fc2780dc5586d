package dev.jangada.nn;

import java.util.OptionalDouble;

/**
 * Settings of batch normalization.
 *
 * @param eps added to the variance, no unit, default 1e-5
 * @param momentum share of the new statistics in the running ones, default 0.1; empty: the running ones are the mean over all batches
 * @param affine whether there are a weight and a bias, default true
 * @param trackRunningStats whether there are running statistics, used outside of training, default true
 */
public record BatchNormOptions(double eps, OptionalDouble momentum, boolean affine, boolean trackRunningStats) {
    /** PyTorch's defaults. */
    public static final BatchNormOptions DEFAULT = new BatchNormOptions(1e-5, OptionalDouble.of(0.1), true, true);

    /** Returns these settings with another eps. */
    public BatchNormOptions withEps(double value) {
        return new BatchNormOptions(value, momentum, affine, trackRunningStats);
    }

    /** Returns these settings with a share of the new statistics in the running ones. */
    public BatchNormOptions withMomentum(double value) {
        return new BatchNormOptions(eps, OptionalDouble.of(value), affine, trackRunningStats);
    }

    /** Returns these settings with running statistics that are the mean over all batches. */
    public BatchNormOptions withCumulativeMean() {
        return new BatchNormOptions(eps, OptionalDouble.empty(), affine, trackRunningStats);
    }

    /** Returns these settings with or without weight and bias. */
    public BatchNormOptions withAffine(boolean value) {
        return new BatchNormOptions(eps, momentum, value, trackRunningStats);
    }

    /** Returns these settings with or without running statistics. */
    public BatchNormOptions withTrackRunningStats(boolean value) {
        return new BatchNormOptions(eps, momentum, affine, value);
    }
}
