package dev.jangada.ops;

import dev.jangada.AutogradException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.autograd.Node;
import dev.jangada.backend.Operand;

/**
 * A tensor that a node keeps for the backward pass: its own handle on the storage, the version at which it was saved, and its place in the
 * graph.
 */
public final class Saved {
    private Operand operand;
    private final int version;
    private final boolean requiresGrad;
    private final Node.Edge edge;
    private final int output;

    private Saved(Tensor t, Node.Edge edge, int output, boolean requiresGrad) {
        GradState s = Access.state(t);
        if (s.inference) {
            throw new AutogradException(
                    "[autograd] expected ordinary tensors, got one made in inferenceMode, which cannot be saved"
                            + " for the backward pass; clone() it outside of inferenceMode");
        }
        this.operand = Access.operand(t);
        operand.storage().retain();
        this.version = operand.storage().version();
        this.edge = edge;
        this.output = output;
        this.requiresGrad = requiresGrad;
    }

    /** Saves an input. */
    public static Saved input(Tensor t) {
        Node.Edge edge = Tape.edge(t);
        if (edge != null) {
            edge.node().addUser();
        }
        return new Saved(t, edge, -1, edge != null);
    }

    /** Saves a copy of an input that is about to be changed in place. */
    public static Saved copyOf(Tensor t) {
        try (Tensor copy = Access.unscoped(t.clone())) {
            return input(copy);
        }
    }

    /** Saves a result of the node that is being made, which is its output number {@code number}. */
    public static Saved output(Tensor t, int number) {
        return new Saved(t, null, number, true);
    }

    /**
     * Returns the tensor as it was, connected to the graph.
     *
     * @param owner the node that saved it
     * @throws AutogradException if it was dropped or changed in place since
     */
    public Tensor get(Node owner) {
        Operand o = operand;
        if (o == null) {
            throw new AutogradException(
                    "[backward] expected a graph whose saved tensors are there, got one that was already used by"
                            + " a backward pass; pass retainGraph = true to the first backward if a second one follows");
        }
        if (o.storage().version() != version) {
            throw new AutogradException("[backward] expected saved tensors to be unchanged, but one of shape "
                    + o.layout().shape()
                    + " needed by " + owner.name() + " was modified by an in-place operation (version "
                    + o.storage().version() + ", expected " + version
                    + "); use the out-of-place form or clone() it before");
        }
        Tensor t = Access.alias(o);
        if (requiresGrad && ThreadState.current().gradEnabled) {
            Autograd.connect(t, output >= 0 ? new Node.Edge(owner, output) : edge);
        }
        return t;
    }

    /** Drops the handle. */
    public synchronized void release() {
        Operand o = operand;
        if (o != null) {
            operand = null;
            o.storage().release();
            if (edge != null) {
                edge.node().removeUser();
            }
        }
    }
}
