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
 *
 * <p>The first run with a signature calls the function once with tensors that stand for those of later runs, and writes down what it asks
 * for: that is the plan, which this and later runs with the signature carry out. To the signature belong the shapes, types, strides and devices
 * of tensor arguments, the values of the plain arguments that the function reads, the gradient mode, what it reads through
 * {@link Capture#guard} (training flags, a machine's k), which leaves have gradients when it starts and ask for them, and that the tensors from
 * outside are still there. Results and all that the function changes are the same bits as without a plan: {@link #runEagerly}.
 *
 * <p>Within the function:
 *
 * <ul>
 *   <li>Tensors from outside (parameters, optimiser state) are used by reference, and changed in place. A Java variable that names another
 *       tensor later must be read through {@link Capture#guard}; other memory of the same tensor ({@code setData}) is seen.
 *   <li>Tensors that the function makes live until it ends; what must stay is returned, or copied into a tensor from outside. Results and
 *       tensors from outside have no graph afterwards. Gradients of leaves stay.
 *   <li>Java runs once per plan: numbers computed in Java are constants, except learning rates and step counts of optimisers, positions of
 *       generators, and {@link Arguments#count}. Tensors made of Java arrays hold the values that they had then.
 *   <li>Asking for a value ({@code item()}, printing, a shape that depends on data) is a {@link dev.jangada.CaptureException} that names the
 *       line, and so are changes of Java's state that a later run would miss.
 * </ul>
 *
 * <p>A function that fails while it is traced has changed nothing. A run that fails leaves tensors from outside as they were before the run,
 * and the counts of an optimiser's steps with them; a suppressed exception says so. Generators stay where the run has brought them.
 *
 * <p>Safe for use by several threads, which wait for each other; a captured function called within another becomes a part of its plan.
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
     * Runs the function and returns its first result, a tensor of the caller's in memory of its own.
     *
     * @param arguments tensors and plain values, as the function expects them
     * @throws ArgumentException if an argument is null, or the function has no result
     * @throws dev.jangada.CaptureException if the function asks for what a plan cannot give
     */
    public Tensor run(Object... arguments) {
        return first(runAll(arguments));
    }

    private static Tensor first(List<Tensor> results) {
        if (results.isEmpty()) {
            throw new ArgumentException(
                    "[capture] expected a function with a result, got one without; call runAll instead of run");
        }
        return results.get(0);
    }

    /** As {@link #run} with all results. */
    public List<Tensor> runAll(Object... arguments) {
        check(arguments);
        ThreadState thread = ThreadState.current();
        if (thread.executor.isTracing()) {
            return eagerly(arguments);
        }
        begin();
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
        return first(runAllEagerly(arguments));
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
     * Returns the plan that was used last, one line per kernel, with what {@link #stats} says of it.
     *
     * @throws IllegalStateException if the function was not run yet
     */
    public String explain() {
        return latestPlan(p -> p.explain(stats(p)));
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
        return latestPlan(this::stats);
    }

    private CaptureStats stats(TracedProgram p) {
        return p.stats(plans.size(), traces, lastReason);
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

    /**
     * Waits for other threads.
     *
     * @throws IllegalStateException if a run of this thread asks for it, whose plan would change under it
     */
    private void begin() {
        if (lock.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    "[capture] expected a captured function that this thread is not running, got"
                            + " one whose run asks for a scalar or a guard's value, which runs or closes it again; do this after the run");
        }
        lock.lock();
    }

    /**
     * Gives up all plans and their memory; a later run traces anew.
     *
     * @throws IllegalStateException if it is called by what a run of this function asks for, such as a learning rate
     */
    @Override
    public void close() {
        begin();
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
