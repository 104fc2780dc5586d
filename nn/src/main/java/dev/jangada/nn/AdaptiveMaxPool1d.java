package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The largest element of windows that cover a signal {@code [N, C, L]}, so that the result has given sizes.
 *
 * <p>Source: {@code torch.nn.AdaptiveMaxPool1d}.
 */
public final class AdaptiveMaxPool1d extends Layer {
    private final List<Long> outputSize;

    /**
     * Creates a layer.
     *
     * @param outputSize size of the result
     * @throws ArgumentException if it is not positive
     */
    public AdaptiveMaxPool1d(long... outputSize) {
        if (outputSize.length < 1
                || outputSize.length > 1
                || LongStream.of(outputSize).anyMatch(k -> k < 1)) {
            throw new ArgumentException(
                    "[AdaptiveMaxPool1d] expected an output size > 0, got " + java.util.Arrays.toString(outputSize));
        }
        this.outputSize = LongStream.of(outputSize).boxed().toList();
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.adaptiveMaxPool1d(input, ConvOptions.array(outputSize));
    }

    @Override
    protected String extraRepr() {
        return "output_size=" + Repr.oneOrTuple(outputSize);
    }
}
