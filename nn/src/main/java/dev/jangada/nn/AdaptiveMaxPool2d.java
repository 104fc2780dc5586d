package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The largest element of windows that cover a picture {@code [N, C, H, W]}, so that the result has given sizes.
 *
 * <p>Source: {@code torch.nn.AdaptiveMaxPool2d}.
 */
public final class AdaptiveMaxPool2d extends Layer {
    private final List<Long> outputSize;

    /**
     * Creates a layer.
     *
     * @param outputSize sizes of the result, one number or one per dimension
     * @throws ArgumentException if it is not positive
     */
    public AdaptiveMaxPool2d(long... outputSize) {
        if (outputSize.length < 1
                || outputSize.length > 2
                || LongStream.of(outputSize).anyMatch(k -> k < 1)) {
            throw new ArgumentException(
                    "[AdaptiveMaxPool2d] expected an output size > 0, got " + java.util.Arrays.toString(outputSize));
        }
        this.outputSize = LongStream.of(outputSize).boxed().toList();
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.adaptiveMaxPool2d(input, ConvOptions.array(outputSize));
    }

    @Override
    protected String extraRepr() {
        return "output_size=" + Repr.oneOrTuple(outputSize);
    }
}
