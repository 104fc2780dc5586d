package dev.jangada.autograd;

import dev.jangada.AutogradException;
import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Backend;
import dev.jangada.ops.Access;
import dev.jangada.ops.ThreadState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.UnaryOperator;

/**
 * One recorded operation of the autograd graph: it turns the gradients of its outputs into gradients of its inputs.
 *
 * <p>The graph runs from results to leaves. A node counts who refers to it (tensors and later nodes); when the last one is closed it drops
 * what it saved and its own references at once, without waiting for the garbage collector.
 *
 * <p>Source: PyTorch {@code torch.autograd.graph.Node}.
 */
public abstract class Node {
    private static final AtomicIntegerFieldUpdater<Node> USERS =
            AtomicIntegerFieldUpdater.newUpdater(Node.class, "users");
    private static final OutputMeta[] NO_OUTPUTS = {};

    /**
     * Where a gradient goes: an input of an earlier node.
     *
     * @param node the node that made the input, or that accumulates into a leaf
     * @param output which output of that node the input was
     */
    public record Edge(Node node, int output) {}

    /** What is known of an output, to check and complete gradients. */
    record OutputMeta(Shape shape, DType dtype, Backend backend) {}

    private record Hook(int output, UnaryOperator<Tensor> function) {}

    private final String name;
    private final Edge[] next;
    private final long sequence;
    private OutputMeta[] outputs = NO_OUTPUTS;
    private List<Hook> hooks = List.of();

    @SuppressWarnings("unused") // through USERS
    private volatile int users;

    /**
     * Creates a node.
     *
     * @param name PyTorch's name, such as {@code MulBackward0}
     * @param next one edge per input; null for an input that needs no gradient
     */
    protected Node(String name, Edge[] next) {
        this.name = name;
        this.next = next;
        this.sequence = ThreadState.current().sequence++;
        for (Edge e : next) {
            if (e != null && !(e.node instanceof AccumulateGrad)) { // those hold nothing that would have to be dropped
                USERS.incrementAndGet(e.node);
            }
        }
    }

    /** Returns PyTorch's name, such as {@code MulBackward0}. */
    public String name() {
        return name;
    }

    /** Returns the nodes that made the inputs; empty for inputs that need no gradient. */
    public List<Optional<Node>> nextFunctions() {
        List<Optional<Node>> out = new ArrayList<>();
        for (Edge e : next) {
            out.add(Optional.ofNullable(e).map(Edge::node));
        }
        return out;
    }

    /**
     * Returns the gradients of the inputs, one per edge; null stands for a gradient of zeros, and for an edge that is not needed.
     *
     * @param grads gradients of the outputs; null stands for zeros
     * @param needed which edges need a gradient
     */
    protected abstract Tensor[] backward(Tensor[] grads, boolean[] needed);

    /** Drops what was saved for the backward pass; may be called more than once. */
    protected abstract void release();

    /** Returns a node that this one runs as a part of itself and is a user of, or null. */
    Node inner() {
        return null;
    }

    /** Returns where the gradient of the only output goes. */
    Edge onlyEdge() {
        return new Edge(this, 0);
    }

    Edge edge(int i) {
        return next[i];
    }

    int edges() {
        return next.length;
    }

    long sequence() {
        return sequence;
    }

    OutputMeta output(int i) {
        return outputs[i];
    }

    int outputCount() {
        return outputs.length;
    }

    /** Makes a tensor the next output of this node; returns its number. The tensor becomes a user when it is connected. */
    public int addOutput(Tensor t) {
        OutputMeta meta =
                new OutputMeta(t.shape(), t.dtype(), Access.operand(t).storage().backend());
        int n = outputs.length;
        OutputMeta[] more = n == 0 ? new OutputMeta[1] : java.util.Arrays.copyOf(outputs, n + 1);
        more[n] = meta;
        outputs = more;
        return n;
    }

    void addHook(int output, UnaryOperator<Tensor> function) {
        List<Hook> more = new ArrayList<>(hooks);
        more.add(new Hook(output, function));
        hooks = more;
    }

    private static Tensor requireLike(OutputMeta meta, Tensor g) {
        if (g == null
                || !g.shape().equals(meta.shape)
                || g.dtype() != meta.dtype
                || Access.operand(g).storage().backend() != meta.backend) {
            throw new AutogradException("[registerHook] expected a hook to return a gradient of shape " + meta.shape
                    + " and type " + meta.dtype + " on " + meta.backend.device() + ", got "
                    + (g == null ? "null" : g.shape() + ", " + g.dtype() + ", " + g.device())
                    + "; return one like the argument");
        }
        return g;
    }

    Tensor[] runHooks(Tensor[] grads) {
        for (Hook h : hooks) {
            if (grads[h.output] != null) {
                grads[h.output] = requireLike(outputs[h.output], h.function.apply(grads[h.output]));
            }
        }
        return grads;
    }

    /** Takes note of one more user. */
    public void addUser() {
        USERS.incrementAndGet(this);
    }

    /** Takes note that a user is gone; without users the node drops what it holds, and so on down the graph. */
    public void removeUser() {
        if (USERS.decrementAndGet(this) != 0) {
            return;
        }
        Deque<Node> dead = null; // most nodes are the last to go
        for (Node n = this; n != null; n = dead == null ? null : dead.poll()) {
            n.release();
            dead = removeUserOf(n.inner(), dead);
            for (Edge e : n.next) {
                dead = removeUserOf(e == null ? null : e.node, dead);
            }
        }
    }

    private static Deque<Node> removeUserOf(Node n, Deque<Node> dead) {
        if (n == null || n instanceof AccumulateGrad || USERS.decrementAndGet(n) != 0) {
            return dead;
        }
        Deque<Node> more = dead == null ? new ArrayDeque<>() : dead;
        more.add(n);
        return more;
    }

    /** Tells whether at most one tensor or node refers to this one. */
    boolean hasOneUser() {
        return users <= 1;
    }

    /** As {@link #addUser}, while no other thread knows this node. */
    void addFirstUser() {
        USERS.lazySet(this, users + 1);
    }

    @Override
    public String toString() {
        return "<" + name + ">";
    }
}
