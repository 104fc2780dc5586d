package dev.jangada.nn;

import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.ops.Access;
import java.util.Objects;

/** Makes parameters: leaves that require a gradient and that no {@code TensorScope} closes. Source: {@code torch.nn.Parameter}. */
public final class Parameter {
    private Parameter() {}

    /**
     * Returns a parameter on the memory of a tensor. A tensor that is a parameter already (a leaf that requires a gradient) is returned
     * itself, so that modules can share it.
     *
     * @throws dev.jangada.AutogradException if the tensor is not of a floating point type
     */
    public static Tensor of(Tensor data) {
        return of(data, true);
    }

    /** As {@link #of(Tensor)}; a parameter that requires no gradient is one that an optimiser leaves alone. */
    public static Tensor of(Tensor data, boolean requiresGrad) {
        Objects.requireNonNull(data, "data is null");
        if (data.isLeaf() && data.requiresGrad()) {
            return Access.unscoped(data);
        }
        return Access.aliasUnscoped(Access.operand(data)).requiresGrad_(requiresGrad);
    }

    /** Returns the tensor itself, which no scope closes from now on. */
    static Tensor buffer(Tensor data) {
        if (data.requiresGrad()) {
            try (Autograd.Mode off = Autograd.noGrad()) {
                return Access.unscoped(data.detach());
            }
        }
        return Access.unscoped(data);
    }
}
