package dev.jangada.nn.rbm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Generator;
import dev.jangada.JangadaException;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.nn.MemoryUse;
import dev.jangada.optim.Adam;
import dev.jangada.optim.SGD;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RBMTest {
    private static final double[][] W = {{0.5, -1, 0.25}, {1.5, 0.75, -0.5}};
    private static final double[] BV = {0.1, -0.2, 0.3};
    private static final double[] BH = {-0.4, 0.2};

    private static RBM small() {
        RBM rbm = new RBM(3, 2, 1, new Generator(7));
        rbm.to(DType.FLOAT64);
        rbm.loadStateDict(Map.of(
                "W", Tensor.of(W), "bv", Tensor.of(BV, DType.FLOAT64, 3), "bh", Tensor.of(BH, DType.FLOAT64, 2)));
        return rbm;
    }

    private static Tensor rows(double[]... rows) {
        return Tensor.of(rows).to(DType.FLOAT64);
    }

    /** -log sum over all hidden states of e^-E(v, h): the definition of the free energy. */
    private static double freeEnergyByEnumeration(double[] v) {
        double sum = 0;
        for (int state = 0; state < 4; state++) {
            double energy = 0;
            for (int i = 0; i < 3; i++) {
                energy -= v[i] * BV[i];
            }
            for (int j = 0; j < 2; j++) {
                if ((state >> j & 1) != 0) {
                    energy -= BH[j];
                    for (int i = 0; i < 3; i++) {
                        energy -= v[i] * W[j][i];
                    }
                }
            }
            sum += Math.exp(-energy);
        }
        return -Math.log(sum);
    }

    @Test
    void freeEnergyIsThatOfItsDefinition() {
        double[] a = {1, 0, 1};
        double[] b = {0.25, 1, 0.5};
        double[] f = small().freeEnergy(rows(a, b)).toDoubleArray();
        assertThat(f[0]).isCloseTo(freeEnergyByEnumeration(a), within(1e-12));
        assertThat(f[1]).isCloseTo(freeEnergyByEnumeration(b), within(1e-12));
    }

    @Test
    void gradientOfTheLossIsTheDifferenceOfExpectations() {
        RBM rbm = small();
        Tensor v = rows(new double[] {1, 0, 1}, new double[] {0, 1, 1});
        Tensor vk = rows(new double[] {1, 1, 0}, new double[] {0, 0, 1});
        rbm.contrastiveDivergence(v, vk).backward();
        Tensor data = rbm.propUp(v).transpose(0, 1).matmul(v);
        Tensor model = rbm.propUp(vk).transpose(0, 1).matmul(vk);
        double[] expected = model.sub(data).div(2).toDoubleArray();
        double[] actual = rbm.weight().grad().toDoubleArray();
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-12));
        }
        double[] biases = vk.sub(v).mean(0).toDoubleArray();
        double[] visible = rbm.visibleBias().grad().toDoubleArray();
        for (int i = 0; i < visible.length; i++) {
            assertThat(visible[i]).isCloseTo(biases[i], within(1e-12));
        }
        double[] hidden = rbm.propUp(vk).sub(rbm.propUp(v)).mean(0).toDoubleArray();
        assertThat(rbm.hiddenBias().grad().toDoubleArray()[1]).isCloseTo(hidden[1], within(1e-12));
    }

    @Test
    void samplesAreThoseOfTheProbabilities() {
        RBM rbm = new RBM(50, 30, 1, new Generator(3));
        Tensor v = Tensor.rand(40, 50);
        Generator same = new Generator(3);
        same.setState(new Generator.State(3, 50 * 30 * 2 / 4)); // behind the weights
        assertThat(rbm.sampleHidden(v).toFloatArray())
                .containsExactly(rbm.propUp(v).detach().bernoulli(same).toFloatArray());
        Tensor h = Tensor.rand(40, 30).bernoulli(0.5);
        assertThat(rbm.sampleVisible(h).toFloatArray())
                .containsExactly(rbm.propDown(h).detach().bernoulli(same).toFloatArray());
    }

    @Test
    void probabilitiesAreTheSameRecordedOrNot() {
        RBM rbm = new RBM(50, 30, 1, new Generator(3));
        Tensor v = Tensor.rand(40, 50);
        Tensor recorded = rbm.propUp(v);
        assertThat(recorded.requiresGrad()).isTrue();
        rbm.requiresGrad_(false);
        assertThat(rbm.propUp(v).toFloatArray()).containsExactly(recorded.toFloatArray());
    }

    @Test
    void chainIsDownAndUpAndNeverRecorded() {
        RBM a = new RBM(20, 10, 1, new Generator(3));
        RBM b = new RBM(20, 10, 1, new Generator(3));
        Tensor v = Tensor.rand(5, 20).bernoulli(0.5);
        Tensor expected = v;
        for (int i = 0; i < 3; i++) {
            expected = a.sampleVisible(a.sampleHidden(expected));
        }
        Tensor end = b.gibbs(v, 3);
        assertThat(end.requiresGrad()).isFalse();
        assertThat(end.shape()).isEqualTo(Shape.of(5, 20));
        assertThat(end.toFloatArray()).containsExactly(expected.toFloatArray());
        assertThat(v.isClosed()).isFalse();
    }

    @Test
    void longChainHoldsOneStateOnly() {
        RBM rbm = new RBM(20, 10, 1, new Generator(3));
        Tensor v = Tensor.zeros(5, 20);
        rbm.gibbs(v, 2).close();
        long before = MemoryUse.settled(v.device());
        Tensor end = rbm.gibbs(v, 100);
        long state = v.device().memory().inUse() - before;
        end.close();
        assertThat(v.device().memory().inUse()).isEqualTo(before);
        rbm.gibbs(v, 1);
        assertThat(v.device().memory().inUse() - before).isEqualTo(state);
    }

    @Test
    void kChangesWhileTrainingGoesOn() {
        RBM rbm = new RBM(3, 2);
        assertThat(rbm.k()).isEqualTo(1);
        rbm.setK(3);
        assertThat(rbm).hasToString("RBM(visible=3, hidden=2, k=3)");
        assertThatThrownBy(() -> rbm.setK(0))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("k >= 1");
        assertThatThrownBy(() -> new RBM(3, 2, 0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> rbm.gibbs(Tensor.zeros(1, 3), 0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> new RBM(0, 2)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> rbm.gibbs(Tensor.zeros(1, 4))).isInstanceOf(ShapeException.class);
        assertThat(rbm.k()).isEqualTo(3);
    }

    @Test
    void crossEntropyOfTheReconstructionIsThatOfItsDefinition() {
        RBM rbm = small();
        double[] v = {0.25, 1, 0};
        double[] p = rbm.propDown(rbm.propUp(rows(v))).toDoubleArray();
        double expected = 0;
        for (int i = 0; i < 3; i++) {
            expected -= v[i] * Math.log(p[i]) + (1 - v[i]) * Math.log(1 - p[i]);
        }
        assertThat(rbm.reconstructionCrossEntropy(rows(v)).item()).isCloseTo(expected, within(1e-12));
    }

    @Test
    void learnsTwoPatternsWithConstantMemory() {
        Generator generator = new Generator(1);
        RBM rbm = new RBM(6, 8, 1, generator);
        Adam adam = new Adam(rbm.parameters(), 0.05);
        Tensor patterns = Tensor.of(new float[][] {{1, 1, 1, 0, 0, 0}, {0, 0, 0, 1, 1, 1}});
        Tensor v = patterns.unsqueeze(0).expand(10, 2, 6).reshape(20, 6);
        double before = rbm.reconstructionCrossEntropy(patterns).mean().item();
        long inUse = 0;
        for (int i = 0; i < 200; i++) {
            rbm.setK(1 + i / 100);
            try (TensorScope step = new TensorScope()) {
                adam.zeroGrad();
                rbm.contrastiveDivergence(v).backward();
                adam.step();
            }
            if (i == 1) {
                inUse = MemoryUse.settled(v.device());
            }
        }
        assertThat(v.device().memory().inUse()).isEqualTo(inUse);
        assertThat(rbm.reconstructionCrossEntropy(patterns).mean().item()).isLessThan(before / 4);
        // The energies of patterns are below those of others.
        Tensor other = Tensor.of(new float[][] {{1, 0, 1, 0, 1, 0}});
        assertThat(rbm.freeEnergy(patterns).mean().item())
                .isLessThan(rbm.freeEnergy(other).item() - 1);
    }

    // ---- conditional chains

    private static final Tensor LEFT = Tensor.of(new boolean[] {true, true, true, false, false, false});

    private static RBM learned() {
        RBM rbm = new RBM(6, 8, 1, new Generator(1));
        Adam adam = new Adam(rbm.parameters(), 0.05);
        Tensor patterns = Tensor.of(new float[][] {{1, 1, 1, 0, 0, 1}, {0, 0, 0, 1, 1, 0}});
        for (int i = 0; i < 300; i++) {
            try (TensorScope step = new TensorScope()) {
                adam.zeroGrad();
                rbm.contrastiveDivergence(patterns.repeat(10, 1)).backward();
                adam.step();
            }
        }
        return rbm;
    }

    @Test
    void missingHalfOfPatternsIsFilledIn() {
        RBM rbm = learned();
        Tensor v = Tensor.of(new float[][] {{1, 1, 1, Float.NaN, 7, -1}, {0, 0, 0, 5, 5, 5}})
                .repeat(50, 1);
        for (RBM.Start start : RBM.Start.values()) {
            Tensor whole = rbm.inpaint(v, LEFT, 50, start);
            assertThat(whole.narrow(1, 0, 3).toFloatArray())
                    .containsExactly(v.narrow(1, 0, 3).toFloatArray());
            float[] mean = whole.reshape(50, 2, 6).mean(0).toFloatArray();
            for (int i : new int[] {3, 4, 11}) {
                assertThat(mean[i]).as("%s %d", start, i).isLessThan(0.15f);
            }
            for (int i : new int[] {5, 9, 10}) {
                assertThat(mean[i]).as("%s %d", start, i).isGreaterThan(0.85f);
            }
        }
    }

    @Test
    void masksDifferFromRowToRow() {
        RBM rbm = new RBM(6, 4, 1, new Generator(2));
        Tensor v = Tensor.rand(new Generator(3), 40, 6).bernoulli(new Generator(4));
        Tensor mask = Tensor.rand(new Generator(5), 40, 6).gt(0.5);
        Tensor end = rbm.gibbs(v, mask, 3);
        Tensor same = end.eq(v);
        assertThat(Tensor.where(mask, same, Tensor.onesLike(same)).all().itemBoolean())
                .isTrue();
        assertThat(same.all().itemBoolean()).isFalse();
        Tensor all = Tensor.ones(DType.BOOL, 6);
        assertThat(rbm.gibbs(v, all, 2).toFloatArray()).containsExactly(v.toFloatArray());
    }

    @Test
    void chainWithoutKnownUnitsIsTheFreeOne() {
        RBM a = new RBM(6, 4, 1, new Generator(2));
        RBM b = new RBM(6, 4, 1, new Generator(2));
        Tensor v = Tensor.ones(40, 6);
        assertThat(b.gibbs(v, Tensor.zeros(DType.BOOL, 6), 5).toFloatArray())
                .containsExactly(a.gibbs(v, 5).toFloatArray());
    }

    /** The chain visits the states of three free units as often as the energies say. */
    @Test
    void conditionalSamplesHaveTheConditionalDistribution() {
        RBM rbm = small();
        int rows = 20_000;
        Tensor mask = Tensor.of(new boolean[] {true, false, false});
        Tensor v = rows(new double[] {1, 0, 0}).repeat(rows, 1);
        double[] end = rbm.inpaint(v, mask, 20, RBM.Start.ZERO).toDoubleArray();
        double[] counts = new double[4];
        for (int r = 0; r < rows; r++) {
            counts[(int) (end[3 * r + 1] + 2 * end[3 * r + 2])]++;
        }
        double[] weights = new double[4];
        double sum = 0;
        for (int state = 0; state < 4; state++) {
            weights[state] = Math.exp(-freeEnergyByEnumeration(new double[] {1, state & 1, state >> 1}));
            sum += weights[state];
        }
        for (int state = 0; state < 4; state++) {
            assertThat(counts[state] / rows).isCloseTo(weights[state] / sum, within(0.015));
        }
    }

    @Test
    void longConditionalChainHoldsOneStateOnly() {
        RBM rbm = new RBM(6, 4, 1, new Generator(2));
        Tensor v = Tensor.zeros(5, 6);
        rbm.inpaint(v, LEFT, 1, RBM.Start.RANDOM).close();
        long before = MemoryUse.settled(v.device());
        try (TensorScope scope = new TensorScope()) {
            rbm.inpaint(v, LEFT, 100, RBM.Start.RANDOM);
            assertThat(v.device().memory().inUse() - before).isLessThanOrEqualTo(5 * 6 * 4 + 64);
        }
        assertThat(v.device().memory().inUse()).isEqualTo(before);
    }

    @Test
    void wrongInputOfInpaintingIsRefused() {
        RBM rbm = new RBM(6, 4, 1, new Generator(2));
        Generator.State state = new Generator(2).state();
        Tensor v = Tensor.zeros(5, 6);
        assertThatThrownBy(() -> rbm.inpaint(v, LEFT, 0, RBM.Start.ZERO)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> rbm.inpaint(v, LEFT.to(DType.FLOAT32), 1, RBM.Start.ZERO))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("bool mask");
        for (Tensor mask : new Tensor[] {LEFT.narrow(0, 0, 5), Tensor.zeros(DType.BOOL, 4, 6), LEFT.reshape(1, 1, 6)}) {
            assertThatThrownBy(() -> rbm.inpaint(v, mask, 1, RBM.Start.ZERO))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("[6] or [5, 6]");
        }
        assertThatThrownBy(() -> rbm.inpaint(Tensor.zeros(6), LEFT, 1, RBM.Start.ZERO))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> rbm.inpaint(Tensor.zeros(5, 7), LEFT, 1, RBM.Start.ZERO))
                .isInstanceOf(ShapeException.class);
        for (double value : new double[] {-0.1, 1.1, 255, Double.NaN}) {
            Tensor bad = Tensor.full(new long[] {5, 6}, value);
            assertThatThrownBy(() -> rbm.inpaint(bad, LEFT, 1, RBM.Start.ZERO))
                    .isInstanceOf(ArgumentException.class)
                    .hasMessageContaining("[0, 1]");
        }
        assertThat(state.offset()).isZero();
    }

    // ---- persistent chains

    @Test
    void persistentChainsGoOnWhereTheyWere() {
        RBM rbm = new RBM(6, 4, 2, new Generator(2));
        Tensor v = Tensor.ones(10, 6);
        assertThatThrownBy(() -> rbm.persistentContrastiveDivergence(v)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> rbm.startChains(0)).isInstanceOf(ArgumentException.class);
        rbm.startChains(3);
        assertThatThrownBy(() -> rbm.startChains(4)).isInstanceOf(ArgumentException.class);
        Tensor chains = rbm.namedBuffers().get("chains");
        assertThat(rbm.stateDict()).containsKey("chains");
        Generator same = new Generator(2);
        RBM other = new RBM(6, 4, 2, same);
        other.loadStateDict(Map.of("W", rbm.weight(), "bv", rbm.visibleBias(), "bh", rbm.hiddenBias()));
        other.startChains(3);
        for (int i = 0; i < 3; i++) {
            rbm.setK(i + 1);
            Tensor expected = other.gibbs(chains.clone(), i + 1);
            Tensor loss = rbm.persistentContrastiveDivergence(v);
            assertThat(chains.toFloatArray()).containsExactly(expected.toFloatArray());
            assertThat(loss.item())
                    .isEqualTo(other.contrastiveDivergence(v, expected).item());
            loss.backward();
        }
    }

    /** From the definition: patterns far from each other, which contrastive divergence alone does not weigh against each other. */
    @Test
    void wrongBatchesAreRefusedBeforeChainsMove() {
        RBM rbm = new RBM(4, 3, 1, new Generator(3));
        rbm.startChains(2);
        float[] before = rbm.stateDict().get("chains").toFloatArray();
        for (Tensor wrong : List.of(
                Tensor.zeros(0, 4),
                Tensor.zeros(2, 5),
                Tensor.zeros(4),
                Tensor.zeros(2, 1, 4),
                Tensor.zeros(DType.FLOAT64, 2, 4))) {
            assertThatThrownBy(() -> rbm.persistentContrastiveDivergence(wrong)).isInstanceOf(JangadaException.class);
            assertThatThrownBy(() -> rbm.contrastiveDivergence(wrong)).isInstanceOf(JangadaException.class);
            assertThatThrownBy(() -> rbm.contrastiveDivergenceGradients(wrong, wrong))
                    .isInstanceOf(JangadaException.class);
        }
        assertThat(rbm.stateDict().get("chains").toFloatArray()).containsExactly(before);
    }

    @Test
    void persistentChainsLearnThePatterns() {
        RBM rbm = new RBM(6, 8, 5, new Generator(1));
        rbm.startChains(100);
        SGD sgd = new SGD(rbm.parameters(), 0.1);
        Tensor v = Tensor.of(new float[][] {{1, 1, 1, 0, 0, 0}, {0, 0, 0, 1, 1, 1}})
                .repeat(10, 1);
        long inUse = 0;
        for (int i = 0; i < 1_500; i++) {
            try (TensorScope step = new TensorScope()) {
                sgd.zeroGrad();
                rbm.persistentContrastiveDivergence(v).backward();
                sgd.step();
            }
            if (i == 1) {
                inUse = MemoryUse.settled(v.device());
            }
        }
        assertThat(v.device().memory().inUse()).isEqualTo(inUse);
        Tensor all = Tensor.arange(64)
                .unsqueeze(1)
                .div(Tensor.of(new long[] {1, 2, 4, 8, 16, 32}), "floor")
                .remainder(2)
                .to(DType.FLOAT32);
        double[] minusF = rbm.freeEnergy(all).neg().toDoubleArray();
        double[] p = new double[64];
        double sum = 0;
        for (double f : minusF) {
            sum += Math.exp(f);
        }
        for (int i = 0; i < 64; i++) {
            p[i] = Math.exp(minusF[i]) / sum;
        }
        assertThat(p[7] + p[56]).isGreaterThan(0.6);
        assertThat(p[7]).isGreaterThan(0.2);
        assertThat(p[56]).isGreaterThan(0.2);
    }

    // ---- closed forms

    @Test
    void closedFormEqualsAutograd() {
        RBM rbm = new RBM(20, 10, 1, new Generator(3));
        rbm.to(DType.FLOAT64);
        Tensor v = Tensor.rand(new Generator(4), 7, 20).to(DType.FLOAT64);
        Tensor vk = Tensor.rand(new Generator(5), 5, 20).to(DType.FLOAT64);
        rbm.contrastiveDivergence(v, vk).backward();
        RBM.Gradients closed = rbm.contrastiveDivergenceGradients(v, vk);
        assertThat(closed.weight().requiresGrad()).isFalse();
        assertThat(closed.weight().toDoubleArray())
                .containsExactly(rbm.weight().grad().toDoubleArray(), within(1e-14));
        assertThat(closed.visibleBias().toDoubleArray())
                .containsExactly(rbm.visibleBias().grad().toDoubleArray(), within(1e-14));
        assertThat(closed.hiddenBias().toDoubleArray())
                .containsExactly(rbm.hiddenBias().grad().toDoubleArray(), within(1e-14));
    }

    @Test
    void gradientOfTheFreeEnergyIsMinusTheExpectation() {
        RBM rbm = small();
        Tensor v = rows(new double[] {1, 0.25, 1}, new double[] {0, 1, 1}).requiresGrad_();
        rbm.freeEnergy(v).sum().backward();
        double[] expected =
                rbm.propUp(v).matmul(rbm.weight()).add(rbm.visibleBias()).neg().toDoubleArray();
        assertThat(v.grad().toDoubleArray()).containsExactly(expected, within(1e-12));
    }

    @Test
    void pseudoLikelihoodIsInTheMeanThatOfItsDefinition() {
        RBM rbm = small();
        double[] v = {1, 0, 1};
        double exact = 0;
        for (int i = 0; i < 3; i++) {
            double[] flipped = v.clone();
            flipped[i] = 1 - flipped[i];
            exact -= Math.log1p(Math.exp(freeEnergyByEnumeration(v) - freeEnergyByEnumeration(flipped)));
        }
        Tensor estimates = rbm.pseudoLikelihood(rows(v).repeat(20_000, 1));
        assertThat(estimates.requiresGrad()).isFalse();
        assertThat(estimates.mean().item()).isCloseTo(exact, within(0.02));
        assertThat(java.util.Arrays.stream(estimates.toDoubleArray()).distinct().count())
                .isEqualTo(3);
        assertThatThrownBy(() -> rbm.pseudoLikelihood(Tensor.zeros(3))).isInstanceOf(ShapeException.class);
    }
}
