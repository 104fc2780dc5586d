package dev.jangada.examples;

import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.data.Batch;
import dev.jangada.data.DataLoader;
import dev.jangada.data.TensorDataset;
import java.util.function.UnaryOperator;

/** What the lessons on digits have in common. */
final class Digits {
    private Digits() {}

    /**
     * Returns the share of the images whose digit has the largest score.
     *
     * @param scores the model, from images as the data have them {@code [B, H, W]} to scores {@code [B, 10]}
     */
    static double accuracy(UnaryOperator<Tensor> scores, TensorDataset data) {
        long right = 0;
        for (Batch batch : new DataLoader<>(data, DataLoader.Options.of(500))) {
            try (batch;
                    TensorScope scope = new TensorScope();
                    Autograd.Mode off = Autograd.noGrad()) {
                Tensor digits = scores.apply(batch.get(0)).argmax(1);
                right += digits.eq(batch.get(1)).sum().itemLong();
            }
        }
        return (double) right / data.size();
    }
}
