package dev.jangada.nn;

import dev.jangada.Tensor;

/** Activation {@code y = x * Phi(x)} with the normal distribution function, element by element. Source: {@code torch.nn.GELU}. */
public final class GELU extends Layer {
    private final String approximate;

    /** Creates the layer with approximate "none". */
    public GELU() {
        this("none");
    }

    /**
     * Creates the layer.
     *
     * @param approximate {@code none}, or {@code tanh} for the approximation by it
     */
    public GELU(String approximate) {
        this.approximate = approximate;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.gelu(input, approximate);
    }

    @Override
    protected String extraRepr() {
        return "approximate='" + approximate + "'";
    }
}
