package dev.jangada.autograd;

import dev.jangada.AutogradException;
import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Compares recorded gradients with central differences {@code (f(x + eps) - f(x - eps)) / (2 eps)}, element by element, in float64.
 *
 * <p>Results are weighted with fixed numbers between 0.5 and 1.5 and summed, so that one backward pass gives all gradients. Source: PyTorch
 * {@code torch.autograd.gradcheck}.
 */
public final class Gradcheck {
    private static final double EPS = 1e-6;
    private static final double ATOL = 1e-5;
    private static final double RTOL = 1e-3;

    private Gradcheck() {}

    /** What is checked: a function of tensors. */
    @FunctionalInterface
    public interface Checked {
        /** Returns the result, of any shape; it must be the same whenever it is called with the same inputs. */
        Tensor apply(Tensor... inputs);
    }

    /**
     * Requires that gradients and differences agree within 1e-5 and a thousandth.
     *
     * @param f the function
     * @param inputs of float64; those that require a gradient are checked
     * @throws AutogradException with a report of the first input whose gradient differs most
     */
    public static void gradcheck(Checked f, Tensor... inputs) {
        difference(f, inputs).ifPresent(report -> {
            throw new AutogradException("[gradcheck] " + report);
        });
    }

    /** As {@link #gradcheck} for second derivatives: it checks the gradients of the gradients. */
    public static void gradgradcheck(Checked f, Tensor... inputs) {
        boolean[] recorded = new boolean[inputs.length];
        for (int i = 0; i < recorded.length; i++) {
            recorded[i] = inputs[i].requiresGrad();
        }
        gradcheck(x -> gradients(f, recorded, x), inputs);
    }

    /** The weighted sum of all gradients; differences are taken without recording, but the first derivative needs it. */
    private static Tensor gradients(Checked f, boolean[] recorded, Tensor[] inputs) {
        boolean before = Autograd.isGradEnabled();
        Tensor[] own = inputs.clone();
        List<Tensor> checked = new ArrayList<>();
        try (Autograd.Mode on = Autograd.enableGrad()) {
            for (int i = 0; i < own.length; i++) {
                if (recorded[i]) {
                    own[i] = before ? inputs[i] : inputs[i].detach().requiresGrad_();
                    checked.add(own[i]);
                }
            }
            Tensor sum = row(f, own, checked);
            return before ? sum : sum.detach();
        }
    }

    private static Tensor row(Checked f, Tensor[] inputs, List<Tensor> checked) {
        Tensor total = weighted(f.apply(inputs));
        Tensor sum = null;
        int seed = 7;
        for (Tensor g : Autograd.grad(List.of(total), checked, List.of(), true, true, true)) {
            Tensor part = g.mul(weights(g, seed++)).sum();
            sum = sum == null ? part : sum.add(part);
        }
        return sum;
    }

    private static Tensor weights(Tensor like, int seed) {
        double[] w = new double[Math.toIntExact(like.numel())];
        for (int i = 0; i < w.length; i++) {
            double x = Math.sin(12.9898 * (i + 1) + 78.233 * seed) * 43758.5453;
            w[i] = 0.5 + x - Math.floor(x);
        }
        return Tensor.of(w).to(like.device()).reshape(like.shape().toArray());
    }

    private static Tensor weighted(Tensor y) {
        return y.mul(weights(y, 1)).sum();
    }

    /**
     * Returns how gradients and differences disagree, or nothing if they agree.
     *
     * @param f the function
     * @param inputs of float64; those that require a gradient are checked
     */
    public static Optional<String> difference(Checked f, Tensor... inputs) {
        try (TensorScope scope = new TensorScope()) {
            List<Tensor> checked = new ArrayList<>();
            for (Tensor t : inputs) {
                if (t.requiresGrad()) {
                    if (t.dtype() != DType.FLOAT64) {
                        throw new AutogradException("[gradcheck] expected inputs of float64, got " + t.dtype()
                                + "; convert them with to(DType.FLOAT64)");
                    }
                    checked.add(t);
                }
            }
            if (checked.isEmpty()) {
                throw new AutogradException("[gradcheck] expected an input that requires a gradient, got none");
            }
            Tensor y = f.apply(inputs);
            if (!y.requiresGrad()) {
                return Optional.of("expected a result that was recorded, got one without a graph");
            }
            List<Tensor> grads = Autograd.grad(List.of(weighted(y)), checked, List.of(), false, false, true);
            for (int i = 0; i < checked.size(); i++) {
                int number = Arrays.asList(inputs).indexOf(checked.get(i));
                String d = compare(f, inputs, number, grads.get(i));
                if (!d.isEmpty()) {
                    return Optional.of(d);
                }
            }
            return Optional.empty();
        }
    }

    private static String compare(Checked f, Tensor[] inputs, int number, Tensor grad) {
        double[] analytic = grad.contiguous().toDoubleArray();
        double worst = 0;
        String report = "";
        for (int i = 0; i < analytic.length; i++) {
            double numeric = (value(f, inputs, number, i, EPS) - value(f, inputs, number, i, -EPS)) / (2 * EPS);
            double off = Math.abs(analytic[i] - numeric);
            double excess = off - ATOL - RTOL * Math.abs(numeric);
            if (!(excess <= 0) && !(excess <= worst)) {
                worst = excess;
                report = "expected the gradient of input " + number + " of shape " + inputs[number].shape()
                        + " at element " + i + " to be " + numeric + " (central difference), got " + analytic[i];
            }
        }
        return report;
    }

    private static double value(Checked f, Tensor[] inputs, int number, int element, double eps) {
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor[] moved = new Tensor[inputs.length];
            for (int i = 0; i < moved.length; i++) {
                moved[i] = inputs[i].detach();
            }
            double[] step = new double[Math.toIntExact(inputs[number].numel())];
            step[element] = eps;
            Tensor shift = Tensor.of(step).to(inputs[number].device());
            moved[number] =
                    moved[number].add(shift.reshape(inputs[number].shape().toArray()));
            return weighted(f.apply(moved)).item();
        }
    }
}
