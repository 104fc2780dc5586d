package dev.jangada.nn;

import dev.jangada.Tensor;

/** {@code y = x - log(sum(e^x))} along a dimension. Source: {@code torch.nn.LogSoftmax}. */
public final class LogSoftmax extends Layer {
    private final int dim;

    /**
     * Creates the layer.
     *
     * @param dim the dimension; a negative one counts from the end
     */
    public LogSoftmax(int dim) {
        this.dim = dim;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.logSoftmax(input, dim);
    }

    @Override
    protected String extraRepr() {
        return "dim=" + dim;
    }
}
