package dev.jangada.capture;

import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lets element-wise kernels write over an operand that nobody reads afterwards, instead of into memory of their own. */
final class InPlace {
    private final List<Slot> slots;
    private final Flow flow;
    private final int[] instead;

    private InPlace(List<Slot> slots, List<Plan.Step> steps) {
        this.slots = slots;
        this.flow = new Flow(slots.size(), steps);
        this.instead = new int[slots.size()];
        Arrays.setAll(instead, i -> i);
    }

    static List<Plan.Step> share(List<Slot> slots, List<Plan.Step> steps) {
        return new InPlace(slots, steps).share(steps, false);
    }

    private List<Plan.Step> share(List<Plan.Step> steps, boolean inLoop) {
        int[] last = new int[slots.size()]; // by slot: its last use in these steps
        for (int i = 0; i < steps.size(); i++) {
            int now = i;
            Flow.launches(List.of(steps.get(i)), l -> {
                l.outs().forEach(r -> last[r.slot()] = now);
                l.ins().forEach(r -> last[r.slot()] = now);
            });
        }
        List<Plan.Step> out = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Plan.Step step = steps.get(i);
            if (step instanceof Plan.Repeat r) {
                out.add(new Plan.Repeat(r.turns(), r.index(), share(r.body(), true)));
            } else if (step instanceof Plan.Launch l) {
                Plan.Launch now = new Plan.Launch(l.call(), renamed(l.outs()), renamed(l.ins()), l.scalars());
                if (!inLoop && l.call() instanceof KernelCall.Map) {
                    now = overwriting(now, last, i);
                }
                out.add(now);
            } else {
                out.add(step);
            }
        }
        return out;
    }

    private List<Plan.Ref> renamed(List<Plan.Ref> refs) {
        return refs.stream()
                .map(r -> instead[r.slot()] == r.slot() ? r : new Plan.Ref(instead[r.slot()], r.dtype(), r.layout()))
                .toList();
    }

    private Plan.Launch overwriting(Plan.Launch l, int[] last, int at) {
        List<Plan.Ref> outs = new ArrayList<>(l.outs());
        for (int i = 0; i < outs.size(); i++) {
            Plan.Ref o = outs.get(i);
            if (!isOwn(o) || flow.writers[o.slot()] != 1) {
                continue;
            }
            for (Plan.Ref in : l.ins()) {
                boolean same = in.dtype() == o.dtype() && in.layout().equals(o.layout());
                if (same && isOwn(in) && last[in.slot()] == at && isRead(l, in, outs)) {
                    instead[o.slot()] = in.slot();
                    last[in.slot()] = last[o.slot()];
                    outs.set(i, in);
                    break;
                }
            }
        }
        return new Plan.Launch(l.call(), outs, l.ins(), l.scalars());
    }

    /** Tells whether an operand is read in this one way only, and its memory is not taken yet. */
    private static boolean isRead(Plan.Launch l, Plan.Ref in, List<Plan.Ref> outs) {
        return !Flow.names(outs, in.slot()) && l.ins().stream().allMatch(r -> r.slot() != in.slot() || r.equals(in));
    }

    private boolean isOwn(Plan.Ref r) {
        Slot s = slots.get(r.slot());
        return s.kind == Slot.Kind.INNER && Extent.covers(r.layout(), r.dtype().size(), s.bytes);
    }
}
