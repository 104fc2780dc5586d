package dev.jangada.nn;

/**
 * Batch normalization of inputs {@code [N, C]} or {@code [N, C, L]}: each channel has mean 0 and variance 1 over the batch, then a learned scale and shift.
 *
 * <p>{@code y = (x - mean) / sqrt(var + eps) * weight + bias}. In training with the statistics of the batch, which also move the buffers
 * {@code running_mean} and {@code running_var}; else with those. Source: {@code torch.nn.BatchNorm1d}; Ioffe, Szegedy,
 * arXiv 1502.03167.
 */
public final class BatchNorm1d extends BatchNormModule {
    /** Creates a layer for a number of channels. */
    public BatchNorm1d(long numFeatures) {
        this(numFeatures, BatchNormOptions.DEFAULT);
    }

    /**
     * Creates a layer with settings.
     *
     * @throws dev.jangada.ArgumentException if the number of channels is not positive
     */
    public BatchNorm1d(long numFeatures, BatchNormOptions options) {
        super(numFeatures, options);
    }

    @Override
    boolean accepts(int rank) {
        return rank == 2 || rank == 3;
    }
}
