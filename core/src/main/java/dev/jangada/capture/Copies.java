package dev.jangada.capture;

import dev.jangada.Shape;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Plan;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Leaves out copies: who reads a copy reads the original where that stays as it is, and who makes something that is only copied writes it to
 * where the copy goes.
 */
final class Copies {
    private final List<Slot> slots;
    private final Flow flow;
    /** By slot of a copy: the contiguous original. */
    private final Map<Integer, Plan.Ref> originals = new HashMap<>();

    private Copies(List<Slot> slots, List<Plan.Step> steps) {
        this.slots = slots;
        this.flow = new Flow(slots.size(), steps);
    }

    static List<Plan.Step> remove(List<Slot> slots, List<Plan.Step> steps) {
        List<Plan.Step> read = new Copies(slots, steps).readOriginals(steps);
        return new Copies(slots, read).writeTargets(read);
    }

    private static boolean isCopy(Plan.Launch l) {
        if (!(l.call() instanceof KernelCall.Map m)
                || l.ins().size() != 1
                || l.outs().size() != 1) {
            return false;
        }
        Program p = m.kernel().program();
        return p.code().size() == 1
                && p.code().get(0).op() == Op.INPUT
                && l.outs().get(0).dtype() == l.ins().get(0).dtype();
    }

    private boolean isWhole(Plan.Ref r) {
        Layout l = r.layout();
        return l.isContiguous() && Extent.covers(l, r.dtype().size(), slots.get(r.slot()).bytes);
    }

    // ---- reading the original

    private List<Plan.Step> readOriginals(List<Plan.Step> steps) {
        List<Plan.Step> out = new ArrayList<>();
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Repeat r) {
                out.add(new Plan.Repeat(r.turns(), r.index(), readOriginals(r.body())));
            } else if (step instanceof Plan.Launch l) {
                Plan.Launch now = reading(l);
                if (isCopy(now) && isFixed(now)) {
                    originals.put(now.outs().get(0).slot(), now.ins().get(0));
                } else {
                    out.add(now);
                }
            } else {
                out.add(step);
            }
        }
        return out;
    }

    private Plan.Launch reading(Plan.Launch l) {
        for (Plan.Ref r : l.ins()) {
            if (originals.containsKey(r.slot())) {
                return new Plan.Launch(
                        l.call(), l.outs(), l.ins().stream().map(this::original).toList(), l.scalars());
            }
        }
        return l;
    }

    private Plan.Ref original(Plan.Ref r) {
        Plan.Ref o = originals.get(r.slot());
        return o == null
                ? r
                : new Plan.Ref(
                        o.slot(), r.dtype(), r.layout().shifted(o.layout().offset()));
    }

    /** Tells whether neither the copy nor the original changes after the copy was made. */
    private boolean isFixed(Plan.Launch copy) {
        Plan.Ref from = copy.ins().get(0);
        Plan.Ref to = copy.outs().get(0);
        Slot source = slots.get(from.slot());
        boolean still = flow.writers[from.slot()] == 0
                || (flow.writers[from.slot()] == 1 && source.kind == Slot.Kind.INNER && isWhole(from));
        return still
                && from.layout().isContiguous()
                && slots.get(to.slot()).kind == Slot.Kind.INNER
                && flow.writers[to.slot()] == 1
                && isWhole(to);
    }

    // ---- writing to the target

    private List<Plan.Step> writeTargets(List<Plan.Step> steps) {
        List<Plan.Step> out = new ArrayList<>();
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Repeat r) {
                out.add(new Plan.Repeat(r.turns(), r.index(), writeTargets(r.body())));
            } else if (!(step instanceof Plan.Launch l) || !isCopy(l) || !(redirect(l, out) || move(l, out))) {
                out.add(step);
            }
        }
        return out;
    }

    /** Makes the producer of what is copied write it to where the copy goes; tells whether that was possible. */
    private boolean redirect(Plan.Launch copy, List<Plan.Step> before) {
        Plan.Ref from = copy.ins().get(0);
        Plan.Ref to = copy.outs().get(0);
        if (slots.get(from.slot()).kind != Slot.Kind.INNER
                || flow.writers[from.slot()] != 1
                || flow.readers[from.slot()] != 1
                || !isWhole(from)) {
            return false;
        }
        for (int i = before.size() - 1; i >= 0; i--) {
            if (before.get(i) instanceof Plan.Launch l && Flow.names(l.outs(), from.slot())) {
                Optional<Plan.Launch> made = redirected(l, from.slot(), to);
                made.ifPresent(m -> flow.add(l, -1));
                made.ifPresent(m -> flow.add(m, 1));
                made.ifPresent(m -> flow.add(copy, -1));
                int place = i;
                made.ifPresent(m -> before.set(place, m));
                return made.isPresent();
            }
            if (Flow.touches(before.get(i), to)) {
                return false;
            }
        }
        return false;
    }

    /** Lets everything that is only made to be copied be made where the copy goes; tells whether that was possible. */
    private boolean move(Plan.Launch copy, List<Plan.Step> before) {
        Plan.Ref from = copy.ins().get(0);
        Plan.Ref to = copy.outs().get(0);
        int slot = from.slot();
        if (slots.get(slot).kind != Slot.Kind.INNER
                || !isWhole(from)
                || !to.layout().isContiguous()) {
            return false;
        }
        Flow own = new Flow(slots.size(), before);
        if (own.writers[slot] == 0
                || own.writers[slot] != flow.writers[slot]
                || own.readers[slot] + 1 != flow.readers[slot]) {
            return false; // somebody needs it afterwards, or elsewhere
        }
        int first = 0;
        while (!Flow.names(before.get(first), slot)) {
            first++;
        }
        for (int i = first; i < before.size(); i++) {
            boolean loop = !(before.get(i) instanceof Plan.Launch) && Flow.names(before.get(i), slot);
            if (loop || Flow.touches(before.get(i), to)) {
                return false;
            }
        }
        flow.add(copy, -1);
        for (int i = first; i < before.size(); i++) {
            if (before.get(i) instanceof Plan.Launch l && Flow.names(l, slot)) {
                Plan.Launch moved =
                        new Plan.Launch(l.call(), moved(l.outs(), slot, to), moved(l.ins(), slot, to), l.scalars());
                flow.add(l, -1);
                flow.add(moved, 1);
                before.set(i, moved);
            }
        }
        return true;
    }

    private static List<Plan.Ref> moved(List<Plan.Ref> refs, int slot, Plan.Ref to) {
        return refs.stream()
                .map(r -> r.slot() == slot
                        ? new Plan.Ref(
                                to.slot(),
                                r.dtype(),
                                r.layout().shifted(to.layout().offset()))
                        : r)
                .toList();
    }

    private static Optional<Plan.Launch> redirected(Plan.Launch l, int slot, Plan.Ref to) {
        boolean map = l.call() instanceof KernelCall.Map;
        boolean product = l.call() instanceof KernelCall.Matmul || l.call() instanceof KernelCall.MatmulMap;
        if ((!map && !product && !(l.call() instanceof KernelCall.Reduce))
                || l.call().readsOutput()
                || l.outs().stream().anyMatch(r -> Extent.overlap(r, to))) {
            return Optional.empty();
        }
        List<Plan.Ref> outs = new ArrayList<>();
        for (Plan.Ref r : l.outs()) {
            if (r.slot() != slot) {
                outs.add(r);
                continue;
            }
            Shape shape = r.layout().shape();
            Optional<Layout> view = r.layout().isContiguous() ? to.layout().view(shape) : Optional.empty();
            if (view.isEmpty() || (product && !view.get().isContiguous())) {
                return Optional.empty();
            }
            Plan.Ref target = new Plan.Ref(to.slot(), to.dtype(), view.get());
            for (Plan.Ref in : l.ins()) {
                if (Extent.overlap(in, to) && !(map && in.equals(target))) {
                    return Optional.empty();
                }
            }
            outs.add(target);
        }
        return Optional.of(new Plan.Launch(l.call(), outs, l.ins(), l.scalars()));
    }
}
