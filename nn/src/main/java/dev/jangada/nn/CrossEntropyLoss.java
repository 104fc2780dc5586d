package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;

/**
 * Cross-entropy between class scores and targets: {@code -logSoftmax(input)[target]}, reduced.
 *
 * <p>Shapes as in {@link Functional#crossEntropy(Tensor, Tensor)}. Source: {@code torch.nn.CrossEntropyLoss}.
 */
public final class CrossEntropyLoss extends Module {
    private final ClassLossOptions options;

    /** Creates the loss with the mean over all rows. */
    public CrossEntropyLoss() {
        this(ClassLossOptions.DEFAULT);
    }

    /** Creates the loss with settings. The class weights become a buffer and move with the module. */
    public CrossEntropyLoss(ClassLossOptions options) {
        Objects.requireNonNull(options, "options is null");
        this.options = options.weight()
                .map(w -> options.withWeight(buffer("weight", w)))
                .orElse(options);
    }

    /** Returns the loss of scores and class numbers or probabilities. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.crossEntropy(input, target, options);
    }
}
