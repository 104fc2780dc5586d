package dev.jangada.capture;

import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Lets element-wise kernels, and what follows a matrix product, write over an operand that nobody reads afterwards, instead of into memory of
 * their own. A result takes the place of such an operand from the start: sums of gradients are made where they stay.
 */
final class InPlace {
    private final List<Slot> slots;
    private Flow flow;
    private final int[] instead;

    private InPlace(List<Slot> slots) {
        this.slots = slots;
        this.instead = new int[slots.size()];
        Arrays.setAll(instead, i -> i);
    }

    static List<Plan.Step> share(List<Slot> slots, List<Plan.Step> steps) {
        InPlace p = new InPlace(slots);
        p.flow = new Flow(slots.size(), steps);
        List<Plan.Step> out = p.intoResults(steps);
        Arrays.setAll(p.instead, i -> i);
        p.flow = new Flow(slots.size(), out);
        return p.share(out, false);
    }

    /** Returns from which operand on operands are read element by element, at the place where the results go. */
    private static int firstElementwise(Plan.Launch l) {
        return l.call() instanceof KernelCall.Map
                ? 0
                : l.call() instanceof KernelCall.MatmulMap ? 2 : l.ins().size();
    }

    // ---- results

    /** Makes operands in the memory of the result that takes their place, going from the last step to the first. */
    private List<Plan.Step> intoResults(List<Plan.Step> steps) {
        int[] first = new int[slots.size()];
        int[] last = new int[slots.size()];
        Arrays.fill(first, steps.size());
        for (int i = 0; i < steps.size(); i++) {
            int now = i;
            Flow.slots(steps.get(i), slot -> {
                first[slot] = Math.min(first[slot], now);
                last[slot] = now;
            });
        }
        for (int i = steps.size() - 1; i >= 0; i--) {
            if (steps.get(i) instanceof Plan.Launch l) {
                intoResults(l, i, first, last);
            }
        }
        return steps.stream().map(s -> Flow.renamed(s, instead)).toList();
    }

    private void intoResults(Plan.Launch l, int at, int[] first, int[] last) {
        for (Plan.Ref o : l.outs()) {
            int goal = instead[o.slot()];
            if (slots.get(goal).kind != Slot.Kind.FRESH || first[goal] != at || !isWhole(o)) {
                continue;
            }
            for (int k = firstElementwise(l); k < l.ins().size(); k++) {
                Plan.Ref in = l.ins().get(k);
                boolean same = in.dtype() == o.dtype() && in.layout().equals(o.layout());
                if (same && isOwn(in) && last[in.slot()] == at && instead[in.slot()] == in.slot() && isRead(l, in)) {
                    instead[in.slot()] = goal;
                    first[goal] = first[in.slot()];
                    break;
                }
            }
        }
    }

    // ---- from step to step

    private List<Plan.Step> share(List<Plan.Step> steps, boolean inLoop) {
        int[] last = new int[slots.size()]; // by slot: its last use in these steps
        for (int i = 0; i < steps.size(); i++) {
            int now = i;
            Flow.slots(steps.get(i), slot -> last[slot] = now);
        }
        List<Plan.Step> out = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            Plan.Step step = steps.get(i);
            if (step instanceof Plan.Repeat r) {
                out.add(new Plan.Repeat(r.turns(), r.index(), share(r.body(), true)));
            } else {
                Plan.Step now = Flow.renamed(step, instead);
                out.add(!inLoop && now instanceof Plan.Launch l ? overwriting(l, last, i) : now);
            }
        }
        return out;
    }

    private Plan.Launch overwriting(Plan.Launch l, int[] last, int at) {
        int elementwise = firstElementwise(l);
        if (elementwise == l.ins().size()) {
            return l;
        }
        List<Plan.Ref> outs = new ArrayList<>(l.outs());
        for (int i = 0; i < outs.size(); i++) {
            Plan.Ref o = outs.get(i);
            if (!isOwn(o) || flow.writers[o.slot()] != 1) {
                continue;
            }
            for (Plan.Ref in : l.ins().subList(elementwise, l.ins().size())) {
                boolean same = in.dtype() == o.dtype() && in.layout().equals(o.layout());
                boolean taken = Flow.names(outs, in.slot());
                if (same && isOwn(in) && last[in.slot()] == at && !taken && isRead(l, in)) {
                    instead[o.slot()] = in.slot();
                    last[in.slot()] = last[o.slot()];
                    outs.set(i, in);
                    break;
                }
            }
        }
        return new Plan.Launch(l.call(), outs, l.ins(), l.scalars());
    }

    /** Tells whether an operand is read in this one way only, element by element. */
    private static boolean isRead(Plan.Launch l, Plan.Ref in) {
        int elementwise = firstElementwise(l);
        for (int k = 0; k < l.ins().size(); k++) {
            Plan.Ref r = l.ins().get(k);
            if (r.slot() == in.slot() && (k < elementwise || !r.equals(in))) {
                return false;
            }
        }
        return true;
    }

    private boolean isOwn(Plan.Ref r) {
        return slots.get(r.slot()).kind == Slot.Kind.INNER && isWhole(r);
    }

    private boolean isWhole(Plan.Ref r) {
        return Extent.covers(r.layout(), r.dtype().size(), slots.get(r.slot()).bytes);
    }
}
