package dev.jangada.autograd;

import dev.jangada.AutogradException;
import dev.jangada.CaptureException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.DeviceException;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.ops.Access;
import dev.jangada.ops.Creation;
import dev.jangada.ops.GradState;
import dev.jangada.ops.ThreadState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Runs a graph backwards: nodes in the reverse order of their making, each once all its gradients have arrived. No recursion.
 *
 * <p>Every node runs in a scope of its own, so that what a backward pass computes on the way is freed at once; gradients on their way are
 * handles of the engine.
 */
final class Engine {
    private record Capture(int output, int index) {}

    private final boolean retainGraph;
    private final boolean createGraph;
    private final Map<Node, Integer> waiting = new HashMap<>();
    private final Map<Node, Tensor[]> arrived = new HashMap<>();
    private final Map<Node, List<Capture>> captures = new HashMap<>();
    private Set<Node> useful;
    private Tensor[] captured = {};
    private final PriorityQueue<Node> ready =
            new PriorityQueue<>(Comparator.comparingLong(Node::sequence).reversed());

    private Engine(boolean retainGraph, boolean createGraph) {
        this.retainGraph = retainGraph;
        this.createGraph = createGraph;
    }

    static List<Tensor> run(
            List<Tensor> outputs,
            List<Tensor> gradOutputs,
            boolean retainGraph,
            boolean createGraph,
            List<Tensor> inputs,
            boolean accumulate,
            boolean allowUnused) {
        if (!gradOutputs.isEmpty() && gradOutputs.size() != outputs.size()) {
            throw new AutogradException("[backward] expected one gradient per output, got " + gradOutputs.size()
                    + " for " + outputs.size() + " outputs");
        }
        Engine e = new Engine(retainGraph, createGraph);
        ThreadState state = ThreadState.current();
        boolean before = state.gradEnabled;
        TensorScope outer = state.scope;
        boolean done = false;
        try {
            state.gradEnabled = createGraph;
            state.scope = null;
            List<Node.Edge> roots = e.start(outputs, gradOutputs);
            e.capture(inputs);
            e.count(roots);
            e.loop();
            e.requireUsed(inputs, allowUnused);
            done = true;
        } finally {
            e.dispose(done);
            state.gradEnabled = before;
            state.scope = outer;
        }
        return e.results(inputs, accumulate);
    }

    private List<Node.Edge> start(List<Tensor> outputs, List<Tensor> gradOutputs) {
        List<Node.Edge> roots = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            Tensor t = outputs.get(i);
            Access.operand(t); // a closed one has given up its graph
            Node.Edge edge = Autograd.edge(t);
            if (edge == null) {
                throw Autograd.notRecorded(t);
            }
            if (gradOutputs.isEmpty() && t.numel() != 1) {
                throw new AutogradException("[backward] expected a scalar output when no gradient is given, got shape "
                        + t.shape() + "; call sum() or mean() first, or pass a gradient of this shape");
            }
            if (!gradOutputs.isEmpty() && !gradOutputs.get(i).shape().equals(t.shape())) {
                throw new ShapeException("[backward] expected a gradient of the output's shape " + t.shape() + ", got "
                        + gradOutputs.get(i).shape());
            }
            if (!gradOutputs.isEmpty()) {
                requireLike(gradOutputs.get(i), t);
            }
            roots.add(edge);
        }
        for (int i = 0; i < roots.size(); i++) {
            try (TensorScope scope = new TensorScope()) {
                Tensor g = gradOutputs.isEmpty()
                        ? Creation.full(
                                outputs.get(i).shape(),
                                1.0,
                                outputs.get(i).dtype(),
                                outputs.get(i).device())
                        : gradOutputs.get(i);
                add(roots.get(i), g);
            }
        }
        return roots;
    }

    private static void requireLike(Tensor grad, Tensor output) {
        if (grad.dtype() != output.dtype()) {
            throw new DTypeException(
                    "[backward] expected a gradient of the output's type " + output.dtype() + ", got " + grad.dtype()
                            + "; convert it with to(DType." + output.dtype().name() + ")");
        }
        if (!grad.device().equals(output.device())) {
            throw new DeviceException("[backward] expected a gradient on the output's device " + output.device()
                    + ", got " + grad.device() + "; move it with to(device)");
        }
    }

    private void capture(List<Tensor> inputs) {
        if (inputs.isEmpty()) {
            return;
        }
        captured = new Tensor[inputs.size()];
        for (int i = 0; i < inputs.size(); i++) {
            Node.Edge edge = Autograd.edge(inputs.get(i));
            if (edge == null) {
                throw new AutogradException("[grad] expected inputs that require a gradient, got input " + i
                        + " of shape " + inputs.get(i).shape()
                        + " that does not; call requiresGrad_() before computing the outputs");
            }
            captures.computeIfAbsent(edge.node(), n -> new ArrayList<>()).add(new Capture(edge.output(), i));
        }
    }

    /** Counts for each reachable node how many gradients it waits for, and which nodes lead to a captured input. */
    private void count(List<Node.Edge> roots) {
        List<Node> order = new ArrayList<>();
        Deque<Node> stack = new ArrayDeque<>();
        Set<Node> seen = new HashSet<>();
        for (Node.Edge r : roots) {
            if (seen.add(r.node())) {
                stack.push(r.node());
            }
        }
        while (!stack.isEmpty()) {
            Node n = stack.pop();
            order.add(n);
            for (int i = 0; i < n.edges(); i++) {
                Node.Edge e = n.edge(i);
                if (e != null) {
                    waiting.merge(e.node(), 1, Integer::sum);
                    if (seen.add(e.node())) {
                        stack.push(e.node());
                    }
                }
            }
        }
        long first = ThreadState.current().executor.firstNode();
        for (Node n : order) {
            if (n.sequence() < first) {
                throw new CaptureException(
                        "[capture] expected tensors whose graph was recorded in the captured function,"
                                + " got one that " + n.name() + " made outside; detach() it, or compute it inside");
            }
        }
        if (!captures.isEmpty()) {
            markUseful(order);
        }
        for (Node n : seen) {
            if (!waiting.containsKey(n)) {
                ready.add(n);
            }
        }
    }

    private void markUseful(List<Node> nodes) {
        Map<Node, List<Node>> users = new HashMap<>();
        for (Node n : nodes) {
            for (int i = 0; i < n.edges(); i++) {
                if (n.edge(i) != null) {
                    users.computeIfAbsent(n.edge(i).node(), k -> new ArrayList<>())
                            .add(n);
                }
            }
        }
        useful = new HashSet<>();
        Deque<Node> stack = new ArrayDeque<>(captures.keySet());
        while (!stack.isEmpty()) {
            for (Node u : users.getOrDefault(stack.pop(), List.of())) {
                if (useful.add(u)) {
                    stack.push(u);
                }
            }
        }
    }

    private void loop() {
        while (!ready.isEmpty()) {
            Node n = ready.poll();
            Tensor[] grads = arrived.remove(n);
            if (grads == null) {
                grads = new Tensor[n.outputCount()];
            }
            Tensor[] received = grads.clone();
            try (TensorScope scope = new TensorScope()) {
                process(n, n.runHooks(grads));
            } finally {
                for (Tensor g : received) {
                    if (g != null) {
                        g.close();
                    }
                }
            }
        }
    }

    private void process(Node n, Tensor[] grads) {
        for (Capture c : captures.getOrDefault(n, List.of())) {
            if (grads[c.output] != null) {
                captured[c.index] = hold(grads[c.output]);
            }
        }
        boolean run = useful == null || useful.contains(n);
        boolean any = false;
        for (Tensor g : grads) {
            any |= g != null;
        }
        Tensor[] out = new Tensor[n.edges()];
        if (run && any) {
            boolean[] needed = new boolean[n.edges()];
            for (int i = 0; i < needed.length; i++) {
                Node.Edge e = n.edge(i);
                needed[i] =
                        e != null && (useful == null || useful.contains(e.node()) || captures.containsKey(e.node()));
            }
            out = n.backward(grads, needed);
            if (!retainGraph) {
                n.release();
            }
        }
        for (int i = 0; i < n.edges(); i++) {
            Node.Edge e = n.edge(i);
            if (e == null) {
                continue;
            }
            if (out[i] != null) {
                add(e, fit(n, e, out[i]));
            }
            if (waiting.merge(e.node(), -1, Integer::sum) == 0) {
                ready.add(e.node());
            }
        }
    }

    /** Brings a gradient to the shape and type of what it is the gradient of. */
    private static Tensor fit(Node from, Node.Edge to, Tensor grad) {
        Node.OutputMeta meta = to.node().output(to.output());
        Tensor g = grad;
        if (!g.shape().equals(meta.shape())) {
            if (!expandsTo(meta.shape(), g.shape())) {
                throw new ShapeException("[backward] expected " + from.name() + " to return a gradient of shape "
                        + meta.shape() + ", got " + g.shape());
            }
            g = Autograd.sumTo(g, meta.shape());
        }
        if (Access.operand(g).storage().backend() != meta.backend()) {
            throw new DeviceException("[backward] expected " + from.name() + " to return a gradient on "
                    + meta.backend().device() + ", got one on " + g.device() + "; move it with to(device)");
        }
        DType t = meta.dtype();
        return g.dtype() == t ? g : g.to(t);
    }

    private static boolean expandsTo(Shape small, Shape large) {
        if (small.rank() > large.rank()) {
            return false;
        }
        for (int i = 1; i <= small.rank(); i++) {
            if (small.size(-i) != 1 && small.size(-i) != large.size(-i)) {
                return false;
            }
        }
        return true;
    }

    private void add(Node.Edge to, Tensor grad) {
        Tensor[] slots = arrived.computeIfAbsent(to.node(), n -> new Tensor[n.outputCount()]);
        Tensor old = slots[to.output()];
        if (old == null) {
            slots[to.output()] = hold(grad);
        } else {
            slots[to.output()] = hold(old.add(grad));
            old.close();
        }
    }

    /** Returns a handle of the engine's own on a gradient. */
    private static Tensor hold(Tensor t) {
        Tensor h = Access.aliasUnscoped(Access.operand(t));
        GradState s = Access.state(t);
        if (s.gradFn != null || s.requiresGrad) {
            Autograd.connect(h, Autograd.edge(t));
        }
        return h;
    }

    private void requireUsed(List<Tensor> inputs, boolean allowUnused) {
        for (int i = 0; i < captured.length && !allowUnused; i++) {
            if (captured[i] == null) {
                throw new AutogradException("[grad] expected inputs that the outputs were computed from, got input " + i
                        + " of shape " + inputs.get(i).shape()
                        + " that has no part in them; pass allowUnused = true if that is intended");
            }
        }
    }

    /** Closes the gradients that were still on their way, and after a failure those that had arrived. */
    private void dispose(boolean done) {
        for (int i = 0; i < captured.length && !done; i++) {
            if (captured[i] != null) {
                captured[i].close();
            }
        }
        for (Tensor[] slots : arrived.values()) {
            for (Tensor t : slots) {
                if (t != null) {
                    t.close();
                }
            }
        }
        arrived.clear();
    }

    private List<Tensor> results(List<Tensor> inputs, boolean accumulate) {
        List<Tensor> out = new ArrayList<>();
        for (int i = 0; i < captured.length; i++) {
            Tensor g = captured[i];
            if (accumulate) {
                accumulate(inputs.get(i), g);
            } else if (g != null) {
                out.add(scoped(g));
            } else {
                Tensor t = inputs.get(i);
                out.add(Creation.full(t.shape(), 0.0, t.dtype(), t.device()));
            }
        }
        return out;
    }

    private static Tensor scoped(Tensor g) {
        Tensor t = Access.alias(Access.operand(g));
        GradState s = Access.state(g);
        if (s.gradFn != null || s.requiresGrad) {
            Autograd.connect(t, Autograd.edge(g));
        }
        g.close();
        return t;
    }

    private void accumulate(Tensor input, Tensor g) {
        if (g == null) {
            return;
        }
        ThreadState state = ThreadState.current();
        boolean before = state.gradEnabled;
        try (TensorScope scope = new TensorScope()) {
            state.gradEnabled = createGraph;
            new AccumulateGrad(input).backward(new Tensor[] {g}, new boolean[0]);
        } finally {
            state.gradEnabled = before;
            g.close();
        }
    }
}
