package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import java.util.List;

/**
 * Keeps gradients from exploding, between {@code backward()} and the optimiser's {@code step()}.
 *
 * <pre>{@code
 * loss.backward();
 * ClipGrad.clipGradNorm_(model.parameters(), 5);
 * optimizer.step();
 * }</pre>
 *
 * <p>Source: {@code torch.nn.utils.clip_grad_norm_}, {@code torch.nn.utils.clip_grad_value_}.
 */
public final class ClipGrad {
    private ClipGrad() {}

    /** As {@link #clipGradNorm_(List, double, double, boolean)} with the Euclidean norm; no value is read. */
    public static Tensor clipGradNorm_(List<Tensor> parameters, double maxNorm) {
        return clipGradNorm_(parameters, maxNorm, 2);
    }

    /** As {@link #clipGradNorm_(List, double, double, boolean)}; no value is read. */
    public static Tensor clipGradNorm_(List<Tensor> parameters, double maxNorm, double normType) {
        return clipGradNorm_(parameters, maxNorm, normType, false);
    }

    /**
     * Scales all gradients by one factor, so that the norm of them all together is at most {@code maxNorm}:
     * {@code g = g * min(1, maxNorm / (norm + 1e-6))}.
     *
     * <p>The gradients change in place. Parameters without a gradient don't count.
     *
     * @param normType the p of the norm, infinity for the largest magnitude
     * @param errorIfNonfinite whether a norm that is NaN or infinite is an error; asking for it waits for the device
     * @return the norm before clipping, without dimensions; 0 if there are no gradients
     * @throws ArgumentException if the norm is not finite and that is an error; the gradients are then as they were
     */
    public static Tensor clipGradNorm_(
            List<Tensor> parameters, double maxNorm, double normType, boolean errorIfNonfinite) {
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            List<Tensor> grads = gradients(parameters);
            if (grads.isEmpty()) {
                return scope.keep(Tensor.scalar(0.0));
            }
            Tensor total = total(grads, normType);
            if (errorIfNonfinite && !Double.isFinite(total.item())) {
                throw new ArgumentException("[clipGradNorm_] expected gradients with a finite norm, got the norm "
                        + total.item() + "; look for the operation that made it, or pass errorIfNonfinite = false");
            }
            Tensor factor = total.add(1e-6).reciprocal().mul(maxNorm).clampMax(Scalar.of(1.0));
            grads.forEach(g -> g.mul_(factor.to(g.device())));
            return scope.keep(total);
        }
    }

    private static Tensor total(List<Tensor> grads, double p) {
        Tensor[] norms = new Tensor[grads.size()];
        for (int i = 0; i < norms.length; i++) {
            norms[i] = grads.get(i).norm(p).to(grads.get(0).device());
        }
        return norms.length == 1 ? norms[0] : Tensor.stack(0, norms).norm(p);
    }

    /**
     * Cuts every element of the gradients to {@code [-clipValue, clipValue]}, in place.
     *
     * @throws ArgumentException if {@code clipValue} is negative or NaN
     */
    public static void clipGradValue_(List<Tensor> parameters, double clipValue) {
        if (!(clipValue >= 0)) {
            throw new ArgumentException(
                    "[clipGradValue_] expected a value >= 0, got " + clipValue + "; pass for example 1");
        }
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            gradients(parameters).forEach(g -> g.clamp_(Scalar.of(-clipValue), Scalar.of(clipValue)));
        }
    }

    private static List<Tensor> gradients(List<Tensor> parameters) {
        return parameters.stream()
                .filter(Tensor::hasGrad)
                .map(p -> p.grad().detach())
                .toList();
    }
}
