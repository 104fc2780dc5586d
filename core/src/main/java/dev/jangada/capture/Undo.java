package dev.jangada.capture;

import dev.jangada.Shape;
import dev.jangada.backend.Backend;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import dev.jangada.ops.HostScalars;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Keeps a run that fails from leaving things half done.
 *
 * <p>Most programs change lasting memory at their end only, after everything that may fail (an index out of range, a division by zero, a
 * wrong number of turns). What is changed before that, such as running means before a loss, or the weights by the first of two steps, is copied
 * at the start of a run and put back; so are the steps that optimisers have counted.
 */
final class Undo {
    private static final long[] NO_SCALARS = {};

    /** A source that notes what it has counted. */
    private final class Watched implements Plan.Source {
        private final Plan.Source source;

        Watched(Plan.Source source) {
            this.source = source;
        }

        @Override
        public void fill(long[] scalars) {
            source.wayBack().ifPresent(counted::push);
            source.fill(scalars);
        }

        @Override
        public Optional<Runnable> wayBack() {
            return source.wayBack().map(back -> () -> {
                back.run();
                counted.pop(); // of all that were asked the last one goes back first
            });
        }
    }

    private final List<Plan.Ref> early = new ArrayList<>();
    private final BitSet earlySlots = new BitSet();
    private final Deque<Runnable> counted = new ArrayDeque<>();
    private final int lastFallible;
    private final int firstWrite;
    private final List<Operand[]> copies = new ArrayList<>();

    Undo(List<Slot> slots, List<Plan.Step> steps) {
        int fallible = -1;
        int loop = -1; // the last one that a wrong number of turns may keep from starting
        int write = steps.size();
        for (int i = 0; i < steps.size(); i++) {
            fallible = mayFail(steps.get(i)) ? i : fallible;
            loop = steps.get(i) instanceof Plan.Repeat ? i : loop;
        }
        for (int i = steps.size() - 1; i >= 0; i--) {
            List<Plan.Ref> lasting = new ArrayList<>();
            written(steps.get(i), slots, lasting);
            write = lasting.isEmpty() ? write : i;
            if (i <= fallible || i < loop) {
                written(steps.get(i), earlySlots);
                lasting.stream().filter(r -> !early.contains(r)).forEach(early::add);
            }
        }
        lastFallible = Math.max(fallible, loop);
        firstWrite = write;
    }

    /** Tells whether values of operands, or the number of turns of a loop in a loop, may make a step fail that has begun. */
    static boolean mayFail(Plan.Step step) {
        return step instanceof Plan.Launch launch
                ? launch.call().mayFail()
                : step instanceof Plan.Repeat repeat
                        && repeat.body().stream().anyMatch(s -> s instanceof Plan.Repeat || mayFail(s));
    }

    private static void written(Plan.Step step, List<Slot> slots, List<Plan.Ref> out) {
        if (step instanceof Plan.Launch launch) {
            for (Plan.Ref r : launch.outs()) {
                Slot.Kind kind = slots.get(r.slot()).kind;
                if (kind == Slot.Kind.OUTER || kind == Slot.Kind.ARGUMENT || kind == Slot.Kind.GRADIENT) {
                    out.add(r);
                }
            }
        } else if (step instanceof Plan.Repeat repeat) {
            repeat.body().forEach(s -> written(s, slots, out));
        }
    }

    private static void written(Plan.Step step, BitSet slots) {
        if (step instanceof Plan.Launch launch) {
            launch.outs().forEach(r -> slots.set(r.slot()));
        } else if (step instanceof Plan.Repeat repeat) {
            repeat.body().forEach(s -> written(s, slots));
        }
    }

    /** Tells whether a slot, of whatever kind, is written to before a step that may fail. */
    boolean isEarly(int slot) {
        return earlySlots.get(slot);
    }

    /** Returns steps to be run instead of these: they are the same, and what they count early can be taken back. */
    List<Plan.Step> watched(List<Plan.Step> steps) {
        List<Plan.Step> out = new ArrayList<>(steps);
        for (int i = 0; i <= lastFallible; i++) {
            out.set(i, watched(steps.get(i)));
        }
        return out;
    }

    private Plan.Step watched(Plan.Step step) {
        if (step instanceof Plan.Repeat repeat) {
            return new Plan.Repeat(
                    repeat.turns(),
                    repeat.index(),
                    repeat.body().stream().map(this::watched).toList());
        }
        return step instanceof Plan.Refresh refresh && refresh.source() instanceof HostScalars h && h.belongsToTensors()
                ? new Plan.Refresh(refresh.scalars(), new Watched(h))
                : step;
    }

    /** Tells whether anything is changed early. */
    boolean isNeeded() {
        return !early.isEmpty();
    }

    /** Copies what is changed early; {@code operands} finds the memory of this run. */
    void save(Backend backend, Function<Plan.Ref, Operand> operands) {
        try {
            copyEarly(backend, operands);
        } catch (RuntimeException e) { // no memory: this run's copies must not be put back by a later one
            done();
            throw e;
        }
    }

    private void copyEarly(Backend backend, Function<Plan.Ref, Operand> operands) {
        for (Plan.Ref ref : early) {
            Operand from = operands.apply(ref);
            Layout packed = Layout.contiguous(Shape.of(ref.layout().shape().toArray()));
            long bytes = packed.numel() * ref.dtype().size();
            Operand to = new Operand(Storage.allocate(backend, bytes), ref.dtype(), packed);
            copies.add(new Operand[] {from, to});
            copy(backend, to, from);
        }
    }

    private static void copy(Backend backend, Operand to, Operand from) {
        new KernelCall.Map(Trace.copy(to.dtype())).run(backend, new Operand[] {to}, new Operand[] {from}, NO_SCALARS);
    }

    /**
     * After a failure, puts back what was copied and counted: a step may be counted long before its kernel, which others overtake.
     *
     * @param finished number of the step that failed
     * @return what has become of the lasting memory, in words
     */
    String undo(Backend backend, int finished) {
        boolean changed = finished >= firstWrite;
        if (changed && finished > lastFallible) {
            return "partly as after the run, for a kernel failed that no value can make fail";
        }
        if (changed && copies.isEmpty()) {
            return "partly as after the run, for nothing was kept of what they were: the device reports mistakes late";
        }
        if (changed) {
            copies.forEach(pair -> copy(backend, pair[0], pair[1]));
        }
        counted.forEach(Runnable::run);
        return "as they were before the run";
    }

    /** Gives up the copies. */
    void done() {
        copies.forEach(pair -> pair[1].storage().release());
        copies.clear();
        counted.clear();
    }
}
