package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.ArgumentException;
import dev.jangada.Device;
import dev.jangada.IndexException;
import dev.jangada.Tensor;
import dev.jangada.backend.Availability;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mistakes in values on the device: the exception comes late, but what was called after the mistake has left no trace. */
class FaultsTest {
    private Device cuda;
    private Tensor state;

    @BeforeEach
    void open() {
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
        cuda = Device.of("cuda");
        state = Tensor.of(new float[] {1, 2}).to(cuda);
    }

    private Tensor longs(long... values) {
        return Tensor.of(values).to(cuda);
    }

    private void stateIsUntouchedAndUsable() {
        assertThat(state.toFloatArray()).containsExactly(1, 2);
        state.add_(1);
        assertThat(state.toFloatArray()).containsExactly(2, 3);
    }

    @Test
    void integerDivisionByZero() {
        Tensor quotient = longs(1, 2, 3).floorDivide(longs(1, 0, 2));
        state.add_(1);
        assertThatThrownBy(() -> state.toFloatArray())
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("expected divisors other than 0");
        stateIsUntouchedAndUsable();
        assertThat(quotient.numel()).isEqualTo(3);
    }

    @Test
    void indexOutOfRange() {
        Tensor picked = state.indexSelect(0, longs(0, 7));
        state.add_(picked.sum());
        assertThatThrownBy(cuda::synchronize)
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("expected indices in [0, 2) for dimension 0")
                .hasMessageContaining("got 7");
        stateIsUntouchedAndUsable();
    }

    @Test
    void scatterOutOfRange() {
        state.scatterAdd_(0, longs(1, 2), Tensor.of(new float[] {5, 5}).to(cuda));
        assertThatThrownBy(cuda::synchronize).isInstanceOf(IndexException.class).hasMessageContaining("got 2");
        stateIsUntouchedAndUsable();
    }

    /** Two mistakes are one exception: after the first nothing runs, so the second never happens. */
    @Test
    void theFirstMistakeCounts() {
        Tensor picked = state.indexSelect(0, longs(5));
        Tensor quotient = longs(1).floorDivide(longs(0));
        assertThatThrownBy(cuda::synchronize).isInstanceOf(IndexException.class);
        cuda.synchronize();
        assertThat(picked.numel() + quotient.numel()).isEqualTo(2);
        stateIsUntouchedAndUsable();
    }
}
