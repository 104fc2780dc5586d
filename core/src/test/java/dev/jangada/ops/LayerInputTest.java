package dev.jangada.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Generator;
import dev.jangada.IndexException;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import org.junit.jupiter.api.Test;

/** Convolution, pooling, resizing and sampling at and beyond the edges of what they accept. */
class LayerInputTest {
    private static final long[] ONE = {1};
    private static final long[] ZERO = {0};

    private static Tensor conv(Tensor x, Tensor w, long stride, long padding, long dilation, long groups) {
        long[] p = {padding};
        return Convolution.convolution("conv", x, w, null, new long[] {stride}, p, p, new long[] {dilation}, groups);
    }

    @Test
    void convolutionsThatCannotBeAreRefused() {
        Tensor x = Tensor.ones(1, 4, 5, 5);
        Tensor w = Tensor.ones(2, 4, 3, 3);
        assertThatThrownBy(() -> conv(x.narrow(1, 0, 3), w, 1, 0, 1, 1))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("4 channels");
        assertThatThrownBy(() -> conv(x, Tensor.ones(2, 4, 6, 3), 1, 0, 1, 1))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("smaller kernel");
        assertThatThrownBy(() -> conv(x, w, 1, 0, 3, 1)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> conv(x, w, 0, 0, 1, 1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> conv(x, w, 1, -1, 1, 1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> conv(x, w, 1, 0, 0, 1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> conv(x, w, 1, 0, 1, 0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> conv(x, Tensor.ones(3, 2, 3, 3), 1, 0, 1, 2)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> conv(Tensor.ones(5, 5), w, 1, 0, 1, 1)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> conv(x.to(DType.FLOAT64), w, 1, 0, 1, 1)).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> conv(x.to(DType.INT32), w.to(DType.INT32), 1, 0, 1, 1))
                .isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> Convolution.transposed(
                        "convTranspose", x, Tensor.ones(4, 1, 3, 3), null, ONE, ZERO, ONE, ONE, 1))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("output padding");
    }

    @Test
    void emptyBatchesPass() {
        Tensor x = Tensor.ones(0, 2, 5, 5).requiresGrad_();
        Tensor w = Tensor.ones(3, 2, 3, 3).requiresGrad_();
        Tensor y = conv(x, w, 1, 1, 1, 1);
        assertThat(y.shape()).isEqualTo(Shape.of(0, 3, 5, 5));
        y.sum().backward();
        assertThat(w.grad().toFloatArray()).containsOnly(0);
        assertThat(x.grad().shape()).isEqualTo(x.shape());
        Tensor p = Pooling.max(Pooling.windows("maxPool2d", 2, x, new long[] {2}, new long[0], ZERO, ONE, false), x);
        assertThat(p.shape()).isEqualTo(Shape.of(0, 2, 2, 2));
        p.sum().backward();
    }

    @Test
    void largeBatchesInPiecesEqualEachElementAlone() {
        Tensor x =
                Tensor.randn(new Generator(1), 40, 8, 20, 20).to(DType.FLOAT64).requiresGrad_();
        Tensor w = Tensor.randn(new Generator(2), 6, 8, 3, 3).to(DType.FLOAT64).requiresGrad_();
        Tensor y = conv(x, w, 1, 1, 1, 1); // 40 * 8 * 9 * 400 elements of columns: three pieces
        Tensor g = Tensor.randn(new Generator(3), 40, 6, 20, 20).to(DType.FLOAT64);
        y.backward(g);
        double[] ofWeight = w.grad().toDoubleArray();
        double[] ofInput = x.grad().toDoubleArray();
        Tensor again = w.detach().requiresGrad_();
        int at = 0;
        for (int i = 0; i < 40; i++) {
            Tensor one = x.detach().narrow(0, i, 1).clone().requiresGrad_();
            Tensor alone = conv(one, again, 1, 1, 1, 1);
            assertThat(alone.sub(y.detach().narrow(0, i, 1)).abs().max().item()).isLessThan(1e-10);
            alone.backward(g.narrow(0, i, 1));
            for (double v : one.grad().toDoubleArray()) {
                assertThat(ofInput[at++]).isCloseTo(v, within(1e-10));
            }
        }
        double[] sum = again.grad().toDoubleArray();
        for (int i = 0; i < sum.length; i++) {
            assertThat(ofWeight[i]).isCloseTo(sum[i], within(1e-9));
        }
    }

    @Test
    void halfPrecisionAccumulatesInFloat() {
        Tensor x = Tensor.ones(DType.FLOAT16, 1, 64, 8, 8).requiresGrad_();
        Tensor w = Tensor.full(new long[] {1, 64, 3, 3}, 1 / 1024.0)
                .to(DType.FLOAT16)
                .requiresGrad_();
        Tensor y = conv(x, w, 1, 0, 1, 1);
        assertThat(y.to(DType.FLOAT32).toFloatArray()).containsOnly(576 / 1024f);
        y.sum().backward();
        assertThat(x.grad().dtype()).isEqualTo(DType.FLOAT16);
        assertThat(w.grad().to(DType.FLOAT32).toFloatArray()).containsOnly(36);
        Tensor same = Tensor.full(new long[] {1, 1, 64, 64}, 1000.0).to(DType.FLOAT16);
        Tensor mean = Pooling.mean(
                Pooling.windows("avgPool2d", 2, same, new long[] {64}, ONE, ZERO, ONE, false), same, true, 0);
        assertThat(mean.to(DType.FLOAT32).item()).isEqualTo(1000);
    }

    @Test
    void poolingThatCannotBeIsRefused() {
        Tensor x = Tensor.ones(1, 2, 4, 4);
        long[] two = {2};
        long[] none = {};
        assertThatThrownBy(() ->
                        Pooling.max(Pooling.windows("maxPool2d", 2, x, new long[] {5}, none, ZERO, ONE, false), x))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Pooling.max(Pooling.windows("maxPool2d", 2, x, two, none, two, ONE, false), x))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("half");
        assertThatThrownBy(() -> Pooling.max(Pooling.windows("maxPool2d", 2, x, ZERO, none, ZERO, ONE, false), x))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Pooling.max(
                        Pooling.windows("maxPool2d", 2, Tensor.ones(4, 4), two, none, ZERO, ONE, false),
                        Tensor.ones(4, 4)))
                .isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> Pooling.max(
                        Pooling.windows("maxPool2d", 2, x.to(DType.INT64), two, none, ZERO, ONE, false),
                        x.to(DType.INT64)))
                .isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> AdaptivePooling.mean("adaptiveAvgPool2d", 2, x, 0))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Resampling.interpolate(x, new long[] {2, 2}, new double[2], "cubic", false))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("bilinear");
    }

    @Test
    void notANumberWinsInMaxPooling() {
        Tensor x = Tensor.of(new float[] {1, Float.NaN, 2, 3})
                .reshape(1, 4)
                .detach()
                .requiresGrad_();
        Tensor y = Pooling.max(Pooling.windows("maxPool1d", 1, x, new long[] {2}, new long[0], ZERO, ONE, false), x);
        assertThat(y.toFloatArray()).containsExactly(Float.NaN, 3);
        y.backward(Tensor.ones(1, 2));
        assertThat(x.grad().toFloatArray()).containsExactly(0, 1, 0, 1);
    }

    @Test
    void specialFunctionsAreAccurate() {
        double[] x = {0.5, 1.5, 10, 1e-10, -0.5, -2.25, 100};
        double[] logGamma = {
            0.5723649429247001,
            -0.12078223763524522,
            12.801827480081469,
            23.025850929882735,
            1.2655121234846454,
            0.5555015450206473,
            359.1342053695754
        };
        double[] actual = Tensor.of(x).lgamma().toDoubleArray();
        for (int i = 0; i < x.length; i++) {
            assertThat(actual[i])
                    .as("lgamma(%s)", x[i])
                    .isCloseTo(logGamma[i], within(1e-13 * Math.max(1, Math.abs(logGamma[i]))));
        }
        assertThat(Tensor.of(new double[] {1}).digamma().item()).isCloseTo(-0.5772156649015329, within(1e-15));
        assertThat(Tensor.of(new double[] {-0.5}).digamma().item()).isCloseTo(0.03648997397857652, within(1e-14));
        for (double p : new double[] {1e-300, 1e-9, 0.3, 0.5, 0.999999, 1 - 1e-15, -0.7}) {
            double y = Tensor.of(new double[] {p}).erfinv().item();
            assertThat(Tensor.of(new double[] {y}).erf().item())
                    .as("erf(erfinv(%s))", p)
                    .isCloseTo(p, within(2e-16));
        }
    }

    @Test
    void multinomialFollowsTheWeights() {
        Generator g = new Generator(4);
        Tensor weights = Tensor.of(new float[] {0, 2, 6, 0, 2});
        long[] counts = new long[5];
        for (long i : weights.multinomial(10_000, true, g).toLongArray()) {
            counts[(int) i]++;
        }
        assertThat(counts[0] + counts[3]).isZero();
        assertThat(counts[1]).isBetween(1_850L, 2_150L);
        assertThat(counts[2]).isBetween(5_800L, 6_200L);
        for (int i = 0; i < 20; i++) {
            assertThat(weights.multinomial(3, false, g).toLongArray()).containsExactlyInAnyOrder(1, 2, 4);
        }
        assertThat(Tensor.ones(7, 4).multinomial(2, false, g).shape()).isEqualTo(Shape.of(7, 2));
        assertThatThrownBy(() -> weights.multinomial(4, false, g)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> weights.multinomial(6, false, g)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> weights.multinomial(0, true, g)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Tensor.of(new float[] {1, -1}).multinomial(1, true, g))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("weights >= 0");
        assertThatThrownBy(() -> Tensor.zeros(3).multinomial(1, true, g)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Tensor.ones(DType.INT64, 3).multinomial(1, true, g))
                .isInstanceOf(DTypeException.class);
    }
}
