package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** {@code d < beta ? d^2 / (2 beta) : d - beta / 2} with {@code d = |input - target|}, reduced. Source: {@code torch.nn.SmoothL1Loss}. */
public final class SmoothL1Loss extends Module {
    private final double beta;
    private final String reduction;

    /** Creates the loss with the mean over all elements, beta 1. */
    public SmoothL1Loss() {
        this(1, "mean");
    }

    /** Creates the loss with these settings and a reduction: {@code mean}, {@code sum} or {@code none}. */
    public SmoothL1Loss(String reduction) {
        this(1, reduction);
    }

    /**
     * Creates the loss.
     *
     * @param beta where the parabola ends, at least 0
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public SmoothL1Loss(double beta, String reduction) {
        this.beta = beta;
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.smoothL1Loss(input, target, beta, reduction);
    }
}
