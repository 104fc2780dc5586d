package dev.jangada.nn;

import dev.jangada.Tensor;

/** {@code y = e^-x / sum(e^-x)} along a dimension. Source: {@code torch.nn.Softmin}. */
public final class Softmin extends Layer {
    private final int dim;

    /**
     * Creates the layer.
     *
     * @param dim the dimension; a negative one counts from the end
     */
    public Softmin(int dim) {
        this.dim = dim;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.softmin(input, dim);
    }

    @Override
    protected String extraRepr() {
        return "dim=" + dim;
    }
}
