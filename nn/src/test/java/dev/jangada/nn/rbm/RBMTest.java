package dev.jangada.nn.rbm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Generator;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.nn.MemoryUse;
import dev.jangada.optim.Adam;
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
}
