package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** {@code 1 - cos} for class 1 and {@code max(0, cos - margin)} for class -1, reduced. Source: {@code torch.nn.CosineEmbeddingLoss}. */
public final class CosineEmbeddingLoss extends Module {
    private final double margin;
    private final String reduction;

    /** Creates the loss with the mean over all elements, margin 0. */
    public CosineEmbeddingLoss() {
        this(0, "mean");
    }

    /** Creates the loss with these settings and a reduction: {@code mean}, {@code sum} or {@code none}. */
    public CosineEmbeddingLoss(String reduction) {
        this(0, reduction);
    }

    /**
     * Creates the loss.
     *
     * @param margin cosine up to which class -1 costs nothing
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public CosineEmbeddingLoss(double margin, String reduction) {
        this.margin = margin;
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor input1, Tensor input2, Tensor target) {
        return Functional.cosineEmbeddingLoss(input1, input2, target, margin, reduction);
    }
}
