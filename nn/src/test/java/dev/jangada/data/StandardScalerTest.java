package dev.jangada.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import org.junit.jupiter.api.Test;

class StandardScalerTest {
    private static final Tensor X = Tensor.of(new float[][] {{1, 0.1f, -5}, {2, 0.1f, 0}, {6, 0.1f, 5}});

    @Test
    void featuresGetMeanZeroAndVarianceOne() {
        StandardScaler scaler = new StandardScaler().fit(X);
        assertThat(scaler.mean().dtype()).isEqualTo(DType.FLOAT64);
        assertThat(scaler.mean().toDoubleArray()).containsExactly(new double[] {3, 0.1f, 0}, within(1e-12));
        double[] expected = {Math.sqrt(14 / 3.0), 1, Math.sqrt(50 / 3.0)};
        assertThat(scaler.scale().toDoubleArray()).containsExactly(expected, within(1e-12));
        Tensor y = scaler.transform(X);
        assertThat(y.dtype()).isEqualTo(DType.FLOAT32);
        int[] rows = {0};
        assertThat(y.mean(0).toFloatArray()).containsExactly(new float[3], within(1e-6f));
        assertThat(y.var(rows, 0, false).toFloatArray()).containsExactly(new float[] {1, 0, 1}, within(1e-6f));
        assertThat(scaler.inverseTransform(y).toFloatArray()).containsExactly(X.toFloatArray(), within(1e-6f));
    }

    /** 0.1 is no binary fraction, so the mean of many of them is not quite 0.1. */
    @Test
    void constantFeatureBecomesZeroHoweverItRounds() {
        Tensor x = Tensor.full(new long[] {1_000, 1}, 0.1, DType.FLOAT64);
        StandardScaler scaler = new StandardScaler();
        double[] y = scaler.fitTransform(x).toDoubleArray();
        assertThat(scaler.scale().toDoubleArray()).containsExactly(1);
        assertThat(y[0]).isCloseTo(0, within(1e-12));
    }

    @Test
    void stateOutlivesTheScopeItWasMadeIn() {
        StandardScaler scaler = new StandardScaler();
        try (TensorScope scope = new TensorScope()) {
            scaler.fit(Tensor.of(new long[] {1, 3}));
        }
        Tensor y = scaler.transform(Tensor.of(new long[] {2, 5}));
        assertThat(y.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(y.toFloatArray()).containsExactly(0, 3);
        assertThat(scaler.mean().shape()).isEqualTo(Shape.of());
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() {
        StandardScaler scaler = new StandardScaler();
        assertThatThrownBy(() -> scaler.transform(X)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(scaler::mean).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> scaler.fit(Tensor.zeros(0, 3))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> scaler.fit(Tensor.scalar(1.0))).isInstanceOf(ShapeException.class);
        scaler.fit(X);
        Tensor nan = Tensor.of(new float[][] {{1, Float.NaN, 2}});
        assertThatThrownBy(() -> scaler.fit(nan)).isInstanceOf(ArgumentException.class);
        assertThat(scaler.mean().toDoubleArray()[0]).isEqualTo(3);
        assertThatThrownBy(() -> scaler.transform(Tensor.zeros(2, 4)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[3]");
        assertThatThrownBy(() -> scaler.inverseTransform(Tensor.zeros(3))).isInstanceOf(ShapeException.class);
    }
}
