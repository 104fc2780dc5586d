package dev.jangada.capture;

import dev.jangada.Shape;
import dev.jangada.backend.Backend;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Keeps a run that fails from leaving things half done.
 *
 * <p>Most programs change lasting memory at their end only, after everything that may fail (an index out of range, a division by zero). What
 * is changed before that, such as running means before a loss, is copied at the start of a run and put back.
 */
final class Undo {
    private static final long[] NO_SCALARS = {};

    private final List<Plan.Ref> early = new ArrayList<>();
    private final int lastFallible;
    private final int firstWrite;
    private final List<Operand[]> copies = new ArrayList<>();

    Undo(List<Slot> slots, List<Plan.Step> steps) {
        int fallible = -1;
        int write = steps.size();
        for (int i = 0; i < steps.size(); i++) {
            fallible = mayFail(steps.get(i)) ? i : fallible;
        }
        for (int i = steps.size() - 1; i >= 0; i--) {
            List<Plan.Ref> lasting = new ArrayList<>();
            written(steps.get(i), slots, lasting);
            write = lasting.isEmpty() ? write : i;
            if (i <= fallible) {
                lasting.stream().filter(r -> !early.contains(r)).forEach(early::add);
            }
        }
        lastFallible = fallible;
        firstWrite = write;
    }

    /** Tells whether values of operands may make a step fail. */
    static boolean mayFail(Plan.Step step) {
        return step instanceof Plan.Launch launch
                ? launch.call().mayFail()
                : step instanceof Plan.Repeat repeat && repeat.body().stream().anyMatch(Undo::mayFail);
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

    /** Tells whether anything is changed early. */
    boolean isNeeded() {
        return !early.isEmpty();
    }

    /** Copies what is changed early; {@code operands} finds the memory of this run. */
    void save(Backend backend, Function<Plan.Ref, Operand> operands) {
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
     * After a failure, puts back what was copied.
     *
     * @param finished number of the step that failed
     * @return what has become of the lasting memory, in words
     */
    String undo(Backend backend, int finished) {
        if (finished < firstWrite) {
            return "as they were before the run";
        }
        if (finished > lastFallible) {
            return "partly as after the run, for a kernel failed that no value can make fail";
        }
        copies.forEach(pair -> copy(backend, pair[0], pair[1]));
        return "as they were before the run";
    }

    /** Gives up the copies. */
    void done() {
        copies.forEach(pair -> pair[1].storage().release());
        copies.clear();
    }
}
