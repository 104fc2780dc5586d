package dev.jangada.capture;

import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Merges launches into one another: element-wise kernels into the element-wise kernels, reductions and matrix products whose results they
 * read, and into those that read theirs, as long as nothing in between minds.
 *
 * <p>One of the two launches moves to the place of the other. A result that somebody else reads as well is written by the merged kernel.
 */
final class Fusion {
    private final List<Slot> slots;
    private final Set<long[]> live;
    private final boolean back;
    private final Flow flow;
    /** By slot: the launch in the list being made that wrote it last. */
    private final Plan.Launch[] producers;

    private Fusion(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live, boolean back) {
        this.slots = slots;
        this.live = live;
        this.back = back;
        this.flow = new Flow(slots.size(), steps);
        this.producers = new Plan.Launch[slots.size()];
    }

    /** First each launch goes into the one that needs it, such as a sum; what is left may go back to where its operands come from. */
    static List<Plan.Step> fuse(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live) {
        List<Plan.Step> forward = new Fusion(slots, steps, live, false).fuse(steps);
        return new Fusion(slots, forward, live, true).fuse(forward);
    }

    private List<Plan.Step> fuse(List<Plan.Step> steps) {
        List<Plan.Step> list = new ArrayList<>();
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Repeat r) {
                list.add(new Plan.Repeat(r.turns(), r.index(), fuse(r.body())));
            } else if (step instanceof Plan.Launch l) {
                list.add(l);
                note(l);
                int at = list.size() - 1;
                while (at >= 0) {
                    at = merge(list, at); // the merged launch may take in more
                }
            } else {
                list.add(step);
            }
        }
        return list;
    }

    private void note(Plan.Launch l) {
        l.outs().forEach(r -> producers[r.slot()] = l);
    }

    /** Merges the launch at a place with one that gives it an operand; returns the place of the merged one, or -1. */
    private int merge(List<Plan.Step> list, int at) {
        Plan.Launch second = (Plan.Launch) list.get(at);
        if (!(second.call() instanceof KernelCall.Map) && !(second.call() instanceof KernelCall.Reduce)) {
            return -1;
        }
        int waiting = candidates(second);
        for (int i = at - 1; i >= 0 && waiting > 0; i--) {
            if (!(list.get(i) instanceof Plan.Launch first) || !feeds(first, second)) {
                continue;
            }
            waiting--;
            boolean down = Moves.down(list, i, at);
            if (down || back && Moves.up(list, i, at)) {
                Optional<Plan.Launch> made = merged(first, second);
                if (made.isPresent()) {
                    flow.add(first, -1);
                    flow.add(second, -1);
                    flow.add(made.get(), 1);
                    return down ? mergeDown(list, i, at, made.get()) : mergeUp(list, i, at, made.get());
                }
            }
        }
        return -1;
    }

    /** Returns how many launches in the list give a launch operands. */
    private int candidates(Plan.Launch second) {
        List<Plan.Launch> found = new ArrayList<>();
        for (Plan.Ref r : second.ins()) {
            Plan.Launch p = producers[r.slot()];
            if (p != null && !found.contains(p)) {
                found.add(p);
            }
        }
        return found.size();
    }

    private boolean feeds(Plan.Launch first, Plan.Launch second) {
        for (Plan.Ref r : first.outs()) {
            if (producers[r.slot()] == first && Flow.names(second.ins(), r.slot())) {
                return true;
            }
        }
        return false;
    }

    private Optional<Plan.Launch> merged(Plan.Launch first, Plan.Launch second) {
        if (isProduct(first) && second.outs().stream().anyMatch(r -> slots.get(r.slot()).kind == Slot.Kind.OUTER)) {
            return Optional
                    .empty(); // Adam in the tiles of a product took 7 % more of a step than all updates in a launch of
            // their own
        }
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

    private static boolean isProduct(Plan.Launch l) {
        return l.call() instanceof KernelCall.Matmul || l.call() instanceof KernelCall.MatmulMap;
    }

    private int mergeDown(List<Plan.Step> list, int from, int to, Plan.Launch made) {
        Plan.Launch second = (Plan.Launch) list.remove(to);
        Plan.Launch first = (Plan.Launch) list.remove(from);
        return insert(list, to - 1, made, first.scalars(), second.scalars());
    }

    private int mergeUp(List<Plan.Step> list, int to, int from, Plan.Launch made) {
        Plan.Launch second = (Plan.Launch) list.remove(from);
        Plan.Launch first = (Plan.Launch) list.remove(to);
        int place = Moves.pullRefreshes(list, to, second.scalars());
        return insert(list, place, made, first.scalars(), second.scalars());
    }

    /** Inserts a launch with the scalars of two, in one array that the host fills when it has filled theirs; returns its place. */
    private int insert(List<Plan.Step> list, int place, Plan.Launch made, long[] a, long[] b) {
        int at = place;
        long[] both = a.length == 0 ? b : a;
        if (a.length > 0 && b.length > 0) {
            both = Arrays.copyOf(a, a.length + b.length);
            System.arraycopy(b, 0, both, a.length, b.length);
            if (live.contains(a) || live.contains(b)) {
                live.add(both);
                list.add(at++, new Plan.Refresh(both, Plan.Source.copy(bits -> {
                    System.arraycopy(a, 0, bits, 0, a.length);
                    System.arraycopy(b, 0, bits, a.length, b.length);
                })));
            }
        }
        Plan.Launch l = new Plan.Launch(made.call(), made.outs(), made.ins(), both);
        list.add(at, l);
        note(l);
        return at;
    }
}
