package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.Optional;

/**
 * Settings of the losses of class scores.
 *
 * @param weight one weight per class, shape {@code [C]}; empty: all 1
 * @param ignoreIndex class number of rows that do not count, default -100
 * @param reduction {@code mean} (over the weights of the rows that count), {@code sum} or {@code none}
 * @param labelSmoothing share in [0, 1] of each target that is spread evenly over all classes; cross-entropy only
 */
public record ClassLossOptions(Optional<Tensor> weight, long ignoreIndex, String reduction, double labelSmoothing) {
    /** PyTorch's defaults. */
    public static final ClassLossOptions DEFAULT = new ClassLossOptions(Optional.empty(), -100, "mean", 0);

    /** Returns these settings with one weight per class. */
    public ClassLossOptions withWeight(Tensor value) {
        return new ClassLossOptions(Optional.of(value), ignoreIndex, reduction, labelSmoothing);
    }

    /** Returns these settings with the class number of rows that do not count. */
    public ClassLossOptions withIgnoreIndex(long value) {
        return new ClassLossOptions(weight, value, reduction, labelSmoothing);
    }

    /** Returns these settings with a reduction: {@code mean}, {@code sum} or {@code none}. */
    public ClassLossOptions withReduction(String value) {
        return new ClassLossOptions(weight, ignoreIndex, value, labelSmoothing);
    }

    /** Returns these settings with a label smoothing. */
    public ClassLossOptions withLabelSmoothing(double value) {
        return new ClassLossOptions(weight, ignoreIndex, reduction, value);
    }
}
