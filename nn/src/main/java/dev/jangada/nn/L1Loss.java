package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** Absolute error: {@code |input - target|}, reduced; the shapes broadcast. Source: {@code torch.nn.L1Loss}. */
public final class L1Loss extends Module {
    private final String reduction;

    /** Creates the loss with the mean over all elements. */
    public L1Loss() {
        this("mean");
    }

    /**
     * Creates the loss.
     *
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public L1Loss(String reduction) {
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.l1Loss(input, target, reduction);
    }
}
