package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * The mean of each window that slides over a picture {@code [N, C, H, W]}, with or without the batch dimension.
 *
 * <p>Source: {@code torch.nn.AvgPool2d}.
 */
public final class AvgPool2d extends Layer {
    private final List<Long> kernelSize;
    private final PoolOptions options;

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
        if (kernelSize.length < 1
                || kernelSize.length > 2
                || LongStream.of(kernelSize).anyMatch(k -> k < 1)) {
            throw new ArgumentException(
                    "[AvgPool2d] expected a kernel size > 0, got " + java.util.Arrays.toString(kernelSize));
        }
        this.options = Objects.requireNonNull(options, "options is null");
        this.kernelSize = LongStream.of(kernelSize).boxed().toList();
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.avgPool2d(input, options, ConvOptions.array(kernelSize));
    }

    @Override
    protected String extraRepr() {
        return "kernel_size=" + Repr.oneOrTuple(kernelSize) + ", stride="
                + Repr.oneOrTuple(options.stride().isEmpty() ? kernelSize : options.stride()) + ", padding="
                + Repr.oneOrTuple(options.padding());
    }
}
