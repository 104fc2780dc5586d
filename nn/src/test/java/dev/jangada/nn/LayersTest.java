package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.IndexException;
import dev.jangada.Jangada;
import dev.jangada.JangadaException;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.optim.SGD;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LayersTest {
    @BeforeEach
    void seed() {
        Jangada.manualSeed(5);
    }

    @Test
    void layersPrintLikePyTorchs() {
        assertThat(new Conv2d(1, 32, 5)).hasToString("Conv2d(1, 32, kernel_size=(5, 5), stride=(1, 1))");
        ConvOptions all = ConvOptions.DEFAULT
                .withStride(2)
                .withPadding(1, 0)
                .withDilation(3)
                .withGroups(2)
                .withBias(false)
                .withPaddingMode("circular");
        assertThat(new Conv2d(4, 6, all, 3, 2))
                .hasToString("Conv2d(4, 6, kernel_size=(3, 2), stride=(2, 2), padding=(1, 0), dilation=(3, 3),"
                        + " groups=2, bias=False, padding_mode=circular)");
        assertThat(new Conv1d(2, 3, ConvOptions.DEFAULT.withPadding("same"), 3))
                .hasToString("Conv1d(2, 3, kernel_size=(3,), stride=(1,), padding=same)");
        assertThat(new ConvTranspose2d(2, 3, ConvOptions.DEFAULT.withStride(2).withOutputPadding(1), 3))
                .hasToString("ConvTranspose2d(2, 3, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1))");
        assertThat(new MaxPool2d(2))
                .hasToString("MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)");
        assertThat(new AvgPool2d(PoolOptions.DEFAULT.withStride(2, 1), 3, 2))
                .hasToString("AvgPool2d(kernel_size=(3, 2), stride=(2, 1), padding=0)");
        assertThat(new AvgPool1d(3)).hasToString("AvgPool1d(kernel_size=(3,), stride=(3,), padding=(0,))");
        assertThat(new AdaptiveAvgPool2d(5, 7)).hasToString("AdaptiveAvgPool2d(output_size=(5, 7))");
        assertThat(new BatchNorm2d(8))
                .hasToString("BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)");
        assertThat(new BatchNorm1d(
                        8, BatchNormOptions.DEFAULT.withCumulativeMean().withEps(1e-3)))
                .hasToString("BatchNorm1d(8, eps=0.001, momentum=None, affine=True, track_running_stats=True)");
        assertThat(new LayerNorm(4, 5)).hasToString("LayerNorm((4, 5), eps=1e-05, elementwise_affine=True)");
        assertThat(new LayerNorm(4)).hasToString("LayerNorm((4,), eps=1e-05, elementwise_affine=True)");
        assertThat(new GroupNorm(2, 4)).hasToString("GroupNorm(2, 4, eps=1e-05, affine=True)");
        assertThat(new Dropout()).hasToString("Dropout(p=0.5, inplace=False)");
        assertThat(new Embedding(10, 3, -1)).hasToString("Embedding(10, 3, padding_idx=9)");
        assertThat(new Unflatten(1, 2, 5)).hasToString("Unflatten(dim=1, unflattened_size=(2, 5))");
        assertThat(new Upsample(2)).hasToString("Upsample(scale_factor=2.0, mode=nearest)");
    }

    @Test
    void activationsPrintLikePyTorchs() {
        assertThat(new LeakyReLU()).hasToString("LeakyReLU(negative_slope=0.01)");
        assertThat(new ELU()).hasToString("ELU(alpha=1.0)");
        assertThat(new GELU()).hasToString("GELU(approximate='none')");
        assertThat(new Softplus()).hasToString("Softplus(beta=1, threshold=20)");
        assertThat(new Softmax(1)).hasToString("Softmax(dim=1)");
        assertThat(new Hardtanh()).hasToString("Hardtanh(min_val=-1.0, max_val=1.0)");
        assertThat(new Softshrink()).hasToString("Softshrink(0.5)");
        assertThat(new Threshold(0.1, 20)).hasToString("Threshold(threshold=0.1, value=20)");
        assertThat(new PReLU()).hasToString("PReLU(num_parameters=1)");
        assertThat(new SiLU()).hasToString("SiLU()");
        assertThat(new CELU(1e-7)).hasToString("CELU(alpha=1e-07)");
        assertThat(new CELU(2.5e20)).hasToString("CELU(alpha=2.5e+20)");
    }

    @Test
    void convolutionStartsWithinPyTorchsBoundsAndHasItsState() {
        Conv2d conv = new Conv2d(3, 16, 5);
        assertThat(conv.stateDict().keySet()).containsExactly("weight", "bias");
        assertThat(conv.weight().shape()).isEqualTo(Shape.of(16, 3, 5, 5));
        assertThat(new ConvTranspose1d(3, 16, 4).weight().shape()).isEqualTo(Shape.of(3, 16, 4));
        double bound = 1 / Math.sqrt(75);
        for (Tensor p : conv.parameters()) {
            double largest = 0;
            for (float x : p.toFloatArray()) {
                largest = Math.max(largest, Math.abs(x));
            }
            assertThat(largest).isBetween(0.5 * bound, bound);
        }
        assertThat(new Conv2d(3, 16, ConvOptions.DEFAULT.withBias(false), 5).bias())
                .isEmpty();
        assertThatThrownBy(() -> new Conv2d(3, 4, ConvOptions.DEFAULT.withGroups(2), 3))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("groups");
        assertThatThrownBy(() -> new Conv2d(3, 4, 0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new Conv2d(3, 4)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void paddingModesImagineWhatTheySay() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4}).reshape(1, 1, 4);
        Map<String, float[]> sums = Map.of(
                "zeros", new float[] {3, 6, 9, 7},
                "reflect", new float[] {5, 6, 9, 10},
                "replicate", new float[] {4, 6, 9, 11},
                "circular", new float[] {7, 6, 9, 8});
        sums.forEach((mode, expected) -> {
            for (ConvOptions o :
                    new ConvOptions[] {ConvOptions.DEFAULT.withPadding(1), ConvOptions.DEFAULT.withPadding("same")}) {
                Conv1d conv = new Conv1d(1, 1, o.withBias(false).withPaddingMode(mode), 3);
                conv.loadStateDict(Map.of("weight", Tensor.ones(1, 1, 3)));
                assertThat(conv.forward(x).toFloatArray()).as(mode).containsExactly(expected);
            }
        });
        assertThatThrownBy(() -> ConvOptions.DEFAULT.withPaddingMode("mirror")).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> ConvOptions.DEFAULT.withPadding("full")).isInstanceOf(ArgumentException.class);
    }

    @Test
    void settingsThatConvolutionsCannotHaveAreRefusedInEveryPaddingMode() {
        for (String mode : new String[] {"zeros", "reflect", "replicate", "circular"}) {
            ConvOptions o = ConvOptions.DEFAULT.withPaddingMode(mode);
            for (ConvOptions wrong : new ConvOptions[] {
                o.withPadding("same").withStride(2),
                o.withPadding(1, 1, 1),
                o.withPadding(-1),
                o.withStride(0),
                o.withStride(),
                o.withDilation(1, 1, 1),
                o.withDilation(0)
            }) {
                assertThatThrownBy(() -> new Conv2d(1, 1, wrong, 3)).isInstanceOf(ArgumentException.class);
            }
        }
        assertThatThrownBy(() -> ConvOptions.DEFAULT.withPadding()).isInstanceOf(ArgumentException.class);
    }

    @Test
    void scalarFlattensToOneElement() {
        assertThat(new Flatten(0, -1).forward(Tensor.full(new long[] {}, 2.0)).shape())
                .isEqualTo(Shape.of(1));
        assertThatThrownBy(() -> new Flatten().forward(Tensor.full(new long[] {}, 2.0)))
                .isInstanceOf(IndexException.class);
    }

    @Test
    void poolingGivesPositionsToo() {
        Tensor x = Tensor.of(new float[] {1, 5, 3, 2, 4, 6, 7, 0}).reshape(1, 2, 4);
        assertThat(new MaxPool1d(2).forward(x).toFloatArray()).containsExactly(5, 3, 6, 7);
        assertThat(new MaxPool1d(2).forwardWithIndices(x).indices().toLongArray())
                .containsExactly(1, 2, 1, 2);
        assertThat(new AvgPool1d(4).forward(x).toFloatArray()).containsExactly(2.75f, 4.25f);
        assertThat(new AdaptiveAvgPool1d(3).forward(x).toFloatArray()).containsExactly(3, 4, 2.5f, 5, 6.5f, 3.5f);
        assertThat(Functional.adaptiveMaxPool1dWithIndices(x, 3).indices().toLongArray())
                .containsExactly(1, 1, 2, 1, 2, 2);
        assertThat(new Upsample(2).forward(x).shape()).isEqualTo(Shape.of(1, 2, 8));
    }

    @Test
    void windowThatBeginsInATensorShorterThanItCountsInCeilMode() {
        Tensor x = Tensor.of(new float[] {1, 3}).reshape(1, 1, 2);
        PoolOptions ceil = PoolOptions.DEFAULT.withStride(2).withCeilMode(true);
        assertThat(Functional.maxPool1d(x, ceil, 3).toFloatArray()).containsExactly(3);
        assertThat(Functional.avgPool1d(x, ceil, 3).toFloatArray()).containsExactly(2);
        assertThatThrownBy(() -> Functional.maxPool1d(x, ceil, 4)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Functional.maxPool1d(x, 3)).isInstanceOf(ShapeException.class);
    }

    @Test
    void windowOfMinusInfinityHasAPositionWithinTheTensor() {
        Tensor x = Tensor.full(new long[] {1, 3}, Double.NEGATIVE_INFINITY).to(DType.FLOAT32);
        var found = Functional.maxPool1dWithIndices(x, PoolOptions.DEFAULT.withPadding(1), 2);
        assertThat(found.values().toFloatArray()).containsOnly(Float.NEGATIVE_INFINITY);
        for (long i : found.indices().toLongArray()) {
            assertThat(i).isBetween(0L, 2L);
        }
    }

    @Test
    void batchNormKeepsRunningStatistics() {
        BatchNorm1d norm = new BatchNorm1d(2);
        assertThat(norm.stateDict().keySet())
                .containsExactly("weight", "bias", "running_mean", "running_var", "num_batches_tracked");
        Tensor x = Tensor.of(new float[][] {{1, 10}, {3, 30}});
        float[] y = norm.forward(x).toFloatArray();
        assertThat(y[0]).isCloseTo(-1, within(1e-4f));
        Map<String, Tensor> state = norm.stateDict();
        assertThat(state.get("running_mean").toFloatArray()).containsExactly(0.2f, 2);
        assertThat(state.get("running_var").toFloatArray()).containsExactly(0.9f + 0.2f, 0.9f + 20);
        assertThat(state.get("num_batches_tracked").itemLong()).isEqualTo(1);
        norm.eval();
        float[] known = norm.forward(x).toFloatArray();
        assertThat(known[0]).isCloseTo((float) ((1 - 0.2) / Math.sqrt(1.1 + 1e-5)), within(1e-5f));
        assertThat(state.get("num_batches_tracked").itemLong()).isEqualTo(1);
        norm.resetParameters();
        assertThat(state.get("running_mean").toFloatArray()).containsOnly(0);
    }

    @Test
    void batchNormCanKeepTheMeanOfAllBatches() {
        BatchNorm1d norm = new BatchNorm1d(1, BatchNormOptions.DEFAULT.withCumulativeMean());
        for (float base : new float[] {1, 2, 6}) {
            norm.forward(Tensor.of(new float[][] {{base}, {base + 2}}));
        }
        assertThat(norm.stateDict().get("running_mean").item()).isCloseTo(4, within(1e-6));
        assertThat(norm.stateDict().get("running_var").item()).isCloseTo(2, within(1e-6));
    }

    @Test
    void batchNormWithoutRunningStatisticsUsesThoseOfTheBatchAlways() {
        BatchNorm2d norm = new BatchNorm2d(
                1, BatchNormOptions.DEFAULT.withTrackRunningStats(false).withAffine(false));
        assertThat(norm.stateDict()).isEmpty();
        Tensor x = Tensor.of(new float[] {1, 3}).reshape(2, 1, 1, 1);
        float[] training = norm.forward(x).toFloatArray();
        norm.eval();
        assertThat(norm.forward(x).toFloatArray()).containsExactly(training);
    }

    @Test
    void failedBatchNormChangesNothing() {
        BatchNorm1d norm = new BatchNorm1d(2);
        assertThatThrownBy(() -> norm.forward(Tensor.ones(1, 2)))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("more than one value");
        assertThatThrownBy(() -> norm.forward(Tensor.ones(4, 3))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> norm.forward(Tensor.ones(4, 2, 1, 1))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> new BatchNorm2d(2).forward(Tensor.ones(4, 2))).isInstanceOf(ShapeException.class);
        Map<String, Tensor> state = norm.stateDict();
        assertThat(state.get("num_batches_tracked").itemLong()).isZero();
        assertThat(state.get("running_mean").toFloatArray()).containsOnly(0);
        assertThat(norm.forward(Tensor.ones(0, 2)).shape()).isEqualTo(Shape.of(0, 2));
        assertThat(state.get("running_var").toFloatArray()).containsOnly(1);
    }

    @Test
    void runningMeanStaysIfTheVarianceCanNotMove() {
        for (Tensor wrong : List.of(Tensor.ones(DType.INT64, 2), Tensor.ones(3))) {
            BatchNorm1d norm = new BatchNorm1d(2);
            norm.namedBuffers().get("running_var").setData(wrong);
            assertThatThrownBy(() -> norm.forward(Tensor.of(new float[][] {{1, 2}, {3, 5}})))
                    .isInstanceOf(JangadaException.class);
            assertThat(norm.namedBuffers().get("running_mean").toFloatArray()).containsOnly(0);
            assertThat(norm.namedBuffers().get("num_batches_tracked").itemLong())
                    .isZero();
        }
    }

    @Test
    void dropoutFollowsTheTrainingFlag() {
        Dropout dropout = new Dropout(0.25);
        Tensor x = Tensor.ones(10_000);
        float[] y = dropout.forward(x).toFloatArray();
        int zeros = 0;
        for (float v : y) {
            assertThat(v == 0 || Math.abs(v - 4 / 3f) < 1e-6).isTrue();
            zeros += v == 0 ? 1 : 0;
        }
        assertThat(zeros).isBetween(2_300, 2_700);
        dropout.eval();
        assertThat(dropout.forward(x)).isSameAs(x);
        assertThatThrownBy(() -> new Dropout(1.5)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new Dropout(Double.NaN)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void embeddingLeavesOutThePaddingRow() {
        Embedding table = new Embedding(4, 3, -1);
        assertThat(table.weight().select(0, 3).toFloatArray()).containsOnly(0);
        Tensor words = Tensor.of(new long[] {3, 1, 1});
        assertThat(table.forward(words).shape()).isEqualTo(Shape.of(3, 3));
        table.forward(words).sum().backward();
        assertThat(table.weight().grad().toFloatArray()).containsExactly(0, 0, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0);
        assertThatThrownBy(() -> table.forward(Tensor.of(new long[] {4})))
                .isInstanceOf(IndexException.class)
                .hasMessageMatching("\\[embedding] expected indices in \\[0, 4\\) .*, got 4; .*");
        assertThatThrownBy(() -> new Embedding(4, 3, 4)).isInstanceOf(ArgumentException.class);
        assertThat(table.forward(Tensor.zeros(DType.INT64, 0)).shape()).isEqualTo(Shape.of(0, 3));
        Tensor given = Tensor.ones(2, 2);
        Embedding frozen = Embedding.fromPretrained(given, true);
        assertThat(frozen.weight().requiresGrad()).isFalse();
        assertThat(frozen.weight().sharesStorage(given)).isTrue();
    }

    @Test
    void moduleListNamesItsModules() {
        ModuleList<Linear> list = new ModuleList<>(new Linear(2, 3), new Linear(3, 1));
        list.append(new Linear(1, 1));
        assertThat(list.namedParameters().keySet()).contains("0.weight", "2.bias");
        assertThat(list.size()).isEqualTo(3);
        assertThat(list.get(-1)).isSameAs(list.get(2));
        assertThat(list).hasSize(3);
        assertThatThrownBy(() -> list.get(3)).isInstanceOf(IndexException.class);
        assertThat(list.toString()).startsWith("ModuleList(\n  (0): Linear(in_features=2");
    }

    /** Returns a network for images of one channel. */
    static Sequential allSorts() {
        return new Sequential(
                new Conv2d(1, 4, ConvOptions.DEFAULT.withPadding("same"), 3),
                new BatchNorm2d(4),
                new SiLU(),
                new MaxPool2d(2),
                new GroupNorm(2, 4),
                new AdaptiveAvgPool2d(2),
                new Flatten(),
                new LayerNorm(16),
                new Linear(16, 2),
                new LogSoftmax(1));
    }

    @Test
    void smallNetworkOfAllSortsLearns() {
        Sequential net = allSorts();
        SGD optimizer = new SGD(net.parameters(), 0.2);
        Tensor x = Tensor.randn(16, 1, 6, 6);
        Tensor target = x.select(2, 0).mean(new int[] {1, 2}, false).gt(0L).to(DType.INT64);
        NLLLoss loss = new NLLLoss();
        double first = 0;
        double last = 0;
        for (int i = 0; i < 40; i++) {
            try (TensorScope scope = new TensorScope()) {
                Tensor value = loss.forward(net.forward(x), target);
                optimizer.zeroGrad();
                value.backward();
                optimizer.step();
                last = value.item();
                first = i == 0 ? last : first;
            }
        }
        assertThat(last).isLessThan(0.5 * first);
    }

    @Test
    void normsShowTheirParameters() {
        BatchNorm2d norm = new BatchNorm2d(8);
        assertThat(norm.weight().orElseThrow()).isSameAs(norm.namedParameters().get("weight"));
        assertThat(norm.bias().orElseThrow()).isSameAs(norm.namedParameters().get("bias"));
        assertThat(new LayerNorm(2, 3).weight().orElseThrow().shape()).isEqualTo(Shape.of(2, 3));
        assertThat(new LayerNorm(2, 3).bias().orElseThrow().sum().item()).isZero();
        assertThat(new GroupNorm(2, 4).bias()).isPresent();
        assertThat(new GroupNorm(2, 4, 1e-5, false).weight()).isEmpty();
    }
}
