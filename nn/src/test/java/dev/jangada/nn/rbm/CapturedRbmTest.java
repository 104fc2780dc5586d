package dev.jangada.nn.rbm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.Generator;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.optim.Adam;
import org.junit.jupiter.api.Test;

/** What the plan of contrastive divergence looks like. */
class CapturedRbmTest {
    private static final int VISIBLE = 48;
    private static final int HIDDEN = 32;

    /** As in the tutorial: the samples and the energy each compute {@code v @ W^T}. */
    private static Captured tutorial(RBM rbm, Adam adam) {
        return Capture.of(args -> {
            Tensor v = args.tensor(0);
            Tensor vk = v;
            for (int i = 0; i < rbm.k(); i++) {
                vk = rbm.sampleVisible(rbm.sampleHidden(vk));
            }
            Tensor loss = rbm.freeEnergy(v).mean().sub(rbm.freeEnergy(vk).mean());
            adam.zeroGrad();
            loss.backward();
            adam.step();
            return loss;
        });
    }

    private static long productsOfTheData(Captured step) {
        return step.explain()
                .lines()
                .filter(l -> l.contains("matmul")
                        && l.contains("(argument0")
                        && l.contains("[1, " + VISIBLE + ", " + HIDDEN))
                .count();
    }

    @Test
    void theProductOfDataAndWeightsIsSharedBySamplingAndEnergy() {
        try (TensorScope scope = new TensorScope()) {
            RBM rbm = new RBM(VISIBLE, HIDDEN, 1, new Generator(1));
            Captured step = tutorial(rbm, new Adam(rbm.parameters(), 1e-3));
            step.run(Tensor.rand(16, VISIBLE).round());
            assertThat(productsOfTheData(step)).as(step.explain()).isEqualTo(1);
            assertThat(step.stats().nodesAfter()).isLessThan(step.stats().nodesBefore() * 3 / 4);
        }
    }

    @Test
    void longerChainsKeepWeightsAndState() {
        try (TensorScope scope = new TensorScope()) {
            RBM rbm = new RBM(VISIBLE, HIDDEN, 1, new Generator(1));
            Captured step = tutorial(rbm, new Adam(rbm.parameters(), 1e-3));
            Tensor v = Tensor.rand(16, VISIBLE).round();
            for (int i = 0; i < 9; i++) {
                rbm.setK(1 + i % 3);
                step.run(v);
            }
            assertThat(step.stats().traces()).isEqualTo(3);
            assertThat(step.stats().lastReason()).contains("RBM.java").contains("2, now 3");
        }
    }
}
