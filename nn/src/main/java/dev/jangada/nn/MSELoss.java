package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** Squared error: {@code (input - target)^2}, reduced; the shapes broadcast. Source: {@code torch.nn.MSELoss}. */
public final class MSELoss extends Module {
    private final String reduction;

    /** Creates the loss with the mean over all elements. */
    public MSELoss() {
        this("mean");
    }

    /** Creates the loss with a reduction: {@code mean}, {@code sum} or {@code none}. */
    public MSELoss(String reduction) {
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss of a prediction and its target. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.mseLoss(input, target, reduction);
    }
}
