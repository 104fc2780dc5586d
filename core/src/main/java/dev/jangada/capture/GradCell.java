package dev.jangada.capture;

import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.ops.Access;
import dev.jangada.ops.GradState;

/**
 * The gradient of a leaf, as a traced program found it and left it.
 *
 * <p>While the program is traced the leaf holds an alias of the gradient it had; afterwards the gradient itself is put back, and each run
 * makes the transition that the trace has seen.
 */
final class GradCell {
    /** What a run does to the gradient. */
    enum End {
        /** It stays, perhaps changed in place. */
        KEPT,
        /** It is dropped. */
        DROPPED,
        /** Another one takes its place. */
        REPLACED
    }

    private final GradState traced;
    private final int argument;
    private final Tensor before;

    /** Whether the program reads the former gradient, or asks whether there is one. */
    final boolean read;

    /** What the former gradient was, null if there was none. */
    final Operand entry;

    End end = End.KEPT;

    /** Of a REPLACED gradient. */
    int slot;

    DType dtype;
    Layout layout;

    /**
     * Takes the gradient of a leaf aside.
     *
     * @param argument number of the argument that is the leaf, -1 if it is a tensor from outside
     */
    GradCell(GradState state, int argument, boolean read) {
        this.traced = state;
        this.argument = argument;
        this.read = read;
        this.before = state.grad;
        this.entry = before == null ? null : Access.operand(before);
        if (before != null) {
            state.grad = Access.aliasUnscoped(entry);
        }
    }

    /** Returns the state of the leaf in a run with these arguments. */
    GradState state(Object[] arguments) {
        return argument < 0 ? traced : Access.state((Tensor) arguments[argument]);
    }

    /** Returns what the traced program has left in the leaf, null for nothing, and puts the former gradient back. */
    Operand restore() {
        Tensor after = traced.grad;
        Operand left = after == null ? null : Access.operand(after);
        traced.grad = before;
        if (after != null) {
            after.close();
        }
        return left;
    }

    /** Tells whether a leaf is in the state that the program was traced for. */
    boolean fits(Object[] arguments) {
        if (!read) {
            return true;
        }
        Tensor now = state(arguments).grad;
        if (now == null || entry == null) {
            return now == null && entry == null;
        }
        Operand o = Access.operand(now);
        return o.dtype() == entry.dtype() && o.layout().equals(entry.layout());
    }
}
