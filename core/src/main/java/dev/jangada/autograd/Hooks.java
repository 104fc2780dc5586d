package dev.jangada.autograd;

import dev.jangada.Tensor;
import dev.jangada.ops.Access;
import dev.jangada.ops.GradState;
import dev.jangada.ops.ThreadState;
import java.util.function.UnaryOperator;

/** Functions that see the gradient of a tensor in the backward pass; users call {@link Tensor#registerHook}. */
public final class Hooks {
    private Hooks() {}

    /** Calls a function with the gradient of a tensor; its result replaces the gradient. */
    public static void add(Tensor t, UnaryOperator<Tensor> hook) {
        Node.Edge edge = Autograd.edge(t);
        edge.node().addHook(edge.output(), hook);
    }

    /** Keeps the gradient of a tensor that is no leaf. */
    public static void retain(Tensor t) {
        GradState s = Access.state(t);
        add(t, g -> {
            Tensor kept = Access.aliasUnscoped(Access.operand(g));
            Node.Edge edge = Autograd.edge(g);
            if (edge != null) {
                Autograd.connect(kept, edge);
            }
            ThreadState.current().executor.touchGrad(s, false);
            Tensor old = s.grad;
            s.grad = kept;
            if (old != null) {
                old.close();
            }
            return g;
        });
    }
}
