package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Objects;
import java.util.Optional;

/**
 * Binary cross-entropy of probabilities: {@code -target log(input) - (1 - target) log(1 - input)}, reduced; logarithms are at least -100.
 *
 * <p>Asks the device whether inputs are in [0, 1], except in a captured program, which looks at no values: there an input below 0 or above
 * 1 gives NaN. {@link BCEWithLogitsLoss} needs no such check, and is more accurate. Source: {@code torch.nn.BCELoss}.
 */
public final class BCELoss extends Module {
    private final Optional<Tensor> weight;
    private final String reduction;

    /** Creates the loss with the mean over all elements. */
    public BCELoss() {
        this("mean");
    }

    /** Creates the loss with a reduction: {@code mean}, {@code sum} or {@code none}. */
    public BCELoss(String reduction) {
        this.weight = Optional.empty();
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Creates the loss with factors that broadcast to the input, which become a buffer. */
    public BCELoss(Tensor weight, String reduction) {
        this.weight = Optional.of(buffer("weight", weight));
        this.reduction = Objects.requireNonNull(reduction, "reduction is null");
    }

    /** Returns the loss of probabilities and targets in [0, 1]. */
    public Tensor forward(Tensor input, Tensor target) {
        return Functional.binaryCrossEntropy(input, target, weight.orElse(null), reduction);
    }
}
