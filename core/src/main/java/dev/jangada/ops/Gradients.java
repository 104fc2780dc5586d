package dev.jangada.ops;

import dev.jangada.ArgumentException;
import dev.jangada.AutogradException;
import dev.jangada.DTypeException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.autograd.Hooks;
import dev.jangada.autograd.Node;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
import java.util.function.UnaryOperator;

/** What {@link Tensor} offers of autograd: flags, the accumulated gradient, hooks, leaving the graph. */
public final class Gradients {
    private Gradients() {}

    /** Asks for a gradient or no longer. */
    public static void setRequiresGrad(Tensor t, boolean on) {
        if (on && !t.dtype().isFloatingPoint()) {
            throw new DTypeException("[requiresGrad_] expected a floating point tensor, got " + t.dtype()
                    + "; convert it with to(DType.FLOAT32)");
        }
        if (!t.isLeaf()) {
            if (on) {
                return;
            }
            throw new AutogradException("[requiresGrad_] expected a leaf, got a tensor made by "
                    + t.gradFn().orElseThrow().name() + "; use detach()");
        }
        GradState s = Access.state(t);
        if (on && s.inference) {
            throw new AutogradException(
                    "[requiresGrad_] expected an ordinary tensor, got one made in inferenceMode; clone() it outside of it");
        }
        setFlag(t, s, on);
    }

    private static void setFlag(Tensor t, GradState s, boolean on) {
        if (s.requiresGrad != on) {
            Storage storage = Access.operand(t).storage();
            Executor.current().touch(storage);
            storage.mark(System.identityHashCode(t));
            s.requiresGrad = on;
        }
    }

    /** Whether a gradient has been accumulated in a tensor of this state. */
    public static boolean hasGrad(GradState s) {
        Executor.current().touchGrad(s, true);
        return s.grad != null;
    }

    /** The accumulated gradient, as a handle of the caller's. */
    public static Tensor grad(Tensor t) {
        GradState s = Access.state(t);
        Executor.current().touchGrad(s, true);
        Tensor g = s.grad;
        if (g == null) {
            throw new IllegalStateException("[grad] expected an accumulated gradient, got none: "
                    + (t.requiresGrad()
                            ? (t.isLeaf()
                                    ? "call backward() on a result first; hasGrad() tells whether there is one"
                                    : "only leaves keep gradients; call retainGrad() before backward()")
                            : "the tensor does not require one; call requiresGrad_() first"));
        }
        Tensor out = Access.alias(Access.operand(g));
        Node.Edge edge = Autograd.edge(g);
        if (edge != null) {
            Autograd.connect(out, edge);
        }
        return out;
    }

    /** Replaces or drops the accumulated gradient. */
    public static void setGrad(Tensor t, Tensor grad) {
        if (grad != null
                && (!grad.shape().equals(t.shape())
                        || grad.dtype() != t.dtype()
                        || !grad.device().equals(t.device()))) {
            throw new ArgumentException("[setGrad] expected a gradient of shape " + t.shape() + " and type " + t.dtype()
                    + " on " + t.device() + ", got " + grad.shape() + ", " + grad.dtype() + ", " + grad.device());
        }
        GradState s = Access.state(t);
        Executor.current().touchGrad(s, false);
        Tensor fresh = grad == null ? null : Access.aliasUnscoped(Access.operand(grad));
        Tensor old;
        synchronized (s) {
            old = s.grad;
            s.grad = fresh;
        }
        if (old != null) {
            old.close();
        }
    }

    /** Makes an intermediate tensor keep its gradient. */
    public static void retainGrad(Tensor t) {
        if (!t.requiresGrad()) {
            throw new AutogradException(
                    "[retainGrad] expected a tensor that requires a gradient, got one that does not");
        }
        GradState s = Access.state(t);
        if (t.isLeaf() || s.retainsGrad) {
            return;
        }
        s.retainsGrad = true;
        Hooks.retain(t);
    }

    /** Registers a function of the gradient. */
    public static void registerHook(Tensor t, UnaryOperator<Tensor> hook) {
        if (!t.requiresGrad()) {
            throw new AutogradException(
                    "[registerHook] expected a tensor that requires a gradient, got one that does not; call requiresGrad_()");
        }
        Hooks.add(t, hook);
    }

    /** Makes a leaf show other memory. */
    public static void setData(Tensor t, Tensor data) {
        GradState s = Access.state(t);
        if (!t.isLeaf()) {
            throw new AutogradException("[setData] expected a leaf, got a tensor made by "
                    + t.gradFn().orElseThrow().name() + "; use copy_ or detach()");
        }
        if (s.requiresGrad && !data.dtype().isFloatingPoint()) {
            throw new AutogradException("[setData] expected data of a floating point type for a tensor that requires a"
                    + " gradient, got " + data.dtype() + "; call requiresGrad_(false) before");
        }
        Operand fresh = Access.operand(data);
        Access.operand(t); // closed tensors are refused before anything changes
        setGrad(t, null);
        markMoved(t);
        Access.replaceOperand(t, fresh);
        markMoved(t);
        s.accumulator = null; // it knows the old shape and type
        s.viewBase = null;
        s.viewKind = GradState.ViewKind.NONE;
    }

    private static void markMoved(Tensor t) {
        Storage storage = Access.operand(t).storage();
        Executor.current().touch(storage);
        storage.mark(31 * System.identityHashCode(t) + 17);
    }

    /** A tensor on the same memory outside of the graph. */
    public static Tensor detach(Tensor t) {
        return DimNames.copy(Access.alias(Access.operand(t)), t);
    }

    /** Takes a tensor out of the graph. */
    public static Tensor detachInPlace(Tensor t) {
        GradState s = Access.state(t);
        if (s.viewBase != null && s.gradFn != null) {
            throw new AutogradException("[detach_] expected a tensor that is not a view, got a view; use detach()");
        }
        Operand o = Access.operand(t);
        Node old = s.gradFn;
        s.gradFn = null;
        setFlag(t, s, false);
        s.viewVersion = o.storage().version();
        if (old != null) {
            old.removeUser();
        }
        return t;
    }
}
