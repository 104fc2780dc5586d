package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;

/**
 * The mean of each window that slides over a picture {@code [N, C, H, W]}, with or without the batch dimension.
 *
 * <p>Source: {@code torch.nn.AvgPool2d}.
 */
public final class AvgPool2d extends PoolModule {
    /** Creates a layer whose windows lie side by side. */
    public AvgPool2d(long... kernelSize) {
        this(PoolOptions.DEFAULT, kernelSize);
    }

    /**
     * Creates a layer.
     *
     * @param kernelSize size of a window, one number or one per dimension
     * @throws ArgumentException if it is not positive
     */
    public AvgPool2d(PoolOptions options, long... kernelSize) {
        super(2, options, kernelSize);
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.avgPool2d(input, options(), kernelSize());
    }

    @Override
    protected String extraRepr() {
        return meanRepr();
    }
}
