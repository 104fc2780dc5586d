package dev.jangada.ops;

import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;

/**
 * A state of a recurrent layer before and after each step, as two matrices of all rows.
 *
 * <p>Where all sequences have one length the state after a step lies where the next one reads it: both matrices are views of one memory,
 * shifted by a step. Otherwise the current state of every sequence is kept apart and copied.
 */
final class StateTrace {
    private final SequenceSteps steps;
    private final Tensor before;
    private final Tensor after;
    private final Operand current;

    private StateTrace(SequenceSteps steps, Tensor before, Tensor after, Operand current) {
        this.steps = steps;
        this.before = before;
        this.after = after;
        this.current = current;
    }

    /** Returns the trace of a state that starts as {@code initial}, one row per sequence. */
    static StateTrace start(SequenceSteps steps, Tensor initial) {
        Operand first = Access.operand(initial);
        long features = initial.size(1);
        long rows = steps.rows();
        if (!steps.isUniform()) {
            Operand current = Access.operand(copy(first));
            return new StateTrace(steps, allocate(first, rows, features), allocate(first, rows, features), current);
        }
        long batch = steps.batch();
        Operand all = Access.operand(allocate(first, rows + batch, features));
        Layout head = all.layout().slice(0, 0, rows, 1);
        Layout tail = all.layout().slice(0, batch, rows, 1);
        Copies.raw(all.with(all.layout().slice(0, steps.isReverse() ? rows : 0, batch, 1)), first);
        Tensor before = Access.alias(all.with(steps.isReverse() ? tail : head));
        Tensor after = Access.alias(all.with(steps.isReverse() ? head : tail));
        return new StateTrace(steps, before, after, null);
    }

    private static Tensor allocate(Operand like, long rows, long features) {
        Executor executor = Executor.current();
        return Access.wrap(executor.allocate(
                like.dtype(), Shape.of(rows, features), like.storage().backend()));
    }

    /** Returns a contiguous copy. */
    static Tensor copy(Operand source) {
        Tensor out = allocate(source, source.layout().size(0), source.layout().size(1));
        Copies.raw(Access.operand(out), source);
        return out;
    }

    /** Returns the rows that a step reads. */
    Operand enter(int t) {
        Operand block = steps.block(Access.operand(before), t);
        if (current != null) {
            Copies.raw(block, steps.active(current, t));
        }
        return block;
    }

    /** Returns the rows that a step writes. */
    Operand result(int t) {
        return steps.block(Access.operand(after), t);
    }

    /** Says that the rows of a step are written. */
    void leave(int t) {
        if (current != null) {
            Copies.raw(steps.active(current, t), result(t));
        }
    }

    /** Returns the state before each step, all rows. */
    Tensor before() {
        return before;
    }

    /** Returns the state after each step, all rows. */
    Tensor after() {
        return after;
    }

    /** Returns a copy of the state of each sequence after its last step. */
    Tensor last() {
        return copy(current != null ? current : result(steps.step(steps.count() - 1)));
    }
}
