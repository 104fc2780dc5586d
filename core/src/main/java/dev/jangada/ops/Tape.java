package dev.jangada.ops;

import dev.jangada.AutogradException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.autograd.Node;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;

/**
 * How an operation enters the autograd graph: results, views and in-place changes.
 *
 * <p>An operation computes its result from operands (or from other tensors with {@link #paused}), then calls {@link #attach}, {@link #view}
 * or {@link #changed} with what its backward pass needs.
 */
public final class Tape {
    private static final Saved[] NOTHING = {};

    private Tape() {}

    /** The backward pass of one operation. */
    @FunctionalInterface
    public interface Backward {
        /**
         * Returns one gradient per input, null for those not needed or zero.
         *
         * @param grads gradients of the outputs; null stands for zeros where there are several outputs, a single one is never null
         * @param saved the saved tensors, in order
         * @param needed which inputs need a gradient
         */
        Tensor[] apply(Tensor[] grads, Tensor[] saved, boolean[] needed);
    }

    /** The backward pass of an operation of one input and one output that saves nothing. */
    @FunctionalInterface
    public interface Linear {
        /** Returns the gradient of the input. */
        Tensor apply(Tensor grad);
    }

    private static final class OpNode extends Node {
        private final Saved[] saved;
        private final Backward backward;

        OpNode(String name, Edge[] next, Saved[] saved, Backward backward) {
            super(name, next);
            this.saved = saved;
            this.backward = backward;
        }

        @Override
        protected Tensor[] backward(Tensor[] grads, boolean[] needed) {
            Tensor[] tensors = new Tensor[saved.length];
            for (int i = 0; i < saved.length; i++) {
                tensors[i] = saved[i].get(this);
            }
            return backward.apply(grads, tensors, needed);
        }

        @Override
        protected void release() {
            for (Saved s : saved) {
                s.release();
            }
        }
    }

    /** Tells whether an operation on these tensors must be recorded: recording is on and one of them needs a gradient. */
    public static boolean needed(Tensor... inputs) {
        if (!ThreadState.current().gradEnabled) {
            return false;
        }
        for (Tensor t : inputs) {
            if (t.requiresGrad()) {
                return true;
            }
        }
        return false;
    }

    /** Returns where the gradient of a tensor goes, or null if it needs none. */
    public static Node.Edge edge(Tensor t) {
        return Autograd.edge(t);
    }

    private static Node.Edge[] edges(Tensor[] inputs) {
        Node.Edge[] out = new Node.Edge[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            out[i] = edge(inputs[i]);
        }
        return out;
    }

    /** Returns saved inputs. */
    public static Saved[] save(Tensor... inputs) {
        Saved[] out = new Saved[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            try {
                out[i] = Saved.input(inputs[i]);
            } catch (RuntimeException e) {
                while (--i >= 0) {
                    out[i].release();
                }
                throw e;
            }
        }
        return out;
    }

    /**
     * Records an operation with one result, if {@link #needed}.
     *
     * @param name PyTorch's name, such as {@code MulBackward0}
     * @param result the result, a new tensor without a graph
     * @param inputs the tensors that gradients go to
     * @param save the inputs that the backward pass reads
     * @return the result
     */
    public static Tensor attach(String name, Tensor result, Tensor[] inputs, Tensor[] save, Backward backward) {
        if (needed(inputs) && result.dtype().isFloatingPoint()) {
            Autograd.connectNew(result, new OpNode(name, edges(inputs), save(save), backward));
        }
        return result;
    }

    /** As {@link #attach}, for an operation whose backward pass reads its own result, as the last saved tensor. */
    public static Tensor attachWithResult(
            String name, Tensor result, Tensor[] inputs, Tensor[] save, Backward backward) {
        if (needed(inputs) && result.dtype().isFloatingPoint()) {
            Saved[] all = java.util.Arrays.copyOf(save(save), save.length + 1);
            all[save.length] = Saved.output(result, 0);
            Autograd.connectNew(result, new OpNode(name, edges(inputs), all, backward));
        }
        return result;
    }

    /** As {@link #attach}, for one input and a backward pass that reads nothing. */
    public static Tensor attach(String name, Tensor result, Tensor input, Linear backward) {
        if (needed(input) && result.dtype().isFloatingPoint()) {
            Node node = new OpNode(
                    name, edges(new Tensor[] {input}), NOTHING, (g, s, n) -> new Tensor[] {backward.apply(g[0])});
            Autograd.connectNew(result, node);
        }
        return result;
    }

    /** Records an operation with several results; those that are not floating point get no gradient. */
    public static Tensor[] attachAll(String name, Tensor[] results, Tensor[] inputs, Tensor[] save, Backward backward) {
        if (needed(inputs)) {
            Node node = new OpNode(name, edges(inputs), save(save), backward);
            for (Tensor r : results) {
                if (r.dtype().isFloatingPoint()) {
                    Autograd.connectNew(r, node);
                } else {
                    node.addOutput(r);
                }
            }
        }
        return results;
    }

    /** Returns a view of a tensor: the same storage through another layout; the gradient of the view goes back through {@code backward}. */
    public static Tensor view(String name, Tensor input, Layout layout, Linear backward) {
        Tensor out = alias(input, layout, GradState.ViewKind.SINGLE);
        return attach(name, out, input, backward);
    }

    /** Returns several views of one tensor that one node made, as {@code split} and {@code unbind} do. */
    public static Tensor[] views(String name, Tensor input, Layout[] layouts, Backward backward) {
        Tensor[] out = new Tensor[layouts.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = alias(input, layouts[i], GradState.ViewKind.MULTI);
        }
        return attachAll(name, out, new Tensor[] {input}, new Tensor[0], backward);
    }

    private static Tensor alias(Tensor input, Layout layout, GradState.ViewKind kind) {
        Operand o = Access.operand(input);
        Tensor out = Access.alias(o.with(layout));
        GradState from = Access.state(input);
        GradState to = Access.state(out);
        if (from.viewKind == GradState.ViewKind.NO_GRAD) {
            kind = GradState.ViewKind.NO_GRAD;
        } else if (!ThreadState.current().gradEnabled) {
            kind = GradState.ViewKind.NO_GRAD;
        } else if (from.viewKind == GradState.ViewKind.MULTI) {
            kind = GradState.ViewKind.MULTI;
        }
        to.viewKind = kind;
        to.viewBase = from.viewBase != null ? from.viewBase : input;
        to.viewVersion = o.storage().version();
        return out;
    }

    /**
     * Checks that a tensor may be changed in place, before anything is computed.
     *
     * @param op name of the operation, for the message
     * @param others the other inputs of the operation
     * @throws AutogradException if it is a leaf that requires a gradient, a view of one, or a view that must not be changed, while recording
     *     is on
     * @throws dev.jangada.ShapeException if several indices of it name one element
     */
    public static void checkInPlace(String op, Tensor self, Tensor... others) {
        Layout layout = Access.operand(self).layout();
        if (layout.overlaps()) {
            throw new dev.jangada.ArgumentException(
                    "[" + op + "] expected a tensor whose elements lie at different places, got " + layout
                            + ", an expanded one; clone() it before");
        }
        if (!ThreadState.current().gradEnabled) {
            return;
        }
        GradState s = Access.state(self);
        boolean records = needed(self) || needed(others);
        if (s.gradFn == null && s.requiresGrad && s.viewBase == null) {
            throw new AutogradException(
                    "[" + op + "] expected a tensor that may be changed in place, got a leaf that requires a"
                            + " gradient; do it within Autograd.noGrad(), or use the out-of-place form");
        }
        if (s.viewBase != null && records) {
            GradState base = Access.state(s.viewBase);
            if (base.gradFn == null && (base.requiresGrad || needed(self))) {
                throw new AutogradException(
                        "[" + op + "] expected a tensor that may be changed in place, got a view of a leaf that"
                                + " requires a gradient; do it within Autograd.noGrad()");
            }
            if (s.viewKind == GradState.ViewKind.NO_GRAD) {
                throw new AutogradException(
                        "[" + op + "] expected a view made while gradients are recorded, got one made in noGrad"
                                + " that is changed in place while they are; make the view outside of noGrad");
            }
            if (s.viewKind == GradState.ViewKind.MULTI && (s.gradFn != null || base.requiresGrad)) {
                throw new AutogradException(
                        "[" + op + "] expected a tensor that may be changed in place, got one of several views made"
                                + " by one call (split, chunk or unbind); use select or narrow, or the out-of-place form");
            }
        }
    }

    /**
     * Records that an operation has changed a tensor in place. {@link #checkInPlace} came before.
     *
     * @param name PyTorch's name of the node
     * @param inputs the tensors that gradients go to: the changed tensor first (its gradient is null if the old value does not matter)
     * @param save the inputs that the backward pass reads
     * @param saveResult whether it also reads the new value, as the last saved tensor
     */
    public static void changed(
            String name, Tensor self, Tensor[] inputs, Tensor[] save, boolean saveResult, Backward backward) {
        if (!needed(inputs) || !self.dtype().isFloatingPoint()) {
            Access.operand(self).storage().bumpVersion();
            return;
        }
        Node.Edge[] next = edges(inputs);
        Saved[] saved = save(save);
        Access.operand(self).storage().bumpVersion();
        if (saveResult) {
            saved = java.util.Arrays.copyOf(saved, saved.length + 1);
            saved[saved.length - 1] = Saved.output(self, 0);
        }
        Autograd.rebase(self, new OpNode(name, next, saved, backward));
    }

    /** Recording switched off until it is closed; for operations that are composed of others. */
    public static final class Pause implements AutoCloseable {
        private final ThreadState state = ThreadState.current();
        private final boolean before = state.gradEnabled;

        private Pause() {
            state.gradEnabled = false;
        }

        @Override
        public void close() {
            state.gradEnabled = before;
        }
    }

    /** Switches recording off for the calling thread until the result is closed. */
    public static Pause paused() {
        return new Pause();
    }
}
