package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.ValuesIndices;

/**
 * The largest element of each window that slides over a picture {@code [N, C, H, W]}, with or without the batch dimension.
 *
 * <p>Source: {@code torch.nn.MaxPool2d}.
 */
public final class MaxPool2d extends PoolModule {
    /** Creates a layer whose windows lie side by side. */
    public MaxPool2d(long... kernelSize) {
        this(PoolOptions.DEFAULT, kernelSize);
    }

    /**
     * Creates a layer.
     *
     * @param kernelSize size of a window, one number or one per dimension
     * @throws ArgumentException if it is not positive
     */
    public MaxPool2d(PoolOptions options, long... kernelSize) {
        super(2, options, kernelSize);
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.maxPool2d(input, options(), kernelSize());
    }

    /** Returns the largest elements and their numbers within the sliding dimensions. */
    public ValuesIndices forwardWithIndices(Tensor input) {
        return Functional.maxPool2dWithIndices(input, options(), kernelSize());
    }

    @Override
    protected String extraRepr() {
        return maxRepr();
    }
}
