package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** Negative log-likelihood of a normal distribution: {@code (log(v) + (input - target)^2 / v) / 2} with {@code v = max(var, eps)}, reduced. Source: {@code torch.nn.GaussianNLLLoss}. */
public final class GaussianNLLLoss extends Module {
    private final boolean full;
    private final double eps;
    private final String reduction;

    /** Creates the loss with the mean over all elements, full false, eps 1e-6. */
    public GaussianNLLLoss() {
        this(false, 1e-6, "mean");
    }

    /** Creates the loss with these settings and a reduction: {@code mean}, {@code sum} or {@code none}. */
    public GaussianNLLLoss(String reduction) {
        this(false, 1e-6, reduction);
    }

    /**
     * Creates the loss.
     *
     * @param full whether to add the constant
     * @param eps least variance
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public GaussianNLLLoss(boolean full, double eps, String reduction) {
        this.full = full;
        this.eps = eps;
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor input, Tensor target, Tensor var) {
        return Functional.gaussianNllLoss(input, target, var, full, eps, reduction);
    }
}
