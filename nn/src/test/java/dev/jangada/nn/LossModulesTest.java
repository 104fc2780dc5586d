package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DTypeException;
import dev.jangada.IndexException;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LossModulesTest {
    private final Tensor a = Tensor.of(new float[] {0.5f, -3});
    private final Tensor b = Tensor.of(new float[] {1, 1});

    @Test
    void elementWiseLossesComputeWhatTheySay() {
        assertThat(new L1Loss().forward(a, b).item()).isEqualTo(2.25);
        assertThat(new L1Loss("sum").forward(a, b).item()).isEqualTo(4.5);
        assertThat(new SmoothL1Loss().forward(a, b).item()).isEqualTo((0.125 + 3.5) / 2);
        assertThat(new HuberLoss(2, "none").forward(a, b).toFloatArray()).containsExactly(0.125f, 6);
        Tensor p = Tensor.of(new float[] {0.25f, 0.5f});
        assertThat(new BCELoss().forward(p, b).item()).isCloseTo((Math.log(4) + Math.log(2)) / 2, within(1e-6));
        assertThat(new BCELoss(Tensor.of(new float[] {2, 0}), "sum")
                        .forward(p, b)
                        .item())
                .isCloseTo(2 * Math.log(4), within(1e-6));
        assertThat(new BCEWithLogitsLoss().forward(Tensor.zeros(2), b).item()).isCloseTo(Math.log(2), within(1e-6));
        assertThat(new BCEWithLogitsLoss(Optional.empty(), Optional.of(Tensor.full(new long[] {}, 3.0)), "mean")
                        .forward(Tensor.zeros(2), b)
                        .item())
                .isCloseTo(3 * Math.log(2), within(1e-6));
        assertThat(new KLDivLoss("sum").toString()).isEqualTo("KLDivLoss()");
        assertThat(new KLDivLoss(false, "batchmean").forward(p.log(), p).item()).isCloseTo(0, within(1e-7));
        assertThat(new PoissonNLLLoss().forward(Tensor.zeros(2), b).item()).isEqualTo(1);
        assertThat(new GaussianNLLLoss().forward(b, b, b).item()).isZero();
    }

    /** Values of PyTorch 1.13. */
    @Test
    void crossEntropiesOfTwoClassesTakeAReduction() {
        Tensor p = Tensor.of(new float[] {0.25f, 0.5f});
        Tensor y = Tensor.of(new float[] {1, 0});
        assertThat(Functional.binaryCrossEntropy(p, y, "sum").item()).isCloseTo(2.0794415, within(1e-6));
        assertThat(Functional.binaryCrossEntropyWithLogits(
                                Tensor.of(new float[] {1, 4}), Tensor.of(new float[] {1, 0}), "none")
                        .toFloatArray())
                .containsExactly(new float[] {0.3132617f, 4.0181499f}, within(1e-6f));
    }

    @Test
    void aTargetOfAnotherShapeIsWarnedOf() {
        Tensor column = Tensor.ones(3, 1);
        java.util.logging.Logger logger = java.util.logging.Logger.getLogger("dev.jangada");
        List<String> said = new ArrayList<>();
        java.util.logging.Handler handler = new java.util.logging.StreamHandler() {
            @Override
            public synchronized void publish(java.util.logging.LogRecord line) {
                said.add(line.getMessage());
            }
        };
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            for (int i = 0; i < 40; i++) { // each pair twice: what does not fit is no reason to warn less
                Tensor wrong = Tensor.ones(3, 5 + i / 2);
                assertThatThrownBy(() -> Functional.mseLoss(wrong, Tensor.zeros(4)))
                        .isInstanceOf(ShapeException.class)
                        .hasMessageStartingWith("[mseLoss]");
            }
            for (int i = 0; i < 3; i++) {
                assertThat(Functional.mseLoss(column, Tensor.zeros(3)).item()).isEqualTo(1);
                Functional.mseLoss(column, Tensor.zeros(3, 1));
            }
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
        assertThat(said).hasSize(1);
        assertThat(said.get(0)).contains("[mseLoss]", "[3, 1]", "[3]", "[3, 3]");
    }

    @Test
    void marginsComputeWhatTheySay() {
        Tensor classes = Tensor.of(new float[] {1, -1});
        assertThat(new HingeEmbeddingLoss("sum").forward(a, classes).item()).isEqualTo(0.5 + 4);
        assertThat(new SoftMarginLoss("none").forward(Tensor.zeros(2), classes).toFloatArray()[0])
                .isCloseTo((float) Math.log(2), within(1e-6f));
        assertThat(new MarginRankingLoss(1, "none").forward(a, b, classes).toFloatArray())
                .containsExactly(1.5f, 0);
        Tensor scores = Tensor.of(new float[][] {{0.1f, 0.2f, 0.4f, 0.8f}});
        Tensor target = Tensor.of(new long[] {3});
        assertThat(new MultiMarginLoss().forward(scores, target).item()).isCloseTo(0.325, within(1e-6));
        Tensor weight = Tensor.of(new float[] {1, 1, 1, 2});
        assertThat(new MultiMarginLoss(2, 1, Optional.of(weight), "sum")
                        .forward(scores, target)
                        .item())
                .isCloseTo((0.09 + 0.16 + 0.36) / 2, within(1e-6));
        Tensor x = Tensor.of(new float[][] {{3, 4}});
        assertThat(new CosineSimilarity().forward(x, x).item()).isCloseTo(1, within(1e-6));
        assertThat(new CosineEmbeddingLoss().forward(x, x, Tensor.ones(1)).item())
                .isCloseTo(0, within(1e-6));
        assertThat(new TripletMarginLoss().forward(x, x, x).item()).isCloseTo(1, within(1e-4));
    }

    @Test
    void nllHasWeightsAndAnIgnoredClass() {
        Tensor scores = Tensor.of(new float[][] {{-1, -2}, {-3, -4}, {-5, -6}});
        Tensor target = Tensor.of(new long[] {0, 1, 1});
        NLLLoss loss = new NLLLoss(ClassLossOptions.DEFAULT.withWeight(Tensor.of(new float[] {1, 3})));
        assertThat(loss.forward(scores, target).item()).isCloseTo((1 + 12 + 18) / 7.0, within(1e-6));
        assertThat(loss.namedBuffers()).containsOnlyKeys("weight");
        NLLLoss some = new NLLLoss(ClassLossOptions.DEFAULT.withIgnoreIndex(1));
        assertThat(some.forward(scores, target).item()).isEqualTo(1);
    }

    @Test
    void capturedBinaryCrossEntropyLooksAtNoValues() {
        BCELoss loss = new BCELoss();
        try (Captured captured = Capture.of(args -> loss.forward(args.tensor(0), args.tensor(1)))) {
            Tensor p = Tensor.of(new float[] {0.25f, 0.5f});
            assertThat(captured.run(p, b).item()).isCloseTo((Math.log(4) + Math.log(2)) / 2, within(1e-6));
            assertThat(captured.run(Tensor.of(new float[] {0.25f, -0.5f}), b).item())
                    .isNaN();
        }
    }

    @Test
    void badInputIsRefused() {
        Tensor scores = Tensor.zeros(2, 3);
        assertThatThrownBy(() -> new MultiMarginLoss().forward(scores, Tensor.of(new long[] {0, 3})))
                .isInstanceOf(IndexException.class);
        assertThatThrownBy(() -> new MultiMarginLoss().forward(scores, Tensor.of(new long[] {0})))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> new MultiMarginLoss().forward(scores, Tensor.of(new float[] {0, 1})))
                .isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> new NLLLoss().forward(scores, Tensor.of(new long[] {0, 3})))
                .isInstanceOf(IndexException.class)
                .hasMessageMatching(
                        "\\[nllLoss] expected indices in \\[0, 3\\) .*, got 3; number the classes from 0.*");
        NLLLoss weighted = new NLLLoss(ClassLossOptions.DEFAULT.withWeight(Tensor.ones(3)));
        assertThatThrownBy(() -> weighted.forward(scores, Tensor.of(new long[] {0, -1})))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith("[nllLoss]");
        assertThatThrownBy(() -> new CrossEntropyLoss().forward(scores, Tensor.of(new long[] {0, -1})))
                .isInstanceOf(IndexException.class)
                .hasMessageStartingWith("[crossEntropy]");
        assertThatThrownBy(() -> new BCELoss().forward(a, b)).isInstanceOf(ArgumentException.class);
        Tensor large = Tensor.ones(2, 2);
        assertThatThrownBy(() -> new BCELoss(large, "mean").forward(b, b)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> new BCEWithLogitsLoss(Optional.of(large), Optional.empty(), "mean").forward(a, b))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> new GaussianNLLLoss().forward(large, large, Tensor.ones(3)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[gaussianNllLoss]");
        assertThatThrownBy(() -> new L1Loss("average").forward(a, b)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void cosineSimilarityBoundsEachLength() {
        double[] a = {3e-6, 4e-6, 0, 0, 3, 4, 1e-9, 0};
        double[] b = {2, 1, 1, 2, 0, 0, 3e-9, 4e-9};
        Tensor x = Tensor.of(a, 4, 2);
        Tensor y = Tensor.of(b, 4, 2);
        assertThat(new CosineSimilarity(1, 1e-8).forward(x, y).toDoubleArray()) // PyTorch's
                .containsExactly(new double[] {0.8944271909999157, 0, 0, 0.03}, within(1e-12));
        assertThat(new CosineSimilarity(1, 1e-4).forward(x, y).toDoubleArray())
                .containsExactly(new double[] {0.04472135954999579, 0, 0, 3e-10}, within(1e-14));
    }
}
