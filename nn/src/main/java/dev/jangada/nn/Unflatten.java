package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Arrays;
import java.util.stream.LongStream;

/** Makes several dimensions of one: {@code [N, C * H * W]} becomes {@code [N, C, H, W]}; a view. Source: {@code torch.nn.Unflatten}. */
public final class Unflatten extends Layer {
    private final int dim;
    private final long[] sizes;

    /**
     * Creates the layer.
     *
     * @param dim the dimension to cut
     * @param sizes the sizes that it is cut into; one may be -1
     */
    public Unflatten(int dim, long... sizes) {
        this.dim = dim;
        this.sizes = Arrays.copyOf(sizes, sizes.length);
    }

    @Override
    public Tensor forward(Tensor input) {
        return input.unflatten(dim, sizes);
    }

    @Override
    protected String extraRepr() {
        return "dim=" + dim + ", unflattened_size="
                + Repr.tuple(LongStream.of(sizes).boxed().toList());
    }
}
