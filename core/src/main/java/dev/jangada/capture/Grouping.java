package dev.jangada.capture;

import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes one launch of several that do not depend on each other: the update of all parameters, the sums of a step.
 *
 * <p>Element-wise kernels and reductions wait until another kernel needs what they make, or overwrites what they read; those that have
 * waited so long are launched together, as far as they are independent. None waits where that would need more memory than the program did.
 */
final class Grouping {
    private final List<Slot> slots;
    private final Set<long[]> live;
    private final List<Plan.Launch> waiting = new ArrayList<>();
    private final List<Plan.Step> out = new ArrayList<>();
    private final Usage usage;
    private final long most;

    private Grouping(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live) {
        this.slots = slots;
        this.live = live;
        this.most = Usage.most(slots, steps);
        this.usage = new Usage(slots, steps);
    }

    static List<Plan.Step> group(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live) {
        Grouping g = new Grouping(slots, steps, live);
        steps.forEach(g::add);
        g.launch(new ArrayList<>(g.waiting));
        return g.out;
    }

    /** What can be a member, and has nothing to do with failing: that keeps its place. */
    private static boolean mayWait(Plan.Step step) {
        return step instanceof Plan.Launch l
                && (l.call() instanceof KernelCall.Map || l.call() instanceof KernelCall.Reduce)
                && !l.call().mayFail();
    }

    private void add(Plan.Step step) {
        if (step instanceof Plan.Refresh) {
            out.add(step);
        } else if (mayWait(step)) {
            waiting.add((Plan.Launch) step);
        } else {
            launch(needed(step));
            if (usage.after(step) > most) {
                launch(new ArrayList<>(waiting));
            }
            usage.use(step);
            out.add(
                    step instanceof Plan.Repeat r
                            ? new Plan.Repeat(r.turns(), r.index(), group(slots, r.body(), live))
                            : step);
        }
    }

    /** Returns which of the waiting must come before a step, in order: those it depends on, and those that these depend on. */
    private List<Plan.Launch> needed(Plan.Step step) {
        List<Plan.Launch> found = new ArrayList<>();
        for (int i = waiting.size() - 1; i >= 0; i--) {
            Plan.Launch l = waiting.get(i);
            boolean before = Moves.depend(l, step);
            for (int k = 0; k < found.size() && !before; k++) {
                before = Moves.depend(l, found.get(k));
            }
            if (before) {
                found.add(0, l);
            }
        }
        return found;
    }

    /** Launches some of the waiting: as late as possible, but before those that depend on them. */
    private void launch(List<Plan.Launch> some) {
        int[] height = new int[some.size()];
        int top = 0;
        for (int i = some.size() - 1; i >= 0; i--) {
            for (int k = i + 1; k < some.size(); k++) {
                if (height[k] >= height[i] && Moves.depend(some.get(i), some.get(k))) {
                    height[i] = height[k] + 1;
                }
            }
            top = Math.max(top, height[i]);
        }
        for (int h = top; h >= 0; h--) {
            List<Plan.Launch> members = new ArrayList<>();
            for (int i = 0; i < height.length; i++) {
                if (height[i] == h) {
                    members.add(some.get(i));
                }
            }
            if (!members.isEmpty()) {
                members.forEach(usage::use);
                out.add(together(members));
            }
        }
        waiting.removeAll(some);
    }

    private Plan.Launch together(List<Plan.Launch> members) {
        if (members.size() == 1) {
            return members.get(0);
        }
        List<KernelCall> calls = new ArrayList<>();
        List<Plan.Ref> outs = new ArrayList<>();
        List<Plan.Ref> ins = new ArrayList<>();
        List<long[]> parts = new ArrayList<>();
        boolean changing = false;
        int count = 0;
        for (Plan.Launch l : members) {
            calls.add(l.call());
            outs.addAll(l.outs());
            ins.addAll(l.ins());
            parts.add(l.scalars());
            count += l.scalars().length;
            changing |= live.contains(l.scalars());
        }
        long[] scalars = new long[count];
        join(parts, scalars);
        if (changing) {
            live.add(scalars);
            out.add(new Plan.Refresh(scalars, Plan.Source.copy(all -> join(parts, all))));
        }
        return new Plan.Launch(new KernelCall.Several(calls), outs, ins, scalars);
    }

    private static void join(List<long[]> parts, long[] all) {
        int at = 0;
        for (long[] p : parts) {
            System.arraycopy(p, 0, all, at, p.length);
            at += p.length;
        }
    }

    /** How much memory of the arena is in use between two steps: a slot from its first use to its last. */
    private static final class Usage {
        private final List<Slot> slots;
        private final int[] left;
        private final boolean[] held;
        private long bytes;

        Usage(List<Slot> slots, List<Plan.Step> steps) {
            this.slots = slots;
            left = new int[slots.size()];
            held = new boolean[slots.size()];
            steps.forEach(s -> Flow.slots(s, slot -> left[slot]++));
        }

        /** Returns the most that is in use at a step. */
        static long most(List<Slot> slots, List<Plan.Step> steps) {
            Usage u = new Usage(slots, steps);
            long most = 0;
            for (Plan.Step s : steps) {
                most = Math.max(most, u.after(s));
                u.use(s);
            }
            return most;
        }

        /** Returns what is in use while a step runs, if it is the next one. */
        long after(Plan.Step step) {
            Flow.slots(step, this::hold);
            return bytes;
        }

        private void hold(int slot) {
            if (!held[slot] && slots.get(slot).kind == Slot.Kind.INNER) {
                held[slot] = true;
                bytes += slots.get(slot).bytes;
            }
        }

        void use(Plan.Step step) {
            after(step);
            Flow.slots(step, this::drop);
        }

        private void drop(int slot) {
            if (--left[slot] == 0 && held[slot]) {
                held[slot] = false;
                bytes -= slots.get(slot).bytes;
            }
        }
    }
}
