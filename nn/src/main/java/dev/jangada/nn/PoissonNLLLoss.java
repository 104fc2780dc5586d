package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/** Negative log-likelihood of counts: {@code e^input - target * input}, or without logarithm {@code input - target * log(input + eps)}, reduced. Source: {@code torch.nn.PoissonNLLLoss}. */
public final class PoissonNLLLoss extends Module {
    private final boolean logInput;
    private final boolean full;
    private final double eps;
    private final String reduction;

    /** Creates the loss with the mean over all elements, logInput true, full false, eps 1e-8. */
    public PoissonNLLLoss() {
        this(true, false, 1e-8, "mean");
    }

    /** Creates the loss with these settings and a reduction: {@code mean}, {@code sum} or {@code none}. */
    public PoissonNLLLoss(String reduction) {
        this(true, false, 1e-8, reduction);
    }

    /**
     * Creates the loss.
     *
     * @param logInput whether the input is the logarithm of the rate
     * @param full whether to add Stirling's terms
     * @param eps added within the logarithm
     * @param reduction {@code mean}, {@code sum} or {@code none}
     */
    public PoissonNLLLoss(boolean logInput, boolean full, double eps, String reduction) {
        this.logInput = logInput;
        this.full = full;
        this.eps = eps;
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.poissonNllLoss(input, target, logInput, full, eps, reduction);
    }
}
