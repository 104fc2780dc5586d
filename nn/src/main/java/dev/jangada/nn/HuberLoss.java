package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** {@code d <= delta ? d^2 / 2 : delta * (d - delta / 2)} with {@code d = |input - target|}, reduced. Source: {@code torch.nn.HuberLoss}. */
public final class HuberLoss extends Module {
    private final double delta;
    private final String reduction;

    /** Creates the loss with the mean over all elements, delta 1. */
    public HuberLoss() {
        this(1, "mean");
    }

    /** Creates the loss with these settings and a reduction: {@code mean}, {@code sum} or {@code none}. */
    public HuberLoss(String reduction) {
        this(1, reduction);
    }

    /**
     * Creates the loss.
     *
     * @param delta where the parabola ends, above 0
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public HuberLoss(double delta, String reduction) {
        this.delta = delta;
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.huberLoss(input, target, delta, reduction);
    }
}
