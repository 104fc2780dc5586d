package dev.jangada.nn.init;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Generator;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class InitTest {
    private static double deviation(Consumer<Tensor> init, long... sizes) {
        Tensor t = Tensor.empty(sizes);
        init.accept(t);
        return t.std().item();
    }

    @Test
    void deviationsFollowTheFans() {
        Generator g = new Generator(3);
        assertThat(deviation(t -> Init.kaimingNormal_(t, 0, "fan_out", "relu", g), 64, 32, 3, 3))
                .isCloseTo(Math.sqrt(2.0 / (64 * 9)), within(0.002));
        assertThat(deviation(t -> Init.kaimingUniform_(t, 0, "fan_in", "tanh", g), 64, 32, 3, 3))
                .isCloseTo(5 / 3.0 / Math.sqrt(32 * 9), within(0.002));
        assertThat(deviation(t -> Init.xavierNormal_(t, 2, g), 100, 300))
                .isCloseTo(2 * Math.sqrt(2.0 / 400), within(0.003));
        Tensor weight = Tensor.empty(4, 3, 2, 2);
        assertThat(Init.fanIn(weight)).isEqualTo(12);
        assertThat(Init.fanOut(weight)).isEqualTo(16);
    }

    @Test
    void gainsArePyTorchs() {
        assertThat(Init.calculateGain("sigmoid")).isEqualTo(1);
        assertThat(Init.calculateGain("relu")).isEqualTo(Math.sqrt(2));
        assertThat(Init.calculateGain("leaky_relu", 0.2)).isEqualTo(Math.sqrt(2 / 1.04));
        assertThat(Init.calculateGain("selu")).isEqualTo(0.75);
        assertThatThrownBy(() -> Init.calculateGain("sine")).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Init.kaimingNormal_(Tensor.empty(2, 2), 0, "fan", "relu", Generator.global()))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("fan_in");
    }

    @Test
    void orthogonalRowsOrColumns() {
        for (long[] sizes : new long[][] {{20, 33}, {33, 20}, {7, 7}, {6, 2, 3, 3}, {1, 4}}) {
            Tensor t = Init.orthogonal_(Tensor.empty(DType.FLOAT64, sizes).requiresGrad_(), 2, new Generator(1));
            Tensor m = t.detach().reshape(sizes[0], -1);
            Tensor small = m.size(0) <= m.size(1) ? m.matmul(m.t()) : m.t().matmul(m);
            double[] product = small.toDoubleArray();
            long n = small.size(0);
            for (int i = 0; i < product.length; i++) {
                assertThat(product[i]).isCloseTo(i % (n + 1) == 0 ? 4 : 0, within(1e-12));
            }
        }
        assertThatThrownBy(() -> Init.orthogonal_(Tensor.ones(3), 1)).isInstanceOf(ShapeException.class);
    }

    @Test
    void identity() {
        assertThat(Init.eye_(Tensor.ones(2, 3)).toFloatArray()).containsExactly(1, 0, 0, 0, 1, 0);
        assertThatThrownBy(() -> Init.eye_(Tensor.ones(3))).isInstanceOf(ShapeException.class);
    }
}
