package dev.jangada.capture;

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
    /** What decides the results of a launch: its call, scalars and operands, and how often the slots of these had been written. */
    private static final class Key {
        private final Plan.Launch launch;
        private final int[] versions;
        private final long[] bytes;
        private final int hash;

        Key(Plan.Launch launch, int[] version, List<Slot> slots) {
            this.launch = launch;
            versions = new int[launch.ins().size()];
            bytes = new long[launch.outs().size()];
            int h = launch.call().hashCode();
            for (int i = 0; i < versions.length; i++) {
                int slot = launch.ins().get(i).slot();
                versions[i] = version[slot];
                h = 31 * (31 * h + slot) + versions[i];
            }
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = slots.get(launch.outs().get(i).slot()).bytes;
            }
            hash = 31 * h + Arrays.hashCode(launch.scalars());
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Key k
                    && k.hash == hash
                    && k.launch.call().equals(launch.call())
                    && Arrays.equals(k.versions, versions)
                    && Arrays.equals(k.bytes, bytes)
                    && Arrays.equals(k.launch.scalars(), launch.scalars())
                    && k.launch.ins().equals(launch.ins())
                    && sameForm(k.launch.outs(), launch.outs());
        }

        private static boolean sameForm(List<Plan.Ref> a, List<Plan.Ref> b) {
            for (int i = 0; i < a.size(); i++) {
                if (a.get(i).dtype() != b.get(i).dtype()
                        || !a.get(i).layout().equals(b.get(i).layout())) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

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
                Plan.Launch now = (Plan.Launch) Flow.renamed(l, instead);
                Key key = once(now) ? new Key(now, version, slots) : null;
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
        for (Plan.Ref r : l.outs()) {
            if (slots.get(r.slot()).kind != Slot.Kind.INNER) {
                return false;
            }
        }
        return true;
    }
}
