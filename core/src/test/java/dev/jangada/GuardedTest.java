package dev.jangada;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What happens at infinities, NaN and ties, and which old values an operation in place keeps for its gradient. */
class GuardedTest {
    private static final float INF = Float.POSITIVE_INFINITY;

    private static Tensor of(float... data) {
        return Tensor.of(data);
    }

    @Test
    void logaddexpDoesNotOverflow() {
        Tensor y = of(1000, -INF, INF, 0).logaddexp(of(1000, -INF, INF, -INF));
        assertThat(y.toFloatArray()).containsExactly(1000 + (float) Math.log(2), -INF, INF, 0);
    }

    @Test
    void nanBoundsOfClampAreNone() {
        Tensor x = of(-3, 0, 3);
        assertThat(x.clamp(Scalar.of(Double.NaN), Scalar.of(1.0)).toFloatArray())
                .containsExactly(-3, 0, 1);
        assertThatThrownBy(() -> x.clamp((Scalar) null, (Scalar) null)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void closenessHasRelativeAndAbsoluteParts() {
        Tensor a = of(1, 100, Float.NaN, INF, INF);
        Tensor b = of(1.05f, 101, Float.NaN, INF, -INF);
        assertThat(a.isclose(b, 0.01, 0, false).toBooleanArray()).containsExactly(false, true, false, true, false);
        assertThat(a.isclose(b, 0, 0.1, true).toBooleanArray()).containsExactly(true, false, true, true, false);
        assertThat(a.allclose(b)).isFalse();
        assertThat(a.equal(a)).isFalse();
        assertThat(b.select(0, 0).equal(b.select(0, 0))).isTrue();
        assertThatThrownBy(() -> a.isclose(b.to(DType.FLOAT64))).isInstanceOf(DTypeException.class);
    }

    @Test
    void roundTakesDecimalPlaces() {
        assertThat(of(25.534f, -53.275f).round(1).toFloatArray()).containsExactly(25.5f, -53.3f);
        assertThat(of(112.8f, 25).round(-1).toFloatArray()).containsExactly(110, 20);
    }

    @Test
    void nanToNumKeepsNumbers() {
        Tensor y = of(Float.NaN, INF, -INF, 2).nanToNum(7, 8, 9);
        assertThat(y.toFloatArray()).containsExactly(7, 8, 9, 2);
        assertThat(of(INF).to(DType.FLOAT16).nanToNum().item()).isEqualTo(65504);
    }

    @Test
    void operationInPlaceKeepsTheOldValueForGradients() {
        Tensor x = of(2, 3).requiresGrad_();
        Tensor w = of(5, 7).requiresGrad_();
        Tensor y = x.clone();
        y.mul_(w).pow_(2.0);
        y.sum().backward();
        assertThat(x.grad().toFloatArray()).containsExactly(2 * 2 * 25, 2 * 3 * 49);
        assertThat(w.grad().toFloatArray()).containsExactly(2 * 5 * 4, 2 * 7 * 9);
    }

    @Test
    void overwrittenValuesGetZeroGradients() {
        Tensor x = of(2, 3).requiresGrad_();
        Tensor source = of(1, 1).requiresGrad_();
        x.clone().copy_(source).sum().backward();
        assertThat(x.grad().toFloatArray()).containsExactly(0, 0);
        assertThat(source.grad().toFloatArray()).containsExactly(1, 1);
    }

    @Test
    void quotientOfIntegersInAddcdivIsRefused() {
        Tensor n = Tensor.of(new int[] {1, 2});
        assertThatThrownBy(() -> n.addcdiv(n, n, Scalar.of(1L))).isInstanceOf(DTypeException.class);
    }
}
