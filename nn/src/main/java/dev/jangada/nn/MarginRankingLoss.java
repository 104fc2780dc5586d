package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** {@code max(0, -target * (input1 - input2) + margin)}, reduced. Source: {@code torch.nn.MarginRankingLoss}. */
public final class MarginRankingLoss extends Module {
    private final double margin;
    private final String reduction;

    /** Creates the loss with the mean over all elements, margin 0. */
    public MarginRankingLoss() {
        this(0, "mean");
    }

    /** Creates the loss with these settings and a reduction: {@code mean}, {@code sum} or {@code none}. */
    public MarginRankingLoss(String reduction) {
        this(0, reduction);
    }

    /**
     * Creates the loss.
     *
     * @param margin least difference that costs nothing
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public MarginRankingLoss(double margin, String reduction) {
        this.margin = margin;
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor input1, Tensor input2, Tensor target) {
        return Functional.marginRankingLoss(input1, input2, target, margin, reduction);
    }
}
