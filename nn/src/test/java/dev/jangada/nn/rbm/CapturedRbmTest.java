package dev.jangada.nn.rbm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.Generator;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.capture.Capture;
import dev.jangada.capture.CaptureStats;
import dev.jangada.capture.Captured;
import dev.jangada.optim.Adam;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** As in the benchmarks and the example {@code mnist-rbm}. */
    private static Captured library(RBM rbm, Adam adam) {
        return Capture.of(args -> {
            Tensor loss = rbm.contrastiveDivergence(args.tensor(0).bernoulli());
            adam.zeroGrad();
            loss.backward();
            adam.step();
            return loss;
        });
    }

    /** Counts the products {@code v @ W^T}, of whatever v. */
    private static long productsUp(Captured step, long visible, long hidden) {
        return step.explain()
                .lines()
                .filter(l -> l.contains("matmul") && l.contains("[1, " + visible + ", " + hidden))
                .count();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void theRealProgramSharesItsProductsAndItsMemory(int k) {
        try (TensorScope scope = new TensorScope()) {
            Tensor grey = Tensor.rand(64, 784);
            for (boolean library : new boolean[] {false, true}) {
                RBM rbm = new RBM(784, 512, k, new Generator(1));
                Adam adam = new Adam(rbm.parameters(), 1e-3);
                Captured step = library ? library(rbm, adam) : tutorial(rbm, adam);
                step.run(grey);
                assertThat(productsUp(step, 784, 512)).as(step.explain()).isEqualTo(k + 1);
                CaptureStats stats = step.stats();
                assertThat(stats.launches()).as(step.explain()).isLessThanOrEqualTo(10 + 2 * k);
                if (grey.device().type().equals("cpu")) {
                    assertThat(stats.hostCalls()).as(step.explain()).isEqualTo(1);
                }
                assertThat((double) stats.arenaBytes() / stats.intermediateBytes())
                        .as(step.explain())
                        .isLessThanOrEqualTo(0.4);
            }
        }
    }

    @Test
    void contrastiveDivergenceIsThatOfTheTutorial() {
        try (TensorScope scope = new TensorScope()) {
            RBM rbm = new RBM(VISIBLE, HIDDEN, 2, new Generator(1));
            Tensor v = Tensor.rand(16, VISIBLE).round();
            Tensor vk = rbm.gibbs(v).detach();
            rbm.freeEnergy(v).mean().sub(rbm.freeEnergy(vk).mean()).backward();
            List<Tensor> expected = new ArrayList<>();
            rbm.parameters().forEach(p -> expected.add(p.grad().clone()));
            rbm.zeroGrad();
            rbm.contrastiveDivergence(v, vk).backward();
            for (int i = 0; i < expected.size(); i++) {
                Tensor grad = rbm.parameters().get(i).grad();
                assertThat(grad.sub(expected.get(i)).abs().max().item()).isLessThan(1e-6);
            }
        }
    }

    @Test
    void theProductOfDataAndWeightsIsSharedBySamplingAndEnergy() {
        try (TensorScope scope = new TensorScope()) {
            RBM rbm = new RBM(VISIBLE, HIDDEN, 1, new Generator(1));
            Captured step = tutorial(rbm, new Adam(rbm.parameters(), 1e-3));
            step.run(Tensor.rand(16, VISIBLE).round());
            assertThat(productsUp(step, VISIBLE, HIDDEN)).as(step.explain()).isEqualTo(2);
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

    /** The time that this thread computes: other work on the machine does not count. */
    private static double millis(Runnable work) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        work.run();
        return (threads.getCurrentThreadCpuTime() - start) / 1e6;
    }

    @Test
    void aLongerChainIsTracedInMilliseconds() {
        try (TensorScope scope = new TensorScope()) {
            RBM rbm = new RBM(784, 512, 1, new Generator(1));
            Captured step = library(rbm, new Adam(rbm.parameters(), 1e-3));
            Tensor grey = Tensor.rand(64, 784);
            for (int i = 0; i < 20; i++) {
                step.run(grey);
            }
            double fastest = Double.MAX_VALUE;
            for (int k = 3; k <= 9; k += 2) {
                rbm.setK(k);
                double first = millis(() -> step.run(grey));
                fastest = Math.min(fastest, first - millis(() -> step.run(grey)));
            }
            assertThat(fastest)
                    .as("milliseconds of the first run more than of the second")
                    .isLessThan(20);
            rbm.setK(1);
            step.run(grey);
            assertThat(step.stats().traces())
                    .as("none for a chain that was there before")
                    .isEqualTo(5);
        }
    }
}
