package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;

/**
 * The mean of each window that slides over a signal {@code [N, C, L]}, with or without the batch dimension.
 *
 * <p>Source: {@code torch.nn.AvgPool1d}.
 */
public final class AvgPool1d extends PoolModule {
    /** Creates a layer whose windows lie side by side. */
    public AvgPool1d(long... kernelSize) {
        this(PoolOptions.DEFAULT, kernelSize);
    }

    /**
     * Creates a layer.
     *
     * @param kernelSize size of a window
     * @throws ArgumentException if it is not positive
     */
    public AvgPool1d(PoolOptions options, long... kernelSize) {
        super(1, options, kernelSize);
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.avgPool1d(input, options(), kernelSize());
    }

    @Override
    protected String extraRepr() {
        return meanTuples();
    }
}
