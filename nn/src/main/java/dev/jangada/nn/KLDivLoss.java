package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** Kullback-Leibler divergence {@code target * (log(target) - input)} of log-probabilities from a target, reduced. Source: {@code torch.nn.KLDivLoss}. */
public final class KLDivLoss extends Module {
    private final boolean logTarget;
    private final String reduction;

    /** Creates the loss with the mean over all elements, logTarget false. */
    public KLDivLoss() {
        this(false, "mean");
    }

    /** Creates the loss with these settings and a reduction: {@code mean}, {@code sum} or {@code none}, or {@code batchmean}. */
    public KLDivLoss(String reduction) {
        this(false, reduction);
    }

    /**
     * Creates the loss.
     *
     * @param logTarget whether the target has log-probabilities too
     * @param reduction {@code mean}, {@code sum} or {@code none}, or {@code batchmean}
     */
    public KLDivLoss(boolean logTarget, String reduction) {
        this.logTarget = logTarget;
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.klDiv(input, target, logTarget, reduction);
    }
}
