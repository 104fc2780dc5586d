package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;

/**
 * In training, sets each element to 0 with probability p and divides the others by {@code 1 - p}; else passes its input on.
 *
 * <p>Draws from the global generator. Source: {@code torch.nn.Dropout}; Hinton et al., arXiv 1207.0580.
 */
public final class Dropout extends Layer {
    private final double p;

    /** Creates the layer with probability 0.5. */
    public Dropout() {
        this(0.5);
    }

    /**
     * Creates the layer.
     *
     * @param p probability of an element to become 0, in [0, 1]
     * @throws ArgumentException if it is not
     */
    public Dropout(double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new ArgumentException("[Dropout] expected a probability in [0, 1], got " + p);
        }
        this.p = p;
    }

    @Override
    public Tensor forward(Tensor input) {
        return Functional.dropout(input, p, isTraining());
    }

    @Override
    protected String extraRepr() {
        return "p=" + Repr.real(p) + ", inplace=False";
    }
}
