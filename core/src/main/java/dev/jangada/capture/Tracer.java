package dev.jangada.capture;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Plan;
import dev.jangada.ops.Access;
import dev.jangada.ops.Executor;
import dev.jangada.ops.GradState;
import dev.jangada.ops.ThreadState;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Calls a function with tensors that stand for those of later runs. */
final class Tracer {
    private final Function<Arguments, List<Tensor>> function;
    private final ThreadState thread = ThreadState.current();
    private final Trace trace = new Trace();
    private final BitSet read = new BitSet();

    private Tracer(Function<Arguments, List<Tensor>> function) {
        this.function = function;
    }

    /**
     * Traces a function.
     *
     * @param values the arguments of this run
     * @param latest where the current run has put its own
     */
    static TracedProgram trace(Function<Arguments, List<Tensor>> function, Object[] values, Supplier<Object[]> latest) {
        return new Tracer(function).run(values, latest);
    }

    private TracedProgram run(Object[] values, Supplier<Object[]> latest) {
        long began = System.nanoTime();
        Executor executor = thread.executor;
        TensorScope scope = thread.scope;
        boolean grad = thread.gradEnabled;
        boolean inference = thread.inference;
        boolean done = false;
        List<Plan.Ref> results = new ArrayList<>();
        Signature signature = Signature.of(values, thread);
        Object[] standIns = standIns(values);
        thread.executor = trace;
        try {
            try (TensorScope all = new TensorScope()) {
                for (Tensor t : function.apply(new Arguments(standIns, read::set, latest))) {
                    results.add(result(t));
                }
            }
            done = true;
        } finally {
            thread.executor = executor;
            thread.scope = scope;
            thread.gradEnabled = grad;
            thread.inference = inference;
            trace.restore(done);
            for (Object s : standIns) {
                if (s instanceof Tensor t) {
                    t.close();
                }
            }
        }
        return new TracedProgram(signature.reading(read), trace, results, values, began);
    }

    private Object[] standIns(Object[] values) {
        Object[] out = values.clone();
        for (int i = 0; i < out.length; i++) {
            if (out[i] instanceof Tensor t) {
                Tensor standIn = Access.unscoped(Access.wrap(trace.argument(i, Access.operand(t))));
                if (t.requiresGrad()) {
                    GradState state = Access.state(standIn);
                    state.requiresGrad = true;
                    GradState given = Access.state(t);
                    state.grad = given.grad == null ? null : Access.aliasUnscoped(Access.operand(given.grad));
                    trace.argumentState(state, i);
                }
                out[i] = standIn;
            }
        }
        return out;
    }

    private Plan.Ref result(Tensor t) {
        if (t == null) {
            throw new ArgumentException("[capture] expected a function that returns tensors, got null; use"
                    + " Capture.all(args -> { ...; return List.of(); }) if there is no result");
        }
        return trace.result(t);
    }
}
