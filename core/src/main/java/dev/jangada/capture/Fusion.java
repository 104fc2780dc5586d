package dev.jangada.capture;

import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Merges launches into one another: element-wise kernels into the element-wise kernels, reductions and epilogues of matrix products that
 * read their results, as long as nothing in between minds.
 *
 * <p>The first of two launches moves to the place of the second. A result that somebody else reads as well is written by the merged kernel.
 */
final class Fusion {
    private final List<Slot> slots;
    private final Set<long[]> live;
    private final Flow flow;

    private Fusion(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live) {
        this.slots = slots;
        this.live = live;
        this.flow = new Flow(slots.size(), steps);
    }

    static List<Plan.Step> fuse(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live) {
        return new Fusion(slots, steps, live).fuse(steps);
    }

    private List<Plan.Step> fuse(List<Plan.Step> steps) {
        List<Plan.Step> list = new ArrayList<>();
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Repeat r) {
                list.add(new Plan.Repeat(r.turns(), r.index(), fuse(r.body())));
            } else if (step instanceof Plan.Launch l) {
                list.add(l);
                while (mergeLast(list)) {
                    // the merged launch may take in more
                }
            } else {
                list.add(step);
            }
        }
        return list;
    }

    /** Merges a producer into the last launch of a list, and tells whether there was one. */
    private boolean mergeLast(List<Plan.Step> list) {
        int end = list.size() - 1;
        Plan.Launch second = (Plan.Launch) list.get(end);
        if (!(second.call() instanceof KernelCall.Map) && !(second.call() instanceof KernelCall.Reduce)) {
            return false;
        }
        for (int i = end - 1; i >= 0; i--) {
            if (list.get(i) instanceof Plan.Launch first && feeds(first, second) && mayMove(list, i, end)) {
                Optional<Plan.Launch> made = merged(first, second);
                if (made.isPresent()) {
                    replace(list, i, end, first, second, made.get());
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean feeds(Plan.Launch first, Plan.Launch second) {
        return first.outs().stream().anyMatch(r -> Flow.names(second.ins(), r.slot()));
    }

    private Optional<Plan.Launch> merged(Plan.Launch first, Plan.Launch second) {
        boolean[] keep = new boolean[first.outs().size()];
        for (int i = 0; i < keep.length; i++) {
            Plan.Ref r = first.outs().get(i);
            Slot s = slots.get(r.slot());
            boolean whole = Extent.covers(r.layout(), r.dtype().size(), s.bytes);
            boolean read = Flow.names(second.ins(), r.slot());
            if (read && (!whole || flow.writers[r.slot()] != 1 || first.call().readsOutput())) {
                return Optional.empty();
            }
            keep[i] = s.outlives() || flow.readers[r.slot()] > (read ? 1 : 0) || flow.writers[r.slot()] != 1;
        }
        return Merge.of(first, second, keep);
    }

    /** Tells whether nothing between two places reads or changes what the first writes, or changes what it reads. */
    private static boolean mayMove(List<Plan.Step> list, int from, int to) {
        Plan.Launch l = (Plan.Launch) list.get(from);
        for (int i = from + 1; i < to; i++) {
            Plan.Step between = list.get(i);
            for (Plan.Ref r : l.outs()) {
                if (Flow.touches(between, r.slot())) {
                    return false;
                }
            }
            for (Plan.Ref r : l.ins()) {
                if (Flow.writes(between, r.slot())) {
                    return false;
                }
            }
        }
        return true;
    }

    private void replace(
            List<Plan.Step> list, int i, int end, Plan.Launch first, Plan.Launch second, Plan.Launch made) {
        flow.add(first, -1);
        flow.add(second, -1);
        flow.add(made, 1);
        list.remove(end);
        list.remove(i);
        long[] both = scalars(first.scalars(), second.scalars(), list);
        list.add(new Plan.Launch(made.call(), made.outs(), made.ins(), both));
    }

    /** Returns the scalars of two launches in one array, which the host fills when it has filled theirs. */
    private long[] scalars(long[] a, long[] b, List<Plan.Step> list) {
        if (a.length == 0 || b.length == 0) {
            return a.length == 0 ? b : a;
        }
        long[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        if (live.contains(a) || live.contains(b)) {
            live.add(both);
            list.add(new Plan.Refresh(both, bits -> {
                System.arraycopy(a, 0, bits, 0, a.length);
                System.arraycopy(b, 0, bits, a.length, b.length);
            }));
        }
        return both;
    }
}
