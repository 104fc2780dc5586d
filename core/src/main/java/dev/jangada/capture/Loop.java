package dev.jangada.capture;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.ops.Access;
import dev.jangada.ops.Executor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/** The loop of {@link Capture#loop}: the state lives in tensors of its own, which each turn changes. */
final class Loop {
    private static final MapKernel INDEX =
            new MapKernel("index", Program.of(List.of(), List.of(DType.INT64), Expr.scalar(0, DType.INT64)));

    private final List<Tensor> state = new ArrayList<>();
    private final BiFunction<List<Tensor>, Tensor, List<Tensor>> body;
    private final Backend backend;

    private Loop(List<Tensor> initial, BiFunction<List<Tensor>, Tensor, List<Tensor>> body) {
        if (initial.isEmpty()) {
            throw new ArgumentException("[loop] expected a state of at least one tensor, got none");
        }
        this.body = body;
        this.backend = Access.operand(initial.get(0)).storage().backend();
        initial.forEach(t -> state.add(t.clone()));
    }

    static List<Tensor> run(
            LongSupplier turns, List<Tensor> initial, BiFunction<List<Tensor>, Tensor, List<Tensor>> body) {
        try (Autograd.Mode off = Autograd.noGrad()) {
            Loop loop = new Loop(initial, body);
            Executor executor = Executor.current();
            LongSupplier checked = () -> atLeastZero(turns.getAsLong());
            if (executor instanceof Trace trace) {
                trace.repeat(checked, loop::turn);
            } else {
                long n = checked.getAsLong();
                for (long i = 0; i < n; i++) {
                    loop.turn(new long[] {i});
                }
            }
            return loop.state;
        }
    }

    private static long atLeastZero(long n) {
        if (n < 0) {
            throw new ArgumentException("[loop] expected a number of turns >= 0, got " + n);
        }
        return n;
    }

    private void turn(long[] number) {
        try (TensorScope scope = new TensorScope()) {
            Executor executor = Executor.current();
            Operand at = executor.allocate(DType.INT64, Shape.of(), backend);
            Tensor index = Access.wrap(at);
            executor.map(INDEX, new Operand[] {at}, new Operand[0], number);
            List<Tensor> seen = new ArrayList<>();
            state.forEach(t -> seen.add(t.detach()));
            List<Tensor> next = body.apply(seen, index);
            check(next);
            List<Tensor> values = new ArrayList<>();
            for (int i = 0; i < state.size(); i++) {
                values.add(mixed(next.get(i), i) ? next.get(i).clone() : next.get(i));
            }
            for (int i = 0; i < state.size(); i++) {
                state.get(i).copy_(values.get(i));
            }
        }
    }

    /** Tells whether a new value lies in the memory of another part of the state, which would change before it is read. */
    private boolean mixed(Tensor value, int place) {
        for (int i = 0; i < state.size(); i++) {
            if (i != place && value.sharesStorage(state.get(i))) {
                return true;
            }
        }
        return false;
    }

    private void check(List<Tensor> next) {
        if (next.size() != state.size()) {
            throw new ArgumentException("[loop] expected a body that returns the " + state.size()
                    + " tensors of the state, got " + next.size());
        }
        for (int i = 0; i < state.size(); i++) {
            Tensor was = state.get(i);
            Tensor is = next.get(i);
            if (!is.shape().equals(was.shape()) || is.dtype() != was.dtype()) {
                throw new ShapeException("[loop] expected a state that keeps its shape and type, got " + was.shape()
                        + " of " + was.dtype() + " before a turn and " + is.shape() + " of " + is.dtype()
                        + " after it; bring it to one form before the loop");
            }
        }
    }
}
