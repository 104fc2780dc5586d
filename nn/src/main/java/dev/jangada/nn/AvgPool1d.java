package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * The mean of each window that slides over a signal {@code [N, C, L]}, with or without the batch dimension.
 *
 * <p>Source: {@code torch.nn.AvgPool1d}.
 */
public final class AvgPool1d extends Layer {
    private final List<Long> kernelSize;
    private final PoolOptions options;

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
        if (kernelSize.length < 1
                || kernelSize.length > 1
                || LongStream.of(kernelSize).anyMatch(k -> k < 1)) {
            throw new ArgumentException(
                    "[AvgPool1d] expected a kernel size > 0, got " + java.util.Arrays.toString(kernelSize));
        }
        this.options = Objects.requireNonNull(options, "options is null");
        this.kernelSize = LongStream.of(kernelSize).boxed().toList();
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.avgPool1d(input, options, ConvOptions.array(kernelSize));
    }

    @Override
    protected String extraRepr() {
        return "kernel_size=" + Repr.tuple(kernelSize) + ", stride="
                + Repr.tuple(options.stride().isEmpty() ? kernelSize : options.stride()) + ", padding="
                + Repr.tuple(options.padding());
    }
}
