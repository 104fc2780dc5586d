package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;
import java.util.Optional;

/** Binary cross-entropy of {@code sigmoid(input)}, computed without overflow, reduced. Source: {@code torch.nn.BCEWithLogitsLoss}. */
public final class BCEWithLogitsLoss extends Module {
    private final Optional<Tensor> weight;
    private final Optional<Tensor> posWeight;
    private final String reduction;

    /** Creates the loss with the mean over all elements. */
    public BCEWithLogitsLoss() {
        this("mean");
    }

    /** Creates the loss with a reduction: {@code mean}, {@code sum} or {@code none}. */
    public BCEWithLogitsLoss(String reduction) {
        this(Optional.empty(), Optional.empty(), reduction);
    }

    /**
     * Creates the loss with factors, which become buffers.
     *
     * @param weight factors of all terms that broadcast to the input
     * @param posWeight factors of the terms of positive targets that broadcast to the input
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public BCEWithLogitsLoss(Optional<Tensor> weight, Optional<Tensor> posWeight, String reduction) {
        this.weight = weight.map(w -> buffer("weight", w));
        this.posWeight = posWeight.map(w -> buffer("pos_weight", w));
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss of scores and targets in [0, 1]. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.binaryCrossEntropyWithLogits(
                input, target, weight.orElse(null), posWeight.orElse(null), reduction);
    }
}
