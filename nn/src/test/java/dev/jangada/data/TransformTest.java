package dev.jangada.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Generator;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TransformTest {
    private static final Tensor IMAGE =
            Tensor.of(new float[][][] {{{1, 2, 4, 8, 16}, {3, 5, 7, 11, 13}, {0, 1, 0, 1, 0}}});

    @Test
    void normalizeIsByChannel() {
        Tensor x = Tensor.of(new float[][][] {{{1, 3}}, {{10, 20}}});
        Tensor y =
                Transform.normalize(new double[] {1, 10}, new double[] {2, 5}).apply(x);
        assertThat(y.toFloatArray()).containsExactly(0, 1, 0, 2);
        Transform one = Transform.normalize(new double[] {1}, new double[] {0.5});
        assertThat(one.apply(x.to(DType.FLOAT64)).toDoubleArray()).containsExactly(0, 4, 18, 38);
        assertThat(Transform.normalize(new double[] {1, 10}, new double[] {2, 5})
                        .apply(x.unsqueeze(0).repeat(3, 1, 1, 1))
                        .shape())
                .isEqualTo(Shape.of(3, 2, 1, 2));
        assertThatThrownBy(() -> one.apply(x.to(DType.UINT8))).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> Transform.normalize(new double[] {0, 0, 0}, new double[] {1, 1, 1})
                        .apply(x))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Transform.normalize(new double[] {0}, new double[] {0}))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Transform.normalize(new double[] {0, 1}, new double[] {1}))
                .isInstanceOf(ArgumentException.class);
    }

    /** Values of PyTorch's {@code interpolate(mode="bilinear", antialias=True)}. */
    @Test
    void resizeAveragesAndInterpolatesAsPyTorchDoes() {
        assertThat(Transform.resize(2, 3).apply(IMAGE).toFloatArray())
                .containsExactly(
                        new float[] {2.33929f, 5.56944f, 12.4107f, 1.71429f, 3.06944f, 4.82143f}, within(1e-4f));
        assertThat(Transform.resize(5, 7).apply(IMAGE).toFloatArray())
                .containsExactly(
                        new float[] {
                            1f, 1.57143f, 2.57143f, 4f, 6.85714f, 11.4286f, 16f, 1.8f, 2.6f, 3.77143f, 5.2f, 8.05714f,
                            11.6f, 14.8f, 3f, 4.14286f, 5.57143f, 7f, 9.85714f, 11.8571f, 13f, 1.2f, 2f, 2.65714f, 2.8f,
                            4.37143f, 5.08571f, 5.2f, 0f, 0.571429f, 0.714286f, 0f, 0.714286f, 0.571429f, 0f
                        },
                        within(1e-4f));
        assertThat(Transform.resize(1, 2).apply(IMAGE).toFloatArray())
                .containsExactly(new float[] {3f, 7.28571f}, within(1e-4f));
        assertThat(Transform.resize(3, 5).apply(IMAGE).toFloatArray()).containsExactly(IMAGE.toFloatArray());
        assertThat(Transform.resize(6).apply(IMAGE).shape()).isEqualTo(Shape.of(1, 6, 10));
        assertThat(Transform.resize(2).apply(IMAGE.transpose(1, 2)).shape()).isEqualTo(Shape.of(1, 3, 2));
        assertThatThrownBy(() -> Transform.resize(0, 3)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Transform.resize(2).apply(IMAGE.to(DType.UINT8)))
                .isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> Transform.resize(2).apply(Tensor.zeros(3))).isInstanceOf(ShapeException.class);
    }

    @Test
    void centerCropTakesTheMiddleOrFramesIt() {
        assertThat(Transform.centerCrop(1, 3).apply(IMAGE).toFloatArray()).containsExactly(5, 7, 11);
        assertThat(Transform.centerCrop(2, 2).apply(IMAGE).toFloatArray())
                .containsExactly(4, 8, 7, 11); // rounded half to even: row 0, column 2
        Tensor framed = Transform.centerCrop(4, 1).apply(IMAGE);
        assertThat(framed.toFloatArray()).containsExactly(4, 7, 0, 0);
    }

    @Test
    void randomOnesFollowTheirGenerator() {
        Transform crop = Transform.randomCrop(2, 3, 0, new Generator(1));
        Transform same = Transform.randomCrop(2, 3, 0, new Generator(1));
        Set<Float> corners = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            float[] part = crop.apply(IMAGE).toFloatArray();
            assertThat(same.apply(IMAGE).toFloatArray()).containsExactly(part);
            corners.add(part[0]);
        }
        assertThat(corners).containsExactlyInAnyOrder(1f, 2f, 4f, 3f, 5f, 7f);
        assertThat(Transform.randomCrop(5, 7, 1, new Generator(1)).apply(IMAGE).toFloatArray())
                .startsWith(0, 0, 0, 0, 0, 0, 0, 0, 1, 2);
        assertThatThrownBy(() -> Transform.randomCrop(4, 3, 0, new Generator(1)).apply(IMAGE))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Transform.randomCrop(2, 2, -1, new Generator(1)))
                .isInstanceOf(ArgumentException.class);
    }

    @Test
    void flipsAsOftenAsItShould() {
        Transform flip = Transform.randomHorizontalFlip(0.25, new Generator(3));
        int flipped = 0;
        for (int i = 0; i < 400; i++) {
            float first = flip.apply(IMAGE).toFloatArray()[0];
            assertThat(first).isIn(1f, 16f);
            flipped += first == 16 ? 1 : 0;
        }
        assertThat(flipped).isBetween(70, 130);
        assertThat(Transform.randomHorizontalFlip(1, new Generator(3))
                        .apply(IMAGE)
                        .narrow(1, 1, 1)
                        .toFloatArray())
                .containsExactly(13, 11, 7, 5, 3);
        assertThatThrownBy(() -> Transform.randomHorizontalFlip(1.5, new Generator(3)))
                .isInstanceOf(ArgumentException.class);
    }

    @Test
    void composeMakesOneAfterTheOther() {
        Transform all = Transform.compose(Transform.centerCrop(1, 3), x -> x.mul(2), x -> x.add(1));
        assertThat(all.apply(IMAGE).toFloatArray()).containsExactly(11, 15, 23);
        assertThat(Transform.compose().apply(IMAGE).toFloatArray()).containsExactly(IMAGE.toFloatArray());
        assertThat(IMAGE.isClosed()).isFalse();
    }
}
