package dev.jangada.capture;

import dev.jangada.DType;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes equal things once: a launch whose call, operands and scalars are those of an earlier one gives way to its result.
 *
 * <p>Only results that are written once count, and operands that nobody has changed in between. Scalars that the host brings at each run are
 * never taken for equal.
 */
final class CommonSubexpressions {
    /** An operand and how often its slot had been written. */
    private record Operand(int slot, int version, DType dtype, Layout layout) {}

    private record Result(DType dtype, Layout layout, long bytes) {}

    private record Key(KernelCall call, List<Operand> ins, List<Result> outs, List<Long> scalars) {}

    private final List<Slot> slots;
    private final Flow flow;
    private final Set<long[]> live;
    private final int[] version;
    private final int[] instead;

    private CommonSubexpressions(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live) {
        this.slots = slots;
        this.flow = new Flow(slots.size(), steps);
        this.live = live;
        this.version = new int[slots.size()];
        this.instead = new int[slots.size()];
        Arrays.setAll(instead, i -> i);
    }

    static List<Plan.Step> merge(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live) {
        return new CommonSubexpressions(slots, steps, live).merge(steps);
    }

    private List<Plan.Step> merge(List<Plan.Step> steps) {
        Map<Key, Plan.Launch> known = new HashMap<>();
        List<Plan.Step> out = new ArrayList<>();
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Repeat r) {
                written(r); // what a turn changes differs from turn to turn
                out.add(new Plan.Repeat(r.turns(), r.index(), merge(r.body())));
                written(r);
            } else if (step instanceof Plan.Launch l) {
                Plan.Launch now = new Plan.Launch(l.call(), redirected(l.outs()), redirected(l.ins()), l.scalars());
                Key key = once(now) ? key(now) : null;
                Plan.Launch same = key == null ? null : known.get(key);
                if (same != null && replaceable(now)) {
                    for (int i = 0; i < now.outs().size(); i++) {
                        instead[now.outs().get(i).slot()] = same.outs().get(i).slot();
                    }
                    continue;
                }
                now.outs().forEach(r -> version[r.slot()]++);
                if (key != null) {
                    known.putIfAbsent(key, now);
                }
                out.add(now);
            } else {
                out.add(step);
            }
        }
        return out;
    }

    private void written(Plan.Repeat repeat) {
        Flow.launches(repeat.body(), l -> l.outs().forEach(r -> version[r.slot()]++));
    }

    private List<Plan.Ref> redirected(List<Plan.Ref> refs) {
        return refs.stream()
                .map(r -> instead[r.slot()] == r.slot() ? r : new Plan.Ref(instead[r.slot()], r.dtype(), r.layout()))
                .toList();
    }

    /** Tells whether all results are written by this launch alone, completely. */
    private boolean once(Plan.Launch l) {
        for (Plan.Ref r : l.outs()) {
            Slot s = slots.get(r.slot());
            boolean own = s.kind == Slot.Kind.INNER || s.kind == Slot.Kind.FRESH;
            if (!own
                    || flow.writers[r.slot()] != 1
                    || !Extent.covers(r.layout(), r.dtype().size(), s.bytes)) {
                return false;
            }
        }
        return !l.call().readsOutput() && !live.contains(l.scalars());
    }

    private boolean replaceable(Plan.Launch l) {
        return l.outs().stream().allMatch(r -> slots.get(r.slot()).kind == Slot.Kind.INNER);
    }

    private Key key(Plan.Launch l) {
        List<Operand> ins = l.ins().stream()
                .map(r -> new Operand(r.slot(), version[r.slot()], r.dtype(), r.layout()))
                .toList();
        List<Result> outs = l.outs().stream()
                .map(r -> new Result(r.dtype(), r.layout(), slots.get(r.slot()).bytes))
                .toList();
        return new Key(l.call(), ins, outs, Arrays.stream(l.scalars()).boxed().toList());
    }
}
