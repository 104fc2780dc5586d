package dev.jangada.capture;

import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** Who writes and reads the slots of a program. */
final class Flow {
    /** By slot: launches that write to it, and that read it. */
    final int[] writers;

    final int[] readers;

    Flow(int slots, List<Plan.Step> steps) {
        writers = new int[slots];
        readers = new int[slots];
        launches(steps, l -> add(l, 1));
    }

    /** Counts a launch, or no longer. */
    void add(Plan.Launch l, int by) {
        for (Plan.Ref r : l.outs()) {
            writers[r.slot()] += by;
            if (l.call().readsOutput()) {
                readers[r.slot()] += by;
            }
        }
        for (int i = 0; i < l.ins().size(); i++) {
            if (!namedBefore(l.ins(), i)) {
                readers[l.ins().get(i).slot()] += by;
            }
        }
    }

    private static boolean namedBefore(List<Plan.Ref> refs, int i) {
        for (int k = 0; k < i; k++) {
            if (refs.get(k).slot() == refs.get(i).slot()) {
                return true;
            }
        }
        return false;
    }

    /** Calls a consumer for every launch, also those in loops, in order. */
    static void launches(List<Plan.Step> steps, Consumer<Plan.Launch> consumer) {
        for (Plan.Step s : steps) {
            if (s instanceof Plan.Launch l) {
                consumer.accept(l);
            } else if (s instanceof Plan.Repeat r) {
                launches(r.body(), consumer);
            }
        }
    }

    /** Calls a consumer for every slot that a step names, once for each time. */
    static void slots(Plan.Step step, IntConsumer consumer) {
        if (step instanceof Plan.Launch l) {
            l.outs().forEach(r -> consumer.accept(r.slot()));
            l.ins().forEach(r -> consumer.accept(r.slot()));
        } else if (step instanceof Plan.Repeat r) {
            r.body().forEach(s -> slots(s, consumer));
        }
    }

    /** Returns a step with other slots: {@code instead} says which, by slot. */
    static Plan.Step renamed(Plan.Step step, int[] instead) {
        if (step instanceof Plan.Launch l) {
            List<Plan.Ref> outs = renamed(l.outs(), instead);
            List<Plan.Ref> ins = renamed(l.ins(), instead);
            return outs == l.outs() && ins == l.ins() ? l : new Plan.Launch(l.call(), outs, ins, l.scalars());
        }
        return step instanceof Plan.Repeat r
                ? new Plan.Repeat(
                        r.turns(),
                        r.index(),
                        r.body().stream().map(s -> renamed(s, instead)).toList())
                : step;
    }

    /** Returns operands in other slots, the same list if it names none of them. */
    static List<Plan.Ref> renamed(List<Plan.Ref> refs, int[] instead) {
        for (Plan.Ref r : refs) {
            if (instead[r.slot()] != r.slot()) {
                List<Plan.Ref> out = new ArrayList<>(refs.size());
                for (Plan.Ref x : refs) {
                    out.add(new Plan.Ref(instead[x.slot()], x.dtype(), x.layout()));
                }
                return out;
            }
        }
        return refs;
    }

    /** Tells whether a step writes where an operand lies. */
    static boolean writes(Plan.Step step, Plan.Ref ref) {
        return any(step, ref, false);
    }

    /** Tells whether a step writes where an operand lies, or reads there. */
    static boolean touches(Plan.Step step, Plan.Ref ref) {
        return any(step, ref, true);
    }

    private static boolean any(Plan.Step step, Plan.Ref ref, boolean ins) {
        if (step instanceof Plan.Launch l) {
            return overlaps(l.outs(), ref) || (ins && overlaps(l.ins(), ref));
        }
        if (step instanceof Plan.Repeat r) {
            for (Plan.Step s : r.body()) {
                if (any(s, ref, ins)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean overlaps(List<Plan.Ref> refs, Plan.Ref ref) {
        for (Plan.Ref r : refs) {
            if (Extent.overlap(r, ref)) {
                return true;
            }
        }
        return false;
    }

    /** Tells whether a step names a slot. */
    static boolean names(Plan.Step step, int slot) {
        if (step instanceof Plan.Repeat r) {
            return r.body().stream().anyMatch(s -> names(s, slot));
        }
        return step instanceof Plan.Launch l && (names(l.outs(), slot) || names(l.ins(), slot));
    }

    /** Tells whether one of the operands lies in a slot. */
    static boolean names(List<Plan.Ref> refs, int slot) {
        for (Plan.Ref r : refs) {
            if (r.slot() == slot) {
                return true;
            }
        }
        return false;
    }
}
