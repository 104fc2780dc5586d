package dev.jangada.capture;

import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/** Leaves out launches whose results nobody reads. What the host does (counters, generators) stays. */
final class DeadCode {
    private final List<Slot> slots;

    private DeadCode(List<Slot> slots) {
        this.slots = slots;
    }

    static List<Plan.Step> remove(List<Slot> slots, List<Plan.Step> steps) {
        return new DeadCode(slots).remove(steps, new BitSet(), true);
    }

    /**
     * Walks backwards.
     *
     * @param needed slots that are read later; changed to those that are read from the first step on
     * @param kills whether a launch that overwrites a slot ends the need for its former content
     */
    private List<Plan.Step> remove(List<Plan.Step> steps, BitSet needed, boolean kills) {
        List<Plan.Step> kept = new ArrayList<>();
        for (int i = steps.size() - 1; i >= 0; i--) {
            Plan.Step step = steps.get(i);
            if (step instanceof Plan.Launch l) {
                if (l.outs().stream().noneMatch(r -> isNeeded(r, needed))) {
                    continue;
                }
                for (Plan.Ref r : l.outs()) {
                    Slot s = slots.get(r.slot());
                    if (kills
                            && !l.call().readsOutput()
                            && Extent.covers(r.layout(), r.dtype().size(), s.bytes)) {
                        needed.clear(r.slot());
                    }
                }
                l.ins().forEach(r -> needed.set(r.slot()));
                kept.add(l);
            } else if (step instanceof Plan.Repeat r) {
                kept.add(repeat(r, needed));
            } else {
                kept.add(step);
            }
        }
        Collections.reverse(kept);
        return kept;
    }

    private boolean isNeeded(Plan.Ref r, BitSet needed) {
        return needed.get(r.slot()) || slots.get(r.slot()).outlives();
    }

    /** What the next turn reads is needed at the end of a turn, and with no turns at all what stood there before. */
    private Plan.Step repeat(Plan.Repeat r, BitSet needed) {
        while (true) {
            BitSet before = (BitSet) needed.clone();
            List<Plan.Step> body = remove(r.body(), needed, false);
            if (needed.equals(before)) {
                return new Plan.Repeat(r.turns(), r.index(), body);
            }
        }
    }
}
