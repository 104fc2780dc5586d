package dev.jangada.nn;

import dev.jangada.Tensor;

/** Gated linear unit {@code y = a * sigmoid(b)} of the two halves of a dimension. Source: {@code torch.nn.GLU}. */
public final class GLU extends Layer {
    private final int dim;

    /** Creates the layer with dim -1. */
    public GLU() {
        this(-1);
    }

    /**
     * Creates the layer.
     *
     * @param dim the dimension, of an even size
     */
    public GLU(int dim) {
        this.dim = dim;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.glu(input, dim);
    }

    @Override
    protected String extraRepr() {
        return "dim=" + dim;
    }
}
