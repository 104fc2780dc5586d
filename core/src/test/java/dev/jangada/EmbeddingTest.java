package dev.jangada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Rows by number, the row without a gradient, and one-hot rows. */
class EmbeddingTest {
    private final Tensor weight =
            Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2).requiresGrad_();

    @Test
    void gradientsOfRepeatedRowsAddUp() {
        weight.embedding(Tensor.of(new long[] {2, 0, 2})).sum().backward();
        assertThat(weight.grad().toFloatArray()).containsExactly(1, 1, 0, 0, 2, 2);
    }

    @Test
    void paddingRowCountsFromTheEndAndGetsNoGradient() {
        Tensor rows = weight.embedding(Tensor.of(new long[] {2, 0}), -1);
        assertThat(rows.toFloatArray()).containsExactly(5, 6, 1, 2);
        rows.sum().backward();
        assertThat(weight.grad().toFloatArray()).containsExactly(1, 1, 0, 0, 0, 0);
    }

    @Test
    void rowsThatAreNotThereAreRefused() {
        Tensor index = Tensor.of(new long[] {3});
        assertThatThrownBy(() -> weight.embedding(index)).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> weight.embedding(index, 3)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void oneHotRefusesNumbersOutOfRange() {
        assertThat(Tensor.of(new long[] {1}).oneHot(-1).toLongArray()).containsExactly(0, 1);
        assertThatThrownBy(() -> Tensor.of(new long[] {3}).oneHot(3)).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> Tensor.of(new long[] {-1}).oneHot(3)).isInstanceOf(ArgumentException.class);
    }
}
