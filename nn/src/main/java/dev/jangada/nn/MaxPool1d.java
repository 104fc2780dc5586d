package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.ValuesIndices;

/**
 * The largest element of each window that slides over a signal {@code [N, C, L]}, with or without the batch dimension.
 *
 * <p>Source: {@code torch.nn.MaxPool1d}.
 */
public final class MaxPool1d extends PoolModule {
    /** Creates a layer whose windows lie side by side. */
    public MaxPool1d(long... kernelSize) {
        this(PoolOptions.DEFAULT, kernelSize);
    }

    /**
     * Creates a layer.
     *
     * @param kernelSize size of a window
     * @throws ArgumentException if it is not positive
     */
    public MaxPool1d(PoolOptions options, long... kernelSize) {
        super(1, options, kernelSize);
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.maxPool1d(input, options(), kernelSize());
    }

    /** Returns the largest elements and their numbers within the sliding dimensions. */
    public ValuesIndices forwardWithIndices(Tensor input) {
        return Functional.maxPool1dWithIndices(input, options(), kernelSize());
    }

    @Override
    protected String extraRepr() {
        return maxRepr();
    }
}
