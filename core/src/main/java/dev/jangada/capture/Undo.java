package dev.jangada.capture;

import dev.jangada.OutOfMemoryException;
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
import java.util.function.LongConsumer;

/**
 * Keeps a run that fails from leaving things half done.
 *
 * <p>Most programs change lasting memory at their end only, after everything that may fail (an index out of range, a division by zero, a
 * wrong number of turns). What is changed before that, such as running means before a loss, or the weights by the first of two steps, is copied
 * at the start of a run and put back; so are the steps that optimisers have counted.
 *
 * <p>Lack of memory may come anywhere where a device does not take its memory first ({@link dev.jangada.backend.CompiledPlan#reservesMemory}).
 * There all that a run changes is copied, and so it is where a source of scalars that fails may be asked after a change
 * ({@link dev.jangada.backend.CompiledPlan#asksFirst}). After lack of memory the generators of random numbers go back too: the run has not been. After a
 * mistake in values they stand where they would eagerly.
 */
final class Undo {
    private static final long[] NO_SCALARS = {};

    /** What a source has counted: how it goes back, and whether that belongs to tensors. */
    private record Count(Runnable back, boolean ofTensors) {}

    /** A source that notes what it has counted. */
    private final class Watched implements Plan.Source {
        private final HostScalars source;
        private final boolean early;

        Watched(HostScalars source, boolean early) {
            this.source = source;
            this.early = early;
        }

        private boolean isNoted() {
            return all || (early && source.belongsToTensors());
        }

        private void note() {
            if (isNoted()) {
                source.wayBack().ifPresent(back -> counted.push(new Count(back, source.belongsToTensors())));
            }
        }

        @Override
        public void fill(long[] scalars) {
            note();
            source.fill(scalars);
        }

        @Override
        public Optional<LongConsumer> skip() {
            return source.skip().map(skip -> calls -> {
                note();
                skip.accept(calls);
            });
        }

        @Override
        public Optional<Runnable> wayBack() {
            Optional<Runnable> back = source.wayBack();
            return !isNoted()
                    ? back
                    : back.map(b -> () -> {
                        b.run();
                        counted.pop(); // of all that were asked the last one goes back first
                    });
        }
    }

    private final List<Plan.Ref> early = new ArrayList<>();
    private final List<Plan.Ref> lasting = new ArrayList<>();
    private final BitSet earlySlots = new BitSet();
    private final Deque<Count> counted = new ArrayDeque<>();
    private final int lastFallible;
    private final int firstWrite;
    private final List<Operand[]> copies = new ArrayList<>();
    private boolean all; // whether this run can fail anywhere

    Undo(List<Slot> slots, List<Plan.Step> steps) {
        int fallible = -1;
        int loop = -1; // the last one that a wrong number of turns may keep from starting
        int write = steps.size();
        for (int i = 0; i < steps.size(); i++) {
            fallible = mayFail(steps.get(i)) ? i : fallible;
            loop = steps.get(i) instanceof Plan.Repeat ? i : loop;
        }
        for (int i = steps.size() - 1; i >= 0; i--) {
            List<Plan.Ref> refs = new ArrayList<>();
            written(steps.get(i), slots, refs);
            write = refs.isEmpty() ? write : i;
            addNew(lasting, refs);
            if (i <= fallible || i < loop) {
                written(steps.get(i), earlySlots);
                addNew(early, refs);
            }
        }
        lastFallible = Math.max(fallible, loop);
        firstWrite = write;
    }

    private static void addNew(List<Plan.Ref> list, List<Plan.Ref> refs) {
        refs.stream().filter(r -> !list.contains(r)).forEach(list::add);
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

    /** Returns steps to be run instead of these: they are the same, and what they count can be taken back. */
    List<Plan.Step> watched(List<Plan.Step> steps) {
        List<Plan.Step> out = new ArrayList<>(steps.size());
        for (int i = 0; i < steps.size(); i++) {
            out.add(watched(steps.get(i), i <= lastFallible));
        }
        return out;
    }

    private Plan.Step watched(Plan.Step step, boolean isEarly) {
        if (step instanceof Plan.Repeat repeat) {
            return new Plan.Repeat(
                    repeat.turns(),
                    repeat.index(),
                    repeat.body().stream().map(s -> watched(s, isEarly)).toList());
        }
        return step instanceof Plan.Refresh refresh && refresh.source() instanceof HostScalars h
                ? new Plan.Refresh(refresh.scalars(), new Watched(h, isEarly))
                : step;
    }

    /**
     * Copies what is changed and may have to be put back.
     *
     * @param anywhere whether the run can fail anywhere, not only where values make it
     * @param operands finds the memory of this run
     */
    void save(boolean anywhere, Backend backend, Function<Plan.Ref, Operand> operands) {
        all = anywhere;
        try {
            copy(anywhere ? lasting : early, backend, operands);
        } catch (RuntimeException | Error e) { // no memory: this run's copies must not be put back by a later one
            done();
            throw e;
        }
    }

    private void copy(List<Plan.Ref> refs, Backend backend, Function<Plan.Ref, Operand> operands) {
        for (Plan.Ref ref : refs) {
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
     * @param finished number of the step that failed, -1 if none had begun
     * @return what has become of the lasting memory, in words
     */
    String undo(Backend backend, int finished, Throwable failure) {
        boolean changed = finished >= firstWrite;
        if (changed && !all && finished > lastFallible) {
            return "partly as after the run, for something failed that neither values nor lack of memory can make fail";
        }
        if (changed && copies.isEmpty()) {
            return "partly as after the run, for nothing was kept of what they were: the device reports mistakes late";
        }
        try {
            if (changed) {
                copies.forEach(pair -> copy(backend, pair[0], pair[1]));
            }
        } catch (RuntimeException | Error e) {
            return "partly as after the run, for they could not be put back: " + e.getMessage();
        }
        boolean noMemory = failure instanceof OutOfMemoryException || failure instanceof OutOfMemoryError;
        counted.stream().filter(c -> c.ofTensors || noMemory).forEach(c -> c.back.run());
        return "as they were before the run";
    }

    /** Gives up the copies. */
    void done() {
        copies.forEach(pair -> pair[1].storage().release());
        copies.clear();
        counted.clear();
        all = false;
    }
}
