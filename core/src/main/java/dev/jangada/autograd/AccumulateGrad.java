package dev.jangada.autograd;

import dev.jangada.Tensor;
import dev.jangada.ops.Access;
import dev.jangada.ops.GradState;
import dev.jangada.ops.ThreadState;

/** The end of the graph at a leaf: adds what arrives to the leaf's gradient. */
final class AccumulateGrad extends Node {
    private final GradState leaf;
    private final Edge edge = new Edge(this, 0);

    AccumulateGrad(Tensor leaf) {
        super("AccumulateGrad", new Edge[0]);
        this.leaf = Access.state(leaf);
        addOutput(leaf);
    }

    @Override
    Edge onlyEdge() {
        return edge;
    }

    @Override
    long sequence() {
        return Long.MAX_VALUE; // as early as possible: frees the incoming gradient
    }

    @Override
    protected Tensor[] backward(Tensor[] grads, boolean[] needed) {
        Tensor g = grads[0];
        if (g == null) {
            return new Tensor[0];
        }
        ThreadState thread = ThreadState.current();
        boolean record = thread.gradEnabled;
        thread.executor.touchGrad(leaf, true);
        synchronized (leaf) {
            if (leaf.grad == null) {
                store(record ? g : own(g));
            } else if (record) {
                store(leaf.grad.add(g));
            } else {
                leaf.grad.add_(g);
            }
        }
        return new Tensor[0];
    }

    /** The arriving gradient itself if nobody else holds its memory, else a copy. */
    private static Tensor own(Tensor g) {
        boolean mine = Access.operand(g).storage().isUnique()
                && Access.operand(g).layout().isContiguous()
                && Access.operand(g).layout().offset() == 0;
        return mine ? g : g.clone().detach();
    }

    private void store(Tensor g) {
        Tensor kept = Access.aliasUnscoped(Access.operand(g));
        GradState from = Access.state(g);
        if (from.gradFn != null) {
            GradState to = Access.state(kept);
            to.gradFn = from.gradFn;
            to.outputNumber = from.outputNumber;
            to.gradFn.addUser();
        }
        Tensor old = leaf.grad;
        leaf.grad = kept;
        if (old != null) {
            old.close();
        }
    }

    @Override
    protected void release() {}
}
