package dev.jangada.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.AutogradException;
import dev.jangada.DType;
import dev.jangada.Generator;
import dev.jangada.IndexException;
import dev.jangada.PrintOptions;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Creating, moving, joining, drawing and printing tensors. */
public abstract class MovementConformance extends TensorConformance {
    private static final double SMALL = 1e-6;

    /** Creates the tests. */
    protected MovementConformance() {}

    private static Tensor matrix() {
        return Tensor.arange(0.0, 6.0, 1.0, DType.FLOAT64).reshape(2, 3);
    }

    // ---- in and out

    @Test
    void arraysAndBuffersRoundTrip() {
        float[] data = {1.5f, -2, Float.NaN};
        assertThat(Tensor.of(data).toFloatArray()).isEqualTo(data);
        long[] wide = {Long.MIN_VALUE, (1L << 53) + 1};
        assertThat(Tensor.of(wide).toLongArray()).isEqualTo(wide);
        assertThat(Tensor.of(wide).select(0, 1).itemLong()).isEqualTo(wide[1]);
        byte[] bytes = {-1, 1};
        assertThat(Tensor.of(bytes, DType.UINT8).toLongArray()).containsExactly(255, 1);
        ByteBuffer buffer = Tensor.of(data).toBuffer();
        assertThat(Tensor.fromBuffer(buffer, DType.FLOAT32, 3, 1).toFloatArray())
                .isEqualTo(data);
        ByteBuffer wrong = ByteBuffer.allocate(8).order(ByteOrder.BIG_ENDIAN);
        assertThatThrownBy(() -> Tensor.fromBuffer(wrong, DType.FLOAT32)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Tensor.of(data, 2, 2)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Tensor.of(data).item()).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Tensor.of(new float[][] {{1, 2}, {3}})).isInstanceOf(ArgumentException.class);
    }

    @Test
    void largeArraysPassInPieces() {
        double[] data = new double[300_001];
        Arrays.setAll(data, i -> i);
        assertThat(Tensor.of(data).toDoubleArray()).isEqualTo(data);
        assertThat(Tensor.of(data).reshape(300_001, 1).t().toDoubleArray()).isEqualTo(data);
    }

    @Test
    void rangesEndWhereTheyShould() {
        assertThat(Tensor.arange(5, 0, -2).toLongArray()).containsExactly(5, 3, 1);
        assertThat(Tensor.linspace(3, 1, 1).toFloatArray()).containsExactly(3);
        float[] line = Tensor.linspace(0.1, 0.7, 1001).toFloatArray();
        assertThat(line[0]).isEqualTo(0.1f);
        assertThat(line[1000]).isEqualTo(0.7f);
        assertThatThrownBy(() -> Tensor.arange(0, 5, 0)).isInstanceOf(ArgumentException.class);
    }

    // ---- movement

    @Test
    void viewsShareMemory() {
        Tensor x = Tensor.zeros(2, 3, 4);
        List<Tensor> views = List.of(
                x.flatten(),
                x.movedim(0, 2),
                x.slice(2, 1, 9, 2),
                x.unfold(1, 2, 1),
                x.diagonal(1, 0, 2),
                x.mT(),
                x.chunk(2, 2)[1],
                x.unbind(0)[1],
                x.asStrided(new long[] {2}, new long[] {5}, 3));
        for (Tensor v : views) {
            assertThat(v.sharesStorage(x)).isTrue();
        }
        for (Tensor copy : List.of(x.flip(0), x.roll(1, 0), x.repeat(1, 1, 1), x.tril())) {
            assertThat(copy.sharesStorage(x)).isFalse();
        }
    }

    @Test
    void gradientsOfMovement() {
        List<UnaryOperator<Tensor>> moves = List.of(
                t -> t.slice(1, 0, 3, 2),
                t -> t.unfold(1, 2, 1),
                t -> t.diagonal(1, 0, 1),
                t -> t.flip(0, 1),
                t -> t.roll(new long[] {1, 2}, 0, 1),
                t -> t.rot90(1, 0, 1),
                t -> t.tril(),
                t -> t.triu(1),
                t -> t.repeat(2, 1, 2),
                t -> t.repeatInterleave(2, 1),
                t -> t.select(0, 1).diag(-1),
                t -> t.diagEmbed(1, 0, 2),
                t -> t.pad(new long[] {1, -1, 0, 2}, 3.0),
                t -> t.unsqueeze(0).pad(new long[] {2, 1}, "reflect"),
                t -> t.unsqueeze(0).pad(new long[] {2, 1}, "replicate"),
                t -> t.unsqueeze(0).pad(new long[] {2, 1}, "circular"),
                t -> Tensor.cat(1, t, t.square()),
                t -> Tensor.stack(1, t, t.mul(3)),
                t -> t.split(2, 1)[0].square(),
                t -> t.unbind(1)[2],
                t -> t.expand(4, 2, 3),
                t -> t.squeeze().t(),
                t -> t.asStrided(new long[] {2, 2}, new long[] {1, 1}, 1));
        for (UnaryOperator<Tensor> move : moves) {
            assertThat(gradientError(matrix(), move)).isLessThan(SMALL);
        }
    }

    @Test
    void shapesThatDoNotFitAreRefused() {
        Tensor x = matrix();
        assertThatThrownBy(() -> x.t().view(6)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.split(new long[] {1, 1}, 1)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.slice(0, 0, 1, 0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> x.unfold(0, 3, 1)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.flip(2)).isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> Tensor.cat(0, x, x.t())).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.asStrided(new long[] {7}, new long[] {1})).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.unsqueeze(0).pad(new long[] {3, 0}, "reflect"))
                .isInstanceOf(ShapeException.class);
        Tensor y = x.clone().requiresGrad_().mul(2);
        assertThatThrownBy(() -> y.chunk(2, 0)[0].add_(1)).isInstanceOf(AutogradException.class);
    }

    // ---- random numbers

    @Test
    void drawsFollowTheContract() {
        Generator g = new Generator(7);
        Tensor first = Tensor.rand(g, 5);
        assertThat(g.offset()).isEqualTo(2);
        Tensor second = Tensor.rand(g, 4);
        g.manualSeed(7);
        float[] both = Tensor.rand(g, 12).toFloatArray();
        assertThat(first.toFloatArray()).isEqualTo(Arrays.copyOf(both, 5));
        assertThat(second.toFloatArray()).isEqualTo(Arrays.copyOfRange(both, 8, 12));
        Tensor p = Tensor.full(new long[] {12}, 0.4);
        float[] sample = p.bernoulli(g.manualSeed(7)).toFloatArray();
        for (int i = 0; i < sample.length; i++) {
            assertThat(sample[i]).isEqualTo(both[i] < 0.4f ? 1f : 0f);
        }
    }

    @Test
    void distributionsHaveTheirMoments() {
        Generator g = new Generator(1);
        int n = 20_000;
        for (DType type : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16)) {
            Tensor normal = Tensor.zeros(type, n).normal_(2, 3, g).to(DType.FLOAT64);
            double mean = normal.sum().item() / n;
            assertThat(mean).isBetween(1.9, 2.1);
            assertThat(normal.sub(mean).square().sum().item() / n).isBetween(8.6, 9.4);
            Tensor uniform = Tensor.zeros(type, n).uniform_(-1, 1, g).to(DType.FLOAT64);
            assertThat(uniform.square().sum().item() / n).isBetween(0.32, 0.35);
        }
        assertThat(Tensor.zeros(DType.FLOAT64, n).exponential_(2, g).sum().item() / n)
                .isBetween(0.48, 0.52);
        long[] order = Tensor.randperm(1000, g).toLongArray();
        assertThat(order)
                .doesNotHaveDuplicates()
                .isNotEqualTo(Tensor.randperm(1000, g).toLongArray());
        assertThat(Arrays.stream(order).max()).hasValue(999);
        long[] dice = Tensor.randint(1, 7, new long[] {1000}, DType.INT64, g).toLongArray();
        assertThat(Arrays.stream(dice).distinct().sorted()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThatThrownBy(() -> Tensor.zeros(2).bernoulli_(1.5)).isInstanceOf(ArgumentException.class);
    }

    // ---- printing

    @Test
    void printsAsPyTorch() {
        assertThat(Tensor.of(new float[] {1, 2.5f, -3}).toString()).isEqualTo("tensor([ 1.0000,  2.5000, -3.0000])");
        assertThat(Tensor.zeros(2, 0).toString()).isEqualTo("tensor([], size=(2, 0))");
        assertThat(Tensor.arange(1001).toString()).isEqualTo("tensor([   0,    1,    2,  ...,  998,  999, 1000])");
        assertThat(Tensor.of(new double[] {0.125}).toString(PrintOptions.DEFAULT.withPrecision(2)))
                .isEqualTo("tensor([0.12], dtype=torch.float64)");
        assertThat(Tensor.of(new float[] {1, 2}).requiresGrad_().mul(2).toString())
                .isEqualTo("tensor([2., 4.], grad_fn=<MulBackward0>)");
        Tensor gone = Tensor.ones(2);
        gone.close();
        assertThat(gone.toString()).contains("closed", "size=(2,)");
        assertThat(Tensor.ones(1, 3).repeat(2, 1).shape()).isEqualTo(Shape.of(2, 3));
    }
}
