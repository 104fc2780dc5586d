package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** {@code max(0, d(anchor, positive) - d(anchor, negative) + margin)}, reduced. Source: {@code torch.nn.TripletMarginLoss}. */
public final class TripletMarginLoss extends Module {
    private final double margin;
    private final double p;
    private final double eps;
    private final boolean swap;
    private final String reduction;

    /** Creates the loss with the mean over all elements, margin 1, p 2, eps 1e-6, swap false. */
    public TripletMarginLoss() {
        this(1, 2, 1e-6, false, "mean");
    }

    /** Creates the loss with these settings and a reduction: {@code mean}, {@code sum} or {@code none}. */
    public TripletMarginLoss(String reduction) {
        this(1, 2, 1e-6, false, reduction);
    }

    /**
     * Creates the loss.
     *
     * @param margin least difference of the distances that costs nothing
     * @param p order of the norm
     * @param eps added to the differences
     * @param swap whether to take the distance of positive and negative if it is smaller
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public TripletMarginLoss(double margin, double p, double eps, boolean swap, String reduction) {
        this.margin = margin;
        this.p = p;
        this.eps = eps;
        this.swap = swap;
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor anchor, Tensor positive, Tensor negative) {
        return Functional.tripletMarginLoss(anchor, positive, negative, margin, p, eps, swap, reduction);
    }
}
