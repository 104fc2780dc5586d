package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;
import java.util.Optional;

/**
 * Margin between the score of the right class and each other one: {@code sum(max(0, margin - input[target] + input[i])^p) / C}, reduced.
 *
 * <p>Shapes as in {@link Functional#multiMarginLoss(Tensor, Tensor)}. Source: {@code torch.nn.MultiMarginLoss}.
 */
public final class MultiMarginLoss extends Module {
    private final long p;
    private final double margin;
    private final Optional<Tensor> weight;
    private final String reduction;

    /** Creates the loss with p 1, margin 1 and the mean over all rows. */
    public MultiMarginLoss() {
        this(1, 1, Optional.empty(), "mean");
    }

    /**
     * Creates the loss.
     *
     * @param p 1 or 2
     * @param margin difference of scores that costs nothing
     * @param weight one factor per class; becomes a buffer
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public MultiMarginLoss(long p, double margin, Optional<Tensor> weight, String reduction) {
        this.p = p;
        this.margin = margin;
        this.weight = weight.map(w -> buffer("weight", w));
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss of scores and class numbers. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.multiMarginLoss(input, target, p, margin, weight.orElse(null), reduction);
    }
}
