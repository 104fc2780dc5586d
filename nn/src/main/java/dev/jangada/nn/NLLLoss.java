package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/**
 * Negative log-likelihood of class numbers: {@code -input[target]} of log-probabilities, as {@link LogSoftmax} gives them, reduced.
 *
 * <p>Shapes as in {@link Functional#nllLoss(Tensor, Tensor)}. Source: {@code torch.nn.NLLLoss}.
 */
public final class NLLLoss extends Module {
    private final ClassLossOptions options;

    /** Creates the loss with the mean over all rows. */
    public NLLLoss() {
        this(ClassLossOptions.DEFAULT);
    }

    /** Creates the loss with settings, of which the label smoothing is not used. The class weights become a buffer. */
    public NLLLoss(ClassLossOptions options) {
        Objects.requireNonNull(options, "options is null");
        this.options = options.weight()
                .map(w -> options.withWeight(buffer("weight", w)))
                .orElse(options);
    }

    /** Returns the loss of log-probabilities and class numbers. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.nllLoss(input, target, options);
    }
}
