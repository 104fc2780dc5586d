package dev.jangada.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.FusedUpdate;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.kernel.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Captured functions that use the same tensors, and what is said of those that are traced again and again. */
class SharedStateTest {
    /** Two functions that change the same weights by turns, with one calling the other. */
    private static double[] train(boolean captured) {
        try (TensorScope scope = new TensorScope()) {
            Tensor w = Tensor.of(new float[] {1, -2, 3}).requiresGrad_();
            Captured descend = Capture.of(args -> {
                Tensor loss = w.mul(args.tensor(0)).square().sum();
                Tensor grad = Autograd.grad(loss, w);
                try (Autograd.Mode off = Autograd.noGrad()) {
                    w.sub_(grad.mul(0.01));
                }
                return loss.detach();
            });
            Captured shrinkAndDescend = Capture.of(args -> {
                try (Autograd.Mode off = Autograd.noGrad()) {
                    w.mul_(0.9);
                }
                return descend.run(args.tensor(0)).add(w.detach().sum());
            });
            List<Double> seen = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                Tensor x = Tensor.of(new float[] {i, 1, 0.5f});
                for (Captured f : List.of(descend, shrinkAndDescend)) {
                    seen.add((captured ? f.run(x) : f.runEagerly(x)).item());
                }
                w.detach().add_(0.125); // what is changed outside is seen
            }
            seen.add(w.detach().sum().item());
            return seen.stream().mapToDouble(d -> d).toArray();
        }
    }

    @Test
    void twoFunctionsMayChangeTheSameTensors() {
        assertThat(train(true)).isEqualTo(train(false));
    }

    @Test
    void aRunIsNotStartedOrClosedByWhatItAsksFor() {
        try (TensorScope scope = new TensorScope()) {
            Tensor w = Tensor.ones(3);
            List<Runnable> asked = new ArrayList<>();
            FusedUpdate update = FusedUpdate.of("less", 1, 0, 1, (x, s) -> new Expr[] {x[0].sub(s[0])});
            Captured f = Capture.all(args -> {
                update.apply(new Tensor[] {w}, new Tensor[0], () -> {
                    asked.forEach(Runnable::run);
                    return new double[] {0.25};
                });
                return List.of(w.clone());
            });
            for (Runnable r : List.<Runnable>of(f::close, f::runAll)) {
                f.runAll();
                asked.add(r);
                assertThatThrownBy(f::runAll)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("[capture]");
                asked.clear();
            }
            assertThat(f.run().toFloatArray()).containsOnly(0.25f);
        }
    }

    @Test
    void whatKeepsChangingIsSaid() {
        List<String> said = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord message) {
                said.add(message.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("dev.jangada");
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try (TensorScope scope = new TensorScope()) {
            Captured f = Capture.of(args -> args.tensor(0).add(args.intValue(1)));
            for (int i = 0; i < 16; i++) {
                f.run(Tensor.ones(1), i);
            }
            assertThat(said).isEmpty();
            f.run(Tensor.ones(1), 16);
            assertThat(said).hasSize(1);
            assertThat(said.get(0)).contains("at most 16 plans", "argument 1: 15, now 16", "args.count");
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(true);
        }
    }
}
