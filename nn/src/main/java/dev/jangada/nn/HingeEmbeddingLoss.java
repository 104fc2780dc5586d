package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** The input for class 1 and {@code max(0, margin - input)} for class -1, reduced. Source: {@code torch.nn.HingeEmbeddingLoss}. */
public final class HingeEmbeddingLoss extends Module {
    private final double margin;
    private final String reduction;

    /** Creates the loss with the mean over all elements, margin 1. */
    public HingeEmbeddingLoss() {
        this(1, "mean");
    }

    /** Creates the loss with these settings and a reduction: {@code mean}, {@code sum} or {@code none}. */
    public HingeEmbeddingLoss(String reduction) {
        this(1, reduction);
    }

    /**
     * Creates the loss.
     *
     * @param margin distance from which class -1 costs nothing
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public HingeEmbeddingLoss(double margin, String reduction) {
        this.margin = margin;
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.hingeEmbeddingLoss(input, target, margin, reduction);
    }
}
