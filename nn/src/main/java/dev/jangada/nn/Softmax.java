package dev.jangada.nn;

import dev.jangada.Tensor;

/** {@code y = e^x / sum(e^x)} along a dimension. Source: {@code torch.nn.Softmax}. */
public final class Softmax extends Layer {
    private final int dim;

    /**
     * Creates the layer.
     *
     * @param dim the dimension; a negative one counts from the end
     */
    public Softmax(int dim) {
        this.dim = dim;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.softmax(input, dim);
    }

    @Override
    protected String extraRepr() {
        return "dim=" + dim;
    }
}
