package dev.jangada.capture;

import dev.jangada.CaptureException;
import dev.jangada.Tensor;
import dev.jangada.backend.Backend;
import dev.jangada.backend.CompiledPlan;
import dev.jangada.backend.InUse;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import dev.jangada.backend.Work;
import dev.jangada.ops.Access;
import dev.jangada.ops.GradState;
import dev.jangada.ops.ThreadState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * A program as it was traced under one signature, ready to run.
 *
 * <p>A run binds memory to slots, runs the plan, and then makes what the program does to Java's side: results, gradients of leaves, version
 * counters.
 */
final class TracedProgram {
    private final Signature signature;
    private final List<Trace.Guard> guards;
    private final GradCell[] cells;
    private final List<Plan.Ref> results;
    private final List<Slot> slots;
    private final List<Slot> outside;
    private final Slot[] bound;
    private final long arenaBytes;
    private final CompiledPlan compiled;
    private final Undo undo;
    private final boolean optimised;
    private final int asked;
    private final long intermediates;
    private final long nanos;
    private final Plan plan;
    private final Backend backend;
    private final Storage[] storages;
    private final long[] offsets;
    private final int[] numberOf;
    private final int[] changing; // numbers of bound slots whose memory differs from run to run
    private final int[] changed; // numbers of bound slots that outlive a run and are written to
    private final boolean[] replaceable; // by cell: whether a gradient may take the memory of the former one
    private final boolean[] reused; // by cell: whether it has, in this run

    /** Makes a plan of a trace that began at a time, as {@link System#nanoTime} tells it. */
    TracedProgram(Signature signature, Trace trace, List<Plan.Ref> results, Object[] values, long began) {
        this.signature = signature;
        this.guards = List.copyOf(trace.guards);
        this.cells = trace.cells.toArray(new GradCell[0]);
        this.results = List.copyOf(results);
        this.backend = trace.backend();
        this.asked = Cost.launches(trace.steps());
        this.intermediates = ArenaPlanner.sum(trace.slots, trace.steps());
        this.optimised = !aliases(trace.slots, values);
        List<Plan.Step> steps = optimised
                ? Passes.run(trace.slots, trace.steps(), trace.live)
                : Passes.apart(trace.slots, trace.steps());
        ArenaPlanner.Result arena = ArenaPlanner.plan(trace.slots, steps);
        this.arenaBytes = arena.bytes();
        this.numberOf = new int[trace.slots.size()];
        this.slots = List.copyOf(trace.slots);
        this.outside = new ArrayList<>();
        List<Plan.Slot> places = new ArrayList<>();
        for (Slot s : trace.slots) {
            if (s.kind == Slot.Kind.INNER) {
                places.add(new Plan.Slot(Plan.Place.ARENA, s.bytes, Math.max(0, arena.at()[s.number])));
                continue;
            }
            numberOf[s.number] = outside.size();
            places.add(new Plan.Slot(place(s.kind), s.bytes, numberOf[s.number]));
            outside.add(s);
        }
        this.bound = outside.toArray(new Slot[0]);
        this.storages = new Storage[bound.length];
        this.offsets = new long[bound.length];
        for (int i = 0; i < bound.length; i++) {
            storages[i] = isStable(bound[i]) ? bound[i].storage : null;
        }
        this.changing = numbers(s -> !isStable(s));
        this.changed = numbers(s -> s.written && s.kind != Slot.Kind.FRESH);
        this.undo = new Undo(trace.slots, steps);
        this.reused = new boolean[cells.length];
        this.replaceable = new boolean[cells.length];
        for (int c = 0; c < cells.length; c++) {
            replaceable[c] = isReplaceable(cells[c]);
        }
        this.plan = new Plan(places, undo.watched(steps), arenaBytes, bound.length, !optimised);
        this.compiled = backend == null ? null : backend.compile(plan);
        this.nanos = System.nanoTime() - began;
    }

    private static Plan.Place place(Slot.Kind kind) {
        return switch (kind) {
            case INNER -> Plan.Place.ARENA;
            case OUTER, CONSTANT -> Plan.Place.STABLE;
            case ARGUMENT, GRADIENT -> Plan.Place.CHANGING;
            case FRESH -> Plan.Place.FRESH;
        };
    }

    private static boolean isStable(Slot s) {
        return s.kind == Slot.Kind.OUTER || s.kind == Slot.Kind.CONSTANT;
    }

    /** Returns the numbers of the bound slots of a kind. */
    private int[] numbers(Predicate<Slot> which) {
        return IntStream.range(0, bound.length)
                .filter(i -> which.test(bound[i]))
                .toArray();
    }

    // ---- does it fit

    /** Tells whether an argument shares memory with something else, and the program changes one of the two. */
    private boolean aliases(List<Slot> slots, Object[] values) {
        for (Slot a : slots) {
            if (a.kind == Slot.Kind.ARGUMENT) {
                Storage mine = Access.operand((Tensor) values[a.source]).storage();
                for (Slot b : slots) {
                    if (a != b && (a.written || b.written) && mine == storage(b, values)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Returns the storage in which a slot lies in a run with these arguments, null if it is the program's own. */
    private Storage storage(Slot s, Object[] values) {
        return switch (s.kind) {
            case ARGUMENT -> Access.operand((Tensor) values[s.source]).storage();
            case GRADIENT -> Access.operand(cells[s.source].state(values).grad).storage();
            case OUTER -> s.storage;
            case INNER, CONSTANT, FRESH -> null;
        };
    }

    /** Tells whether a run can use this program. */
    boolean fits(Object[] values, ThreadState thread) {
        if (!signature.fits(values, thread)) {
            return false;
        }
        for (Trace.Guard g : guards) {
            if (!Objects.equals(g.value().get(), g.seen())) {
                return false;
            }
        }
        for (GradCell c : cells) {
            if (!c.fits(values)) {
                return false;
            }
        }
        for (Slot s : bound) {
            if (s.kind == Slot.Kind.OUTER && (!s.storage.isOpen() || s.storage.marks() != s.marks)) {
                return false;
            }
        }
        return !optimised || !aliases(outside, values);
    }

    /** Returns why a run cannot use this program, in words. */
    String difference(Object[] values, ThreadState thread) {
        if (!signature.fits(values, thread)) {
            return signature.difference(values, thread);
        }
        for (Trace.Guard g : guards) {
            Object now = g.value().get();
            if (!Objects.equals(now, g.seen())) {
                return "guard in " + g.where() + ": " + g.seen() + ", now " + now;
            }
        }
        for (GradCell c : cells) {
            if (!c.fits(values)) {
                return "gradient of a leaf: " + (c.entry == null ? "none" : c.entry) + " when the function starts, now "
                        + (c.state(values).grad == null ? "none" : "another one");
            }
        }
        for (Slot s : bound) {
            if (s.kind == Slot.Kind.OUTER && !s.storage.isOpen()) {
                return "a tensor from outside of " + s.bytes + " bytes was closed";
            }
            if (s.kind == Slot.Kind.OUTER && s.storage.marks() != s.marks) {
                return "a tensor from outside of " + s.bytes
                        + " bytes was given other memory or another requiresGrad flag";
            }
        }
        if (optimised && aliases(outside, values)) {
            return "an argument shares memory with another tensor that the function changes";
        }
        return "nothing";
    }

    /** Gives up what the program owns if it can never fit again, and tells whether it did. */
    boolean closeIfDead() {
        for (Slot s : bound) {
            if (s.kind == Slot.Kind.OUTER && !s.storage.isOpen()) {
                close();
                return true;
            }
        }
        return false;
    }

    // ---- a run

    long arenaBytes() {
        return arenaBytes;
    }

    Backend backend() {
        return backend;
    }

    List<Tensor> run(Object[] values, Storage arena) {
        try {
            bind(values);
            InUse inUse = InUse.current();
            int mark = inUse.begin(storages);
            try {
                if (compiled != null) {
                    launch(arena);
                }
            } finally {
                inUse.end(mark);
            }
            return finish(values);
        } finally {
            releaseFresh();
        }
    }

    private void launch(Storage arena) {
        if (isUnsure() || !compiled.failsLate()) {
            undo.save(isUnsure(), backend, r -> operand(r.slot(), r));
        }
        try {
            compiled.run(arena, storages, offsets);
        } catch (RuntimeException | Error e) {
            int step = compiled.finished();
            e.addSuppressed(new CaptureException(
                    "[capture] the run failed " + (step < 0 ? "before its first step" : "in step " + step)
                            + "; parameters and other tensors from outside are " + undo.undo(backend, step, e)));
            throw e;
        } finally {
            undo.done();
        }
    }

    /** Tells whether a run may fail anywhere, for lack of memory or of a scalar. */
    private boolean isUnsure() {
        return compiled != null && !(compiled.reservesMemory() && compiled.asksFirst());
    }

    /** Finds the memory of what differs from run to run; what is always the same stands there already. */
    private void bind(Object[] values) {
        for (int i : changing) {
            Slot s = bound[i];
            switch (s.kind) {
                case ARGUMENT -> {
                    Operand o = Access.operand((Tensor) values[s.source]);
                    storages[i] = o.storage();
                    offsets[i] = o.layout().offset() * o.dtype().size();
                }
                case GRADIENT -> storages[i] = storage(s, values);
                case FRESH -> storages[i] = null;
                case INNER, OUTER, CONSTANT -> throw new AssertionError(s.kind);
            }
        }
        reuseGradients(values);
        for (int i : changing) {
            if (storages[i] == null) {
                storages[i] = Storage.allocate(bound[i].storage.backend(), bound[i].bytes);
            }
        }
    }

    /** A gradient that is dropped and that nobody else looks at gives its memory to the one that takes its place. */
    private void reuseGradients(Object[] values) {
        for (int c = 0; c < cells.length; c++) {
            GradCell cell = cells[c];
            reused[c] = false;
            if (!replaceable[c] || isUnsure()) {
                continue;
            }
            Tensor old = cell.state(values).grad;
            int i = numberOf[cell.slot];
            if (old == null || storages[i] != null) {
                continue;
            }
            Operand o = Access.operand(old);
            if (o.storage().isUnique()
                    && o.storage().backend() == backend
                    && o.storage().bytes() == bound[i].bytes
                    && o.dtype() == cell.dtype
                    && o.layout().equals(cell.layout)) {
                storages[i] = o.storage();
                o.storage().retain(); // as a new one has a handle
                reused[c] = true;
            }
        }
    }

    /** Tells whether a gradient takes the place of another one, in memory that nothing else shows after the run, and that a failure leaves. */
    private boolean isReplaceable(GradCell cell) {
        int users = 0;
        for (GradCell c : cells) {
            users += c.end == GradCell.End.REPLACED && c.slot == cell.slot ? 1 : 0;
        }
        return cell.end == GradCell.End.REPLACED
                && !cell.read
                && !undo.isEarly(cell.slot)
                && users == 1
                && results.stream().noneMatch(r -> r.slot() == cell.slot);
    }

    private List<Tensor> finish(Object[] values) {
        for (int i : changed) {
            storages[i].bumpVersion();
        }
        for (int c = 0; c < cells.length; c++) {
            GradCell cell = cells[c];
            GradState state = cell.state(values);
            Tensor old = state.grad;
            if (cell.end == GradCell.End.KEPT || reused[c]) {
                continue;
            }
            state.grad = cell.end == GradCell.End.DROPPED
                    ? null
                    : Access.aliasUnscoped(operand(cell.slot, new Plan.Ref(cell.slot, cell.dtype, cell.layout)));
            if (old != null) {
                old.close();
            }
        }
        List<Tensor> out = new ArrayList<>(results.size());
        for (Plan.Ref r : results) {
            out.add(Access.alias(operand(r.slot(), r)));
        }
        return out;
    }

    private Operand operand(int slot, Plan.Ref ref) {
        int i = numberOf[slot];
        Operand o = new Operand(storages[i], ref.dtype(), ref.layout());
        return offsets[i] == 0
                ? o
                : o.with(o.layout().shifted(offsets[i] / ref.dtype().size()));
    }

    /** Fresh storages belong to results and gradients now. */
    private void releaseFresh() {
        for (int i : changing) {
            if (bound[i].kind == Slot.Kind.FRESH && storages[i] != null) {
                storages[i].release();
            }
            storages[i] = null;
        }
    }

    String explain(CaptureStats stats) {
        String how = compiled == null ? "" : "runs " + compiled.description() + "\n";
        return new Explain(plan, slots).text(stats) + how;
    }

    String dot() {
        return new Explain(plan, slots).dot();
    }

    CaptureStats stats(int plans, long traces, String lastReason) {
        Work work = Cost.work(plan.steps());
        return new CaptureStats(
                asked,
                Cost.launches(plan.steps()),
                Cost.kernels(plan.steps()),
                compiled == null ? 0 : compiled.launches(),
                compiled == null ? 0 : compiled.hostCalls(),
                work.flops(),
                work.bytes(),
                arenaBytes,
                intermediates,
                plans,
                traces,
                nanos / 1e6,
                lastReason);
    }

    /** Gives up what the program owns. */
    void close() {
        if (compiled != null) {
            compiled.close();
        }
        for (Slot s : bound) {
            if (s.kind == Slot.Kind.CONSTANT) {
                s.storage.release();
            }
        }
    }
}
