package dev.jangada.capture;

import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes numbers into the kernels that read tensors filled with them, wherever that is; nobody needs the tensors then. */
final class Constants {
    private final List<Slot> slots;
    private final Flow flow;
    private final Set<long[]> live;
    private final Map<Integer, Plan.Launch> fills = new HashMap<>();

    private Constants(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live) {
        this.slots = slots;
        this.live = live;
        this.flow = new Flow(slots.size(), steps);
    }

    static List<Plan.Step> inline(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live) {
        return new Constants(slots, steps, live).inline(steps);
    }

    private List<Plan.Step> inline(List<Plan.Step> steps) {
        List<Plan.Step> out = new ArrayList<>();
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Repeat r) {
                out.add(new Plan.Repeat(r.turns(), r.index(), inline(r.body())));
            } else if (step instanceof Plan.Launch l) {
                Plan.Launch now = l;
                if (l.call() instanceof KernelCall.Map || l.call() instanceof KernelCall.Reduce) {
                    now = filled(l);
                }
                note(now);
                out.add(now);
            } else {
                out.add(step);
            }
        }
        return out;
    }

    private void note(Plan.Launch l) {
        if (!Merge.isConstant(l) || live.contains(l.scalars()) || l.outs().size() != 1) {
            return;
        }
        Plan.Ref r = l.outs().get(0);
        Slot s = slots.get(r.slot());
        if (s.kind == Slot.Kind.INNER
                && flow.writers[r.slot()] == 1
                && Extent.covers(r.layout(), r.dtype().size(), s.bytes)) {
            fills.put(r.slot(), l);
        }
    }

    private Plan.Launch filled(Plan.Launch l) {
        Plan.Launch now = l;
        for (Plan.Ref r : l.ins()) {
            Plan.Launch fill = fills.get(r.slot());
            if (fill == null || live.contains(now.scalars()) || !Flow.names(now.ins(), r.slot())) {
                continue;
            }
            Optional<Plan.Launch> made = Merge.of(fill, now, new boolean[1]);
            if (made.isPresent()) {
                long[] a = fill.scalars();
                System.arraycopy(a, 0, made.get().scalars(), 0, a.length);
                System.arraycopy(now.scalars(), 0, made.get().scalars(), a.length, now.scalars().length);
                now = made.get();
            }
        }
        return now;
    }
}
