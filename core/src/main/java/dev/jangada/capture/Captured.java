package dev.jangada.capture;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
import dev.jangada.ops.Access;
import dev.jangada.ops.ThreadState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * A function of tensors that runs as one plan; made by {@link Capture#of}.
 */
public final class Captured implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.jangada");
    private static final Object[] NONE = {};
    /** Plans that are kept; beyond, the one that was not used for the longest time goes. */
    private static final int MOST_PLANS = 16;

    private final Function<Arguments, List<Tensor>> function;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<TracedProgram> plans = new ArrayDeque<>();
    private final List<Storage> arenas = new ArrayList<>();
    private Object[] latest = NONE;
    private String lastReason = "";
    private long traces;
    private long thrown;

    Captured(Function<Arguments, List<Tensor>> function) {
        this.function = function;
    }

    /**
     * Runs the function and returns its first result.
     */
    public Tensor run(Object... arguments) {
        return runAll(arguments).get(0);
    }

    /** Runs the function and returns its results. */
    public List<Tensor> runAll(Object... arguments) {
        check(arguments);
        ThreadState thread = ThreadState.current();
        if (thread.executor.isTracing()) {
            return eagerly(arguments);
        }
        lock.lock();
        try {
            TracedProgram program = find(arguments, thread);
            latest = arguments;
            return program.run(arguments, arena(program));
        } finally {
            latest = NONE;
            lock.unlock();
        }
    }

    /** Runs the function at once, kernel by kernel, without a plan: the same numbers, for debugging. */
    public Tensor runEagerly(Object... arguments) {
        return runAllEagerly(arguments).get(0);
    }

    /** As {@link #runEagerly} with all results. */
    public List<Tensor> runAllEagerly(Object... arguments) {
        check(arguments);
        return eagerly(arguments);
    }

    private static void check(Object[] arguments) {
        Objects.requireNonNull(arguments, "arguments is null");
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] == null) {
                throw new ArgumentException("[capture] expected arguments that are there, got null as argument " + i);
            }
            if (arguments[i] instanceof Tensor t) {
                Access.operand(t);
            }
        }
    }

    private List<Tensor> eagerly(Object[] arguments) {
        List<Operand> kept = new ArrayList<>();
        try (TensorScope scope = new TensorScope()) {
            for (Tensor t : function.apply(new Arguments(arguments, i -> {}, () -> arguments))) {
                Operand o = Access.operand(t);
                o.storage().retain();
                kept.add(o);
            }
        }
        List<Tensor> out = new ArrayList<>();
        for (Operand o : kept) {
            out.add(Access.wrap(o));
        }
        return out;
    }

    private TracedProgram find(Object[] arguments, ThreadState thread) {
        for (TracedProgram p : plans) {
            if (p.fits(arguments, thread)) {
                if (p != plans.peekFirst()) {
                    plans.remove(p);
                    plans.addFirst(p);
                }
                return p;
            }
        }
        String reason = plans.isEmpty() ? "" : plans.peekFirst().difference(arguments, thread);
        plans.removeIf(TracedProgram::closeIfDead);
        TracedProgram made = Tracer.trace(function, arguments, () -> latest);
        traces++;
        lastReason = reason;
        plans.addFirst(made);
        if (plans.size() > MOST_PLANS) {
            plans.removeLast().close();
            thrown++;
            if (Long.bitCount(thrown) == 1) { // at the first, second, fourth, eighth … only
                LOG.log(
                        System.Logger.Level.WARNING,
                        "[capture] expected a function with at most " + MOST_PLANS + " plans, got one that was traced "
                                + traces + " times; what keeps changing: " + reason
                                + "; pass it as a tensor, or as args.count(i) for Capture.loop");
            }
        }
        return made;
    }

    private Storage arena(TracedProgram program) {
        if (program.backend() == null) {
            return null;
        }
        for (Storage s : arenas) {
            if (s.backend() == program.backend()) {
                if (s.bytes() >= program.arenaBytes()) {
                    return s;
                }
                arenas.remove(s);
                s.release();
                break;
            }
        }
        Storage fresh = Storage.allocate(program.backend(), program.arenaBytes());
        arenas.add(fresh);
        return fresh;
    }

    /**
     * Returns the plan that was used last, one line per kernel, with its memory, operations and bytes.
     *
     * @throws IllegalStateException if the function was not run yet
     */
    public String explain() {
        return latestPlan(TracedProgram::explain);
    }

    /**
     * Returns the plan that was used last as a graph in Graphviz's language.
     *
     * @throws IllegalStateException if the function was not run yet
     */
    public String dot() {
        return latestPlan(TracedProgram::dot);
    }

    /**
     * Returns what the plan that was used last costs.
     *
     * @throws IllegalStateException if the function was not run yet
     */
    public CaptureStats stats() {
        return latestPlan(p -> p.stats(plans.size(), traces, lastReason));
    }

    private <T> T latestPlan(Function<TracedProgram, T> question) {
        lock.lock();
        try {
            if (plans.isEmpty()) {
                throw new IllegalStateException(
                        "[capture] expected a function that was run, got one that was not; call run(...) first");
            }
            return question.apply(plans.peekFirst());
        } finally {
            lock.unlock();
        }
    }

    /** Gives up all plans and their memory; a later run traces anew. */
    @Override
    public void close() {
        lock.lock();
        try {
            plans.forEach(TracedProgram::close);
            plans.clear();
            arenas.forEach(Storage::release);
            arenas.clear();
        } finally {
            lock.unlock();
        }
    }
}
