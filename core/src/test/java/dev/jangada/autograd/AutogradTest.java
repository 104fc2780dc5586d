package dev.jangada.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.AutogradException;
import dev.jangada.ClosedTensorException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the tape does: accumulation, modes, hooks, versions, views changed in place, higher derivatives, memory. */
class AutogradTest {
    private static Tensor leaf(double... values) {
        return Tensor.of(values).requiresGrad_();
    }

    /** Bytes in use once what other tests forgot is collected. */
    private static long settled(Tensor t) {
        long before;
        long now = t.device().memory().inUse();
        do {
            before = now;
            System.gc();
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            now = t.device().memory().inUse();
        } while (now != before);
        return now;
    }

    private static double[] grad(Tensor t) {
        return t.grad().toDoubleArray();
    }

    @Test
    void gradientsAccumulateUntilTheyAreDropped() {
        Tensor x = leaf(1, 2, 3);
        x.square().sum().backward();
        x.square().sum().backward();
        assertThat(grad(x)).containsExactly(4, 8, 12);
        x.grad().zero_();
        assertThat(grad(x)).containsExactly(0, 0, 0);
        x.zeroGrad();
        assertThat(x.hasGrad()).isFalse();
        assertThatThrownBy(x::grad).isInstanceOf(IllegalStateException.class).hasMessageContaining("call backward()");
    }

    @Test
    void accumulatedGradientSharesNoMemoryWithAGradientTheUserPassed() {
        Tensor x = leaf(1, 2);
        Tensor seed = Tensor.of(new double[] {1, 1});
        x.add(0.0).backward(seed);
        seed.fill_(9.0);
        assertThat(grad(x)).containsExactly(1, 1);
    }

    @Test
    void broadcastGradientsAreSummedBack() {
        Tensor x = leaf(2);
        Tensor y = Tensor.of(new double[] {1, 2, 3});
        x.mul(y).sum().backward();
        assertThat(x.grad().shape()).isEqualTo(x.shape());
        assertThat(grad(x)).containsExactly(6);
    }

    @Test
    void gradientHasTheTypeOfItsTensor() {
        Tensor x = Tensor.of(new float[] {1, 2}).requiresGrad_();
        x.mul(Tensor.of(new double[] {3, 4})).sum().backward();
        assertThat(x.grad().dtype()).isEqualTo(DType.FLOAT32);
        assertThat(grad(x)).containsExactly(3, 4);
    }

    @Test
    void modesSwitchRecordingAndGoBack() {
        Tensor x = leaf(1);
        try (Autograd.Mode off = Autograd.noGrad()) {
            assertThat(x.mul(2).requiresGrad()).isFalse();
            try (Autograd.Mode on = Autograd.enableGrad()) {
                assertThat(x.mul(2).requiresGrad()).isTrue();
            }
            assertThat(Autograd.isGradEnabled()).isFalse();
        }
        assertThat(Autograd.isGradEnabled()).isTrue();
        assertThat(Autograd.noGrad(() -> x.mul(2)).requiresGrad()).isFalse();
    }

    @Test
    void inferenceTensorsAreNeverSaved() {
        Tensor made;
        try (Autograd.Mode m = Autograd.inferenceMode()) {
            made = Tensor.of(new double[] {1, 2}).mul(2);
        }
        Tensor x = leaf(1, 2);
        assertThatThrownBy(() -> x.mul(made))
                .isInstanceOf(AutogradException.class)
                .hasMessageContaining("clone()");
        x.mul(made.clone()).sum().backward();
        assertThat(grad(x)).containsExactly(2, 4);
        assertThatThrownBy(made::requiresGrad_).isInstanceOf(AutogradException.class);
    }

    @Test
    void detachSharesMemoryAndLeavesTheGraph() {
        Tensor x = leaf(1, 2);
        Tensor y = x.mul(3);
        Tensor d = y.detach();
        assertThat(d.requiresGrad()).isFalse();
        assertThat(d.sharesStorage(y)).isTrue();
        y.mul(d).sum().backward();
        assertThat(grad(x)).containsExactly(9, 18);
    }

    @Test
    void retainGradAndHooksSeeTheGradient() {
        Tensor x = leaf(1, 2);
        Tensor y = x.mul(3).retainGrad();
        y.registerHook(g -> g.mul(10));
        AtomicInteger calls = new AtomicInteger();
        x.registerHook(g -> {
            calls.incrementAndGet();
            return g.add(1);
        });
        y.sum().backward();
        assertThat(grad(y)).containsExactly(1, 1);
        assertThat(grad(x)).containsExactly(31, 31);
        assertThat(calls).hasValue(1);
        assertThatThrownBy(() -> x.mul(2).grad())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("retainGrad");
    }

    @Test
    void changingASavedTensorInPlaceIsFound() {
        Tensor x = leaf(1, 2);
        Tensor y = x.exp();
        y.add_(1);
        assertThatThrownBy(() -> y.sum().backward())
                .isInstanceOf(AutogradException.class)
                .hasMessageContaining("ExpBackward0")
                .hasMessageContaining("clone()");
        Tensor z = x.add(1); // saves nothing: may be changed
        z.add_(1);
        z.sum().backward();
        assertThat(grad(x)).containsExactly(1, 1);
    }

    @Test
    void leavesAndTheirViewsMustNotBeChangedInPlace() {
        Tensor x = leaf(1, 2);
        assertThatThrownBy(() -> x.add_(1))
                .isInstanceOf(AutogradException.class)
                .hasMessageContaining("noGrad");
        assertThatThrownBy(() -> x.select(0, 0).mul_(2)).isInstanceOf(AutogradException.class);
        assertThat(x.toDoubleArray()).containsExactly(1, 2);
        try (Autograd.Mode off = Autograd.noGrad()) {
            x.mul_(2);
        }
        assertThat(x.toDoubleArray()).containsExactly(2, 4);
        assertThat(x.requiresGrad()).isTrue();
    }

    @Test
    void aViewChangedInPlaceRewritesTheHistoryOfItsBase() {
        Tensor x = leaf(1, 2, 3, 4);
        Tensor base = x.mul(1);
        Tensor view = base.view(2, 2).select(1, 0);
        view.mul_(10);
        base.square().sum().backward();
        assertThat(grad(x)).containsExactly(200, 4, 600, 8);
        x.zeroGrad();
        Tensor b = x.mul(1);
        Tensor v = b.narrow(0, 1, 2);
        b.mul_(3); // the base changes: the view's history follows
        v.sum().backward();
        assertThat(grad(x)).containsExactly(0, 3, 3, 0);
    }

    @Test
    void aPartOfAConstantChangedInPlaceGivesItsOperandAGradient() {
        Tensor w = leaf(1, 2, 3);
        Tensor base = Tensor.of(new double[] {5, 6, 7, 8}, 4);
        base.narrow(0, 1, 3).mul_(w).div_(w.add(1));
        base.asStrided(new long[] {2}, new long[] {1}, 0).add_(w.narrow(0, 0, 2));
        base.mul(Tensor.of(new double[] {1, 2, 3, 4}, 4)).sum().backward();
        assertThat(grad(w)).containsExactly(new double[] {4, 13.0 / 3, 2}, within(1e-12)); // PyTorch's
    }

    @Test
    void aViewChangedInPlaceIsDifferentiatedTwice() {
        Tensor x = leaf(0.5, 0.75);
        Tensor y = x.mul(2);
        y.view(2, 1).exp_();
        Tensor loss = y.square().sum();
        Tensor g = Autograd.grad(List.of(loss), List.of(x), List.of(), true, true, false)
                .get(0);
        loss.add(g.square().sum()).backward();
        double a = Math.exp(2); // the loss is exp(4x): g = 4 exp(4x)
        double b = Math.exp(3);
        assertThat(grad(x)).containsExactly(new double[] {4 * a + 128 * a * a, 4 * b + 128 * b * b}, within(1e-9));
        assertThatThrownBy(() -> loss.backward()).isInstanceOf(AutogradException.class);
    }

    @Test
    void overwritingAPartCutsItsGradient() {
        Tensor x = leaf(1, 2, 3);
        Tensor y = x.mul(2);
        y.select(0, 1).zero_();
        Tensor w = leaf(5);
        y.narrow(0, 2, 1).copy_(w);
        y.sum().backward();
        assertThat(grad(x)).containsExactly(2, 0, 0);
        assertThat(grad(w)).containsExactly(1);
    }

    @Test
    void higherDerivatives() {
        Tensor x = leaf(2);
        Tensor y = x.pow(4).sum();
        for (double expected : new double[] {32, 48, 48, 24}) {
            Tensor g = Autograd.grad(List.of(y), List.of(x), true).get(0);
            assertThat(g.item()).isEqualTo(expected);
            y = g.sum();
        }
        Tensor s = leaf(0.3);
        Tensor g1 = Autograd.grad(List.of(s.tanh().sum()), List.of(s), true).get(0);
        double t = Math.tanh(0.3);
        assertThat(Autograd.grad(g1.sum(), s).item()).isCloseTo(-2 * t * (1 - t * t), within(1e-12));
    }

    private static org.assertj.core.data.Offset<Double> within(double d) {
        return org.assertj.core.data.Offset.offset(d);
    }

    @Test
    void aGraphIsUsedOnceUnlessRetained() {
        Tensor x = leaf(1, 2);
        Tensor y = x.square().sum();
        y.backward(true, false);
        y.backward();
        assertThat(grad(x)).containsExactly(4, 8);
        assertThatThrownBy(y::backward).isInstanceOf(AutogradException.class).hasMessageContaining("retainGraph");
        assertThat(grad(x)).containsExactly(4, 8);
    }

    @Test
    void wrongUseIsExplained() {
        Tensor x = leaf(1, 2);
        assertThatThrownBy(() -> x.mul(2).backward()).hasMessageContaining("scalar");
        assertThatThrownBy(() -> Tensor.of(new double[] {1}).backward()).hasMessageContaining("requiresGrad_()");
        assertThatThrownBy(() -> Tensor.of(new long[] {1}).requiresGrad_()).hasMessageContaining("floating point");
        assertThatThrownBy(() -> x.mul(2).backward(Tensor.of(new double[] {1, 2, 3})))
                .hasMessageContaining("[3]");
        assertThatThrownBy(() -> Autograd.grad(x.sum(), leaf(1))).hasMessageContaining("allowUnused");
        assertThatThrownBy(() -> x.mul(2).requiresGrad_(false)).hasMessageContaining("detach");
        assertThat(x.hasGrad()).isFalse();
    }

    @Test
    void aHookThatReturnsAWrongShapeIsRefused() {
        Tensor x = leaf(1, 2);
        x.registerHook(g -> Tensor.of(new double[] {1, 2, 3}));
        assertThatThrownBy(() -> {
                    Tensor y = x.mul(1);
                    y.registerHook(g -> Tensor.of(new double[] {1, 2, 3}));
                    y.sum().backward();
                })
                .isInstanceOf(AutogradException.class)
                .hasMessageContaining("[3]");
    }

    @Test
    void gradientsOfAnotherTypeOrShapeAreRefused() {
        Tensor x = leaf(1, 2);
        assertThatThrownBy(() -> x.mul(1).backward(Tensor.of(new float[] {1, 1})))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("float64");
        Tensor y = x.mul(1);
        y.registerHook(g -> g.to(DType.FLOAT32));
        assertThatThrownBy(() -> y.sum().backward()).isInstanceOf(AutogradException.class);
        assertThat(x.hasGrad()).isFalse();
    }

    @Test
    void copyingFromADetachedAliasCutsTheGradient() {
        Tensor x = leaf(1, 2);
        Tensor y = x.mul(3);
        y.copy_(y.detach());
        y.mul(x).sum().backward();
        assertThat(grad(x)).containsExactly(3, 6);
    }

    @Test
    void aViewMayOutliveItsBase() {
        Tensor x = leaf(1, 2);
        Tensor v;
        try (TensorScope scope = new TensorScope()) {
            v = scope.keep(x.mul(2).view(2, 1));
        }
        v.add_(1);
        v.mul(v).sum().backward();
        assertThat(grad(x)).containsExactly(12, 20);
    }

    @Test
    void viewsChangedInPlaceFreeTheirGraph() {
        Tensor x = leaf(1, 2, 3, 4);
        long before = settled(x);
        try (TensorScope scope = new TensorScope()) {
            Tensor base = x.exp();
            base.view(2, 2).select(0, 1).mul_(x.narrow(0, 0, 2));
            base.sigmoid().sum();
        }
        assertThat(x.device().memory().inUse()).isLessThanOrEqualTo(before);
    }

    @Test
    void aVeryDeepGraphNeitherOverflowsNorLeaks() {
        Tensor x = leaf(1);
        Tensor y = x;
        for (int i = 0; i < 50_000; i++) {
            y = y.add(1);
        }
        y.sum().backward();
        assertThat(grad(x)).containsExactly(1);
        long before = settled(x);
        try (TensorScope scope = new TensorScope()) {
            Tensor z = x;
            for (int i = 0; i < 20_000; i++) {
                z = z.mul(x);
            }
        }
        assertThat(x.device().memory().inUse()).isLessThanOrEqualTo(before);
    }

    @Test
    void aClosedGraphFreesWhatItSaved() {
        Tensor x = leaf(1, 2, 3);
        long before = settled(x);
        try (TensorScope scope = new TensorScope()) {
            x.exp().mul(x).sigmoid().sum(); // never differentiated
        }
        assertThat(x.device().memory().inUse()).isLessThanOrEqualTo(before);
        try (TensorScope scope = new TensorScope()) {
            x.exp().mul(x).sigmoid().sum().backward();
        }
        x.zeroGrad();
        assertThat(x.device().memory().inUse()).isLessThanOrEqualTo(before);
    }

    @Test
    void aClosedLossIsNamedAsSuch() {
        Tensor x = leaf(1, 2);
        Tensor saved;
        Tensor nothingSaved;
        try (TensorScope scope = new TensorScope()) {
            saved = x.exp().sum();
            nothingSaved = x.mul(2).sum();
        }
        assertThatThrownBy(saved::backward)
                .isInstanceOf(ClosedTensorException.class)
                .hasMessageContaining("scope.keep");
        assertThatThrownBy(nothingSaved::backward).isInstanceOf(ClosedTensorException.class);
        assertThatThrownBy(() -> Autograd.grad(List.of(saved), List.of(x), false))
                .isInstanceOf(ClosedTensorException.class);
        assertThat(x.hasGrad()).isFalse();
    }

    @Test
    void aKeptLossCanBeDifferentiatedAfterItsScope() {
        Tensor x = leaf(1, 2);
        Tensor loss;
        Tensor hidden;
        try (TensorScope scope = new TensorScope()) {
            hidden = x.exp();
            loss = scope.keep(hidden.mul(hidden).sum());
        }
        Tensor gone = hidden;
        assertThatThrownBy(() -> gone.add(1)).isInstanceOf(ClosedTensorException.class);
        loss.backward();
        assertThat(grad(x)[0]).isCloseTo(2 * Math.exp(2), within(1e-12));
    }

    @Test
    void threadsDifferentiateAtOnce() throws Exception {
        Tensor shared = leaf(1, 2, 3);
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Boolean>> tasks = java.util.Collections.nCopies(8, () -> {
                for (int i = 0; i < 200; i++) {
                    try (TensorScope scope = new TensorScope()) {
                        shared.mul(2).sum().backward();
                    }
                }
                return true;
            });
            for (Future<Boolean> f : pool.invokeAll(tasks)) {
                assertThat(f.get()).isTrue();
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(grad(shared)).containsExactly(3200, 3200, 3200);
    }
}
