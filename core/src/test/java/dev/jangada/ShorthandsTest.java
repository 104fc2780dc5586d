package dev.jangada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** Short forms with the values and types of PyTorch 1.13. */
class ShorthandsTest {
    private final Tensor x = Tensor.of(new float[][] {{1, 4, -2}, {3, 0, 7}});

    @Test
    void numbersOnTheLeft() {
        assertThat(x.rsub(1).toFloatArray()).containsExactly(0, -3, 3, -2, 1, -6);
        assertThat(x.rsub(0.5).select(1, 0).toFloatArray()).containsExactly(-0.5f, -2.5f);
        assertThat(x.select(1, 0).rdiv(2).toFloatArray()).containsExactly(2, 2 / 3f);
        assertThat(x.select(1, 0).rdiv(0.5).toFloatArray()).containsExactly(0.5f, 1 / 6f);
        assertThat(Tensor.arange(3).rsub(1).dtype()).isEqualTo(DType.INT64);
        assertThat(Tensor.arange(3).rsub(1.0).dtype()).isEqualTo(DType.FLOAT32);
    }

    @Test
    void boundsKeepIntegers() {
        Tensor n = Tensor.arange(6);
        assertThat(n.clamp(1, 3).dtype()).isEqualTo(DType.INT64);
        assertThat(n.clamp(1, 3).toLongArray()).containsExactly(1, 1, 2, 3, 3, 3);
        assertThat(n.clampMin(2).toLongArray()).containsExactly(2, 2, 2, 3, 4, 5);
        assertThat(n.clampMax(2).toLongArray()).containsExactly(0, 1, 2, 2, 2, 2);
        assertThat(n.clampMin(0.5).dtype()).isEqualTo(DType.FLOAT32);
        assertThat(x.clampMin(0.5).toFloatArray()).containsExactly(1, 4, 0.5f, 3, 0.5f, 7);
        assertThat(x.clampMax(0.5).toFloatArray()).containsExactly(0.5f, 0.5f, -2, 0.5f, 0, 0.5f);
        Tensor y = x.clone();
        assertThat(y.clamp_(-0.5, 2.5)).isSameAs(y);
        assertThat(y.toFloatArray()).containsExactly(1, 2.5f, -0.5f, 2.5f, 0, 2.5f);
        assertThat(n.clamp_(1, 3).toLongArray()).containsExactly(1, 1, 2, 3, 3, 3);
    }

    @Test
    void oneDimension() {
        assertThat(x.var(0).toFloatArray()).containsExactly(new float[] {2, 8, 40.5f}, within(1e-5f));
        assertThat(x.std(-1).toFloatArray()).containsExactly(new float[] {3, 3.5118847f}, within(1e-6f));
        assertThat(x.gt(0).any(0).toBooleanArray()).containsExactly(true, true, true);
        assertThat(x.gt(0).all(1).toBooleanArray()).containsExactly(false, false);
        assertThatThrownBy(() -> x.std(2)).isInstanceOf(IndexException.class);
    }

    @Test
    void shapes() {
        Tensor image = Tensor.zeros(2, 3, 4, 5);
        assertThat(image.flatten(1).shape()).isEqualTo(Shape.of(2, 60));
        assertThat(image.flatten(-2).shape()).isEqualTo(Shape.of(2, 3, 20));
        assertThat(x.viewAs(Tensor.zeros(3, 2)).shape()).isEqualTo(Shape.of(3, 2));
        assertThat(x.viewAs(Tensor.zeros(6)).sharesStorage(x)).isTrue();
        assertThatThrownBy(() -> x.t().viewAs(Tensor.zeros(6))).isInstanceOf(ShapeException.class);
    }
}
