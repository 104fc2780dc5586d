package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** {@code log(1 + e^(-target * input))} for classes 1 and -1, reduced. Source: {@code torch.nn.SoftMarginLoss}. */
public final class SoftMarginLoss extends Module {
    private final String reduction;

    /** Creates the loss with the mean over all elements. */
    public SoftMarginLoss() {
        this("mean");
    }

    /**
     * Creates the loss.
     *
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public SoftMarginLoss(String reduction) {
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.softMarginLoss(input, target, reduction);
    }
}
