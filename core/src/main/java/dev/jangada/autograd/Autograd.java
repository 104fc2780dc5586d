package dev.jangada.autograd;

import dev.jangada.AutogradException;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.ops.Access;
import dev.jangada.ops.GradState;
import dev.jangada.ops.Shapes;
import dev.jangada.ops.ThreadState;
import java.util.List;
import java.util.function.Supplier;

/**
 * Gradients: when operations are recorded, and how recorded ones are run backwards.
 *
 * <pre>{@code
 * Tensor x = Tensor.of(new float[] {1, 2, 3}).requiresGrad_();
 * x.square().sum().backward();
 * System.out.println(x.grad());                              // tensor([2., 4., 6.])
 * try (var off = Autograd.noGrad()) { x.sub_(x.grad().mul(0.1)); }
 * }</pre>
 *
 * <p>Source: PyTorch {@code torch.autograd}.
 */
public final class Autograd {
    private Autograd() {}

    /** A switch of the calling thread that goes back when it is closed; use it with try-with-resources. */
    public static final class Mode implements AutoCloseable {
        private final ThreadState state = ThreadState.current();
        private final boolean gradBefore = state.gradEnabled;
        private final boolean inferenceBefore = state.inference;

        private Mode(boolean grad, boolean inference) {
            state.gradEnabled = grad;
            state.inference = inference;
        }

        /** Restores the former mode. */
        @Override
        public void close() {
            state.gradEnabled = gradBefore;
            state.inference = inferenceBefore;
        }
    }

    /** Switches recording off for the calling thread until the result is closed. Source: {@code torch.no_grad}. */
    public static Mode noGrad() {
        return new Mode(false, ThreadState.current().inference);
    }

    /** Switches recording on for the calling thread until the result is closed. Source: {@code torch.enable_grad}. */
    public static Mode enableGrad() {
        return new Mode(true, false);
    }

    /**
     * Switches recording off and marks new tensors as never to be recorded, until the result is closed. Source:
     * {@code torch.inference_mode}.
     */
    public static Mode inferenceMode() {
        return new Mode(false, true);
    }

    /** Returns what {@code body} returns, run without recording. */
    public static <T> T noGrad(Supplier<T> body) {
        try (Mode off = noGrad()) {
            return body.get();
        }
    }

    /** Tells whether operations of the calling thread are recorded. */
    public static boolean isGradEnabled() {
        return ThreadState.current().gradEnabled;
    }

    /** Switches recording of the calling thread on or off. Source: {@code torch.set_grad_enabled}. */
    public static void setGradEnabled(boolean on) {
        ThreadState.current().gradEnabled = on;
    }

    /**
     * Adds the gradients of outputs to the {@code grad()} of all leaves they were computed from.
     *
     * <p>Source: {@code torch.autograd.backward}.
     *
     * @param outputs what to differentiate
     * @param gradOutputs one gradient per output, of its shape; an empty list means 1 for each output, which must be a scalar then
     * @param retainGraph whether the graph can be used again
     * @param createGraph whether the gradients are recorded themselves, for higher derivatives
     * @throws AutogradException if an output was not recorded, or the graph was already used
     */
    public static void backward(
            List<Tensor> outputs, List<Tensor> gradOutputs, boolean retainGraph, boolean createGraph) {
        Engine.run(outputs, gradOutputs, retainGraph, createGraph, List.of(), true, true);
    }

    /** As {@link #backward(List, List, boolean, boolean)}, only for some leaves or intermediate tensors. */
    public static void backward(
            List<Tensor> outputs,
            List<Tensor> gradOutputs,
            boolean retainGraph,
            boolean createGraph,
            List<Tensor> inputs) {
        Engine.run(outputs, gradOutputs, retainGraph, createGraph, inputs, true, true);
    }

    /**
     * Returns the gradients of outputs with respect to inputs, without touching any {@code grad()}.
     *
     * <p>Source: {@code torch.autograd.grad}.
     *
     * @throws AutogradException if an input was not recorded or has no part in the outputs
     */
    public static List<Tensor> grad(List<Tensor> outputs, List<Tensor> inputs, boolean createGraph) {
        return grad(outputs, inputs, List.of(), createGraph, createGraph, false);
    }

    /** Returns the gradient of a scalar with respect to one input; see {@link #grad(List, List, boolean)}. */
    public static Tensor grad(Tensor output, Tensor input) {
        return grad(List.of(output), List.of(input), false).get(0);
    }

    /**
     * As {@link #grad(List, List, boolean)} with all settings.
     *
     * @param gradOutputs one gradient per output, or empty
     * @param allowUnused whether an input without a part in the outputs gets zeros instead of an exception
     */
    public static List<Tensor> grad(
            List<Tensor> outputs,
            List<Tensor> inputs,
            List<Tensor> gradOutputs,
            boolean retainGraph,
            boolean createGraph,
            boolean allowUnused) {
        return Engine.run(outputs, gradOutputs, retainGraph, createGraph, inputs, false, allowUnused);
    }

    // ---- how operations connect tensors to the graph; called by dev.jangada.ops

    /** Returns where the gradient of a tensor goes, or null if it needs none; used by operations. */
    public static Node.Edge edge(Tensor t) {
        GradState s = Access.state(t);
        Node fn = gradFn(t);
        if (fn != null) {
            return new Node.Edge(fn, s.outputNumber);
        }
        if (!s.requiresGrad) {
            return null;
        }
        Node known = s.accumulator;
        return known != null ? known.onlyEdge() : newAccumulator(t, s);
    }

    private static Node.Edge newAccumulator(Tensor t, GradState s) {
        synchronized (s) {
            if (s.accumulator == null) {
                s.accumulator = new AccumulateGrad(t);
            }
            return s.accumulator.onlyEdge();
        }
    }

    /** Returns the node that made a tensor, or null; a view whose storage was changed in place gets a new one. */
    public static Node gradFn(Tensor t) {
        GradState s = Access.state(t);
        leaveClosedBase(s);
        if (s.viewBase != null && s.viewKind != GradState.ViewKind.NO_GRAD) {
            Operand o = Access.operand(t);
            if (s.viewVersion != o.storage().version()) {
                refreshView(t, s, o);
            }
        }
        return s.gradFn;
    }

    /** A base that was closed can be seen by nobody: its view stands for itself from then on. */
    private static void leaveClosedBase(GradState s) {
        if (s.viewBase != null && s.viewBase.isClosed()) {
            s.viewBase = null;
            s.viewKind = GradState.ViewKind.NONE;
        }
    }

    private static void refreshView(Tensor t, GradState s, Operand o) {
        s.viewVersion = o.storage().version();
        GradState base = Access.state(s.viewBase);
        if (base.gradFn == null) {
            return;
        }
        AsStridedBackward fn = new AsStridedBackward(s.viewBase, o.layout());
        setGradFn(t, s, fn);
    }

    private static void setGradFn(Tensor t, GradState s, Node fn) {
        Node old = s.gradFn;
        s.outputNumber = fn.addOutput(t);
        s.gradFn = fn;
        fn.addUser();
        if (old != null) {
            old.removeUser();
        }
    }

    /** Makes a new tensor the next output of a node that is new as well; used by operations. */
    public static void connectNew(Tensor t, Node fn) {
        GradState s = Access.state(t);
        if (s.gradFn != null) {
            setGradFn(t, s, fn);
            return;
        }
        s.outputNumber = fn.addOutput(t);
        s.gradFn = fn;
        fn.addFirstUser();
    }

    /** Gives an alias of a recorded tensor its place in the graph; used by operations. */
    public static void connect(Tensor t, Node.Edge edge) {
        GradState s = Access.state(t);
        if (edge.node() instanceof AccumulateGrad) {
            s.requiresGrad = true;
            s.accumulator = edge.node();
        } else {
            edge.node().addUser();
            s.gradFn = edge.node();
            s.outputNumber = edge.output();
        }
    }

    /** Makes a node the history of a tensor that was changed in place, and of the base of a view; used by operations. */
    public static void rebase(Tensor t, Node fn) {
        GradState s = Access.state(t);
        ThreadState.current().executor.touchGraph(s.viewBase == null ? t : s.viewBase);
        if (s.viewBase == null || s.viewKind == GradState.ViewKind.NO_GRAD) {
            setGradFn(t, s, fn);
            return;
        }
        fn.addOutput(t);
        Tensor base = s.viewBase;
        CopySlices copy = new CopySlices(base, Access.operand(t).layout(), fn);
        setGradFn(base, Access.state(base), copy);
        s.viewVersion = -1;
        gradFn(t);
    }

    static AutogradException notRecorded(Tensor t) {
        return new AutogradException(
                "[backward] expected a tensor that was computed from one that requires a gradient, got one of shape "
                        + t.shape()
                        + " without a graph; call requiresGrad_() on the parameters, do not compute it within noGrad(), and call"
                        + " backward() within a captured function, whose results have no graph");
    }

    static Tensor sumTo(Tensor grad, dev.jangada.Shape shape) {
        return Shapes.sumTo(grad, shape);
    }
}
