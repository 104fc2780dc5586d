package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClipGradTest {
    private static Tensor withGrad(float... grad) {
        Tensor p = Tensor.zeros(grad.length).requiresGrad_();
        p.setGrad(Tensor.of(grad, grad.length));
        return p;
    }

    @Test
    void allGradientsShrinkByOneFactor() {
        Tensor a = withGrad(3, 0);
        Tensor b = withGrad(4);
        Tensor without = Tensor.zeros(1).requiresGrad_();
        Tensor norm = ClipGrad.clipGradNorm_(List.of(a, without, b), 1);
        assertThat(norm.item()).isCloseTo(5, within(1e-6));
        assertThat(a.grad().toFloatArray()[0]).isCloseTo(0.6f, within(1e-6f));
        assertThat(b.grad().toFloatArray()[0]).isCloseTo(0.8f, within(1e-6f));
        assertThat(without.hasGrad()).isFalse();
    }

    @Test
    void smallGradientsStay() {
        Tensor a = withGrad(0.3f, -0.25f);
        ClipGrad.clipGradNorm_(List.of(a), 1, Double.POSITIVE_INFINITY);
        assertThat(a.grad().toFloatArray()).containsExactly(0.3f, -0.25f);
    }

    @Test
    void nonfiniteNormIsAnErrorIfWanted() {
        Tensor a = withGrad(1, Float.NaN);
        assertThatThrownBy(() -> ClipGrad.clipGradNorm_(List.of(a), 1, 2, true))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("NaN");
        assertThat(a.grad().toFloatArray()[0]).isEqualTo(1);
        assertThat(ClipGrad.clipGradNorm_(List.of(a), 1).item()).isNaN();
        assertThat(a.grad().toFloatArray()[0]).isNaN();
    }

    @Test
    void nothingToClip() {
        Tensor none = Tensor.zeros(1).requiresGrad_();
        assertThat(ClipGrad.clipGradNorm_(List.of(none), 1).item()).isZero();
        ClipGrad.clipGradValue_(List.of(none), 1);
        assertThat(none.hasGrad()).isFalse();
    }

    @Test
    void elementsAreCut() {
        Tensor a = withGrad(3, -0.5f, -7);
        ClipGrad.clipGradValue_(List.of(a), 1);
        assertThat(a.grad().toFloatArray()).containsExactly(1, -0.5f, -1);
        assertThatThrownBy(() -> ClipGrad.clipGradValue_(List.of(a), -1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> ClipGrad.clipGradValue_(List.of(a), Double.NaN))
                .isInstanceOf(ArgumentException.class);
    }
}
