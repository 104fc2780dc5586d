package dev.jangada.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.CaptureException;
import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.nn.MemoryUse;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class LBFGSTest {
    private static Tensor start() {
        return Tensor.of(new double[] {-1.2, 1}, DType.FLOAT64, 2).requiresGrad_();
    }

    private static Supplier<Tensor> rosenbrock(Tensor p, Optimizer<?> optimizer) {
        return () -> {
            optimizer.zeroGrad();
            Tensor x = p.select(0, 0);
            Tensor y = p.select(0, 1);
            Tensor valley = y.sub(x.square()).square().mul(100);
            Tensor loss = valley.add(x.mul(-1).add(1).square());
            loss.backward();
            return loss;
        };
    }

    @Test
    void lineSearchFindsTheBottomOfACurvedValley() {
        Tensor p = start();
        LBFGS optimizer = new LBFGS(List.of(p), LBFGS.Options.defaults().withStrongWolfe(true));
        double loss = 0;
        for (int i = 0; i < 5; i++) {
            try (TensorScope scope = new TensorScope()) {
                loss = optimizer.step(rosenbrock(p, optimizer)).item();
            }
        }
        assertThat(loss).as("the loss that PyTorch ends with").isCloseTo(4.2214575e-10, within(1e-15));
        assertThat(p.toDoubleArray()[0]).isCloseTo(0.99998142, within(1e-7));
    }

    @Test
    void singleStepsUseTheGradientsAtHand() {
        Tensor p = Tensor.of(new double[] {3, -2}, DType.FLOAT64, 2).requiresGrad_();
        Tensor scale = Tensor.of(new double[] {1, 10}, DType.FLOAT64, 2);
        LBFGS optimizer = new LBFGS(List.of(p));
        for (int i = 0; i < 12; i++) {
            optimizer.zeroGrad();
            p.square().mul(scale).sum().backward();
            optimizer.step();
        }
        assertThat(p.toDoubleArray()[0]).as("as PyTorch with max_iter=1").isCloseTo(1.92598e-5, within(1e-9));
        assertThat(p.toDoubleArray()[1]).isCloseTo(-3.15766e-6, within(1e-9));
    }

    @Test
    void memoryDoesNotGrow() {
        Tensor p = start();
        LBFGS optimizer =
                new LBFGS(List.of(p), LBFGS.Options.of(1e-3).withMaxIter(4).withHistorySize(2));
        long settled = 0;
        for (int i = 0; i < 6; i++) {
            try (TensorScope scope = new TensorScope()) {
                optimizer.step(rosenbrock(p, optimizer));
            }
            optimizer.zeroGrad();
            if (i > 2) {
                assertThat(MemoryUse.settled(p.device())).isEqualTo(settled);
            }
            settled = MemoryUse.settled(p.device());
        }
    }

    @Test
    void whatItCantDoIsRefused() {
        Tensor p = start();
        LBFGS optimizer = new LBFGS(List.of(p), LBFGS.Options.defaults().withStrongWolfe(true));
        assertThatThrownBy(optimizer::step)
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("step(closure)");
        assertThatThrownBy(() -> optimizer.addGroup(List.of(start()), LBFGS.Options.defaults()))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> LBFGS.Options.defaults().withMaxIter(0)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void theClosureMayBeCapturedAndTheSearchSaysThatItMayNot() {
        Tensor p = start();
        LBFGS optimizer = new LBFGS(List.of(p), LBFGS.Options.defaults().withStrongWolfe(true));
        Tensor twin = start();
        LBFGS eager = new LBFGS(List.of(twin), LBFGS.Options.defaults().withStrongWolfe(true));
        try (Captured closure =
                Capture.of(args -> rosenbrock(p, optimizer).get().detach())) {
            for (int i = 0; i < 3; i++) {
                double loss = optimizer.step(() -> closure.run()).item();
                assertThat(loss).isEqualTo(eager.step(rosenbrock(twin, eager)).item());
            }
            assertThat(p.toDoubleArray()).isEqualTo(twin.toDoubleArray());
            assertThat(closure.stats().traces()).isLessThanOrEqualTo(2);
        }
        Captured search = Capture.of(args -> optimizer.step(rosenbrock(p, optimizer)));
        assertThatThrownBy(() -> search.run())
                .isInstanceOf(CaptureException.class)
                .hasMessageContaining("asks for no values")
                .hasMessageContaining("LBFGS.java");
        assertThat(p.toDoubleArray()).isEqualTo(twin.toDoubleArray());
    }
}
