package dev.jangada.testkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.Device;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.backend.Availability;
import dev.jangada.backend.BackendProvider;
import dev.jangada.backend.Backends;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;

/** Tests of tensor operations with their results known, on the backend of a subclass, which is the default device meanwhile. */
@KeepsDefaultDevice
public abstract class TensorConformance {
    private static final double STEP = 1e-5;

    /** Creates the tests. */
    protected TensorConformance() {}

    /** Returns the provider of the backend under test. */
    protected abstract BackendProvider provider();

    /** Makes the backend the default one, or skips the test. */
    @BeforeEach
    final void choose() {
        Availability availability = provider().availability();
        assumeTrue(availability.available(), () -> provider().name() + ": " + availability.reason());
        Backends.setDefaultDevice(new Device(provider().name(), 0));
    }

    /** Returns the largest difference between the gradient of {@code sum(f(x) * w)} and central differences, in float64. */
    static double gradientError(Tensor x, UnaryOperator<Tensor> f) {
        Tensor leaf = x.clone().detach().requiresGrad_();
        Tensor y = f.apply(leaf);
        Tensor weights = Tensor.arange(1.0, y.numel() + 1.0, 1.0, y.dtype())
                .reshape(y.shape().toArray());
        Tensor grad = Autograd.grad(List.of(y.mul(weights).sum()), List.of(leaf), false)
                .get(0);
        double[] expected = grad.toDoubleArray();
        double[] values = x.toDoubleArray();
        double worst = 0;
        for (int i = 0; i < values.length; i++) {
            double slope = (at(x, values, i, STEP, f, weights) - at(x, values, i, -STEP, f, weights)) / (2 * STEP);
            worst = Math.max(worst, Math.abs(slope - expected[i]));
        }
        return worst;
    }

    private static double at(Tensor x, double[] values, int i, double step, UnaryOperator<Tensor> f, Tensor weights) {
        double[] moved = values.clone();
        moved[i] += step;
        Tensor t = Tensor.of(moved).reshape(x.shape().toArray());
        return f.apply(t).mul(weights).sum().item();
    }
}
