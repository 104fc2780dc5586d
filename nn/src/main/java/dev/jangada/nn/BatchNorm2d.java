package dev.jangada.nn;

/**
 * Batch normalization of inputs {@code [N, C, H, W]}: each channel has mean 0 and variance 1 over the batch, then a learned scale and shift.
 *
 * <p>{@code y = (x - mean) / sqrt(var + eps) * weight + bias}. In training with the statistics of the batch, which also move the buffers
 * {@code running_mean} and {@code running_var}; else with those. Source: {@code torch.nn.BatchNorm2d}; Ioffe, Szegedy,
 * arXiv 1502.03167.
 */
public final class BatchNorm2d extends BatchNormModule {
    /** Creates a layer for a number of channels. */
    public BatchNorm2d(long numFeatures) {
        this(numFeatures, BatchNormOptions.DEFAULT);
    }

    /**
     * Creates a layer with settings.
     *
     * @throws dev.jangada.ArgumentException if the number of channels is not positive
     */
    public BatchNorm2d(long numFeatures, BatchNormOptions options) {
        super(numFeatures, options);
    }

    @Override
    boolean accepts(int rank) {
        return rank == 4;
    }
}
