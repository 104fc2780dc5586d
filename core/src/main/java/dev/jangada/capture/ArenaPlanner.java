package dev.jangada.capture;

import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Gives each inner slot a place in one arena; slots that are never needed at the same time share bytes.
 *
 * <p>A slot is needed from the first step that names it to the last; within a loop one that was made before it is needed until the loop's
 * end. Large slots are placed first, each at the lowest place that is free while it is needed.
 */
final class ArenaPlanner {
    private final List<Slot> slots;
    private final int[] first;
    private final int[] last;
    private int now;

    private ArenaPlanner(List<Slot> slots) {
        this.slots = slots;
        first = new int[slots.size()];
        last = new int[slots.size()];
        Arrays.fill(first, -1);
    }

    /**
     * The result.
     *
     * @param at place of each inner slot that is used, -1 for others
     * @param bytes size of the arena
     */
    record Result(long[] at, long bytes) {}

    static Result plan(List<Slot> slots, List<Plan.Step> steps) {
        ArenaPlanner p = new ArenaPlanner(slots);
        p.visit(steps);
        return p.place();
    }

    /** Returns the sum of the sizes of all inner slots that are used. */
    static long sum(List<Slot> slots, List<Plan.Step> steps) {
        boolean[] used = new boolean[slots.size()];
        steps.forEach(s -> Flow.slots(s, slot -> used[slot] = true));
        long sum = 0;
        for (Slot s : slots) {
            sum += used[s.number] && s.kind == Slot.Kind.INNER ? s.bytes : 0;
        }
        return sum;
    }

    private void visit(List<Plan.Step> steps) {
        for (Plan.Step step : steps) {
            now++;
            if (step instanceof Plan.Launch launch) {
                launch.outs().forEach(this::use);
                launch.ins().forEach(this::use);
            } else if (step instanceof Plan.Repeat repeat) {
                int start = now;
                visit(repeat.body());
                now++;
                for (int i = 0; i < first.length; i++) {
                    if (first[i] >= 0 && first[i] < start && last[i] >= start) {
                        last[i] = now;
                    }
                }
            }
        }
    }

    private void use(Plan.Ref ref) {
        int i = ref.slot();
        if (first[i] < 0) {
            first[i] = now;
        }
        last[i] = now;
    }

    private Result place() {
        List<Integer> order = new ArrayList<>();
        for (Slot s : slots) {
            if (s.kind == Slot.Kind.INNER && first[s.number] >= 0) {
                order.add(s.number);
            }
        }
        order.sort(Comparator.comparingLong((Integer i) -> -slots.get(i).bytes).thenComparingInt(i -> first[i]));
        long[] at = new long[slots.size()];
        Arrays.fill(at, -1);
        List<Integer> placed = new ArrayList<>();
        long end = 0;
        for (int i : order) {
            at[i] = lowest(i, placed, at);
            placed.add(i);
            placed.sort(Comparator.comparingLong(k -> at[k]));
            end = Math.max(end, at[i] + size(i));
        }
        return new Result(at, end);
    }

    private long size(int slot) {
        return (slots.get(slot).bytes + Plan.ALIGNMENT - 1) / Plan.ALIGNMENT * Plan.ALIGNMENT;
    }

    private long lowest(int slot, List<Integer> placed, long[] at) {
        long free = 0;
        for (int other : placed) {
            boolean together = first[other] <= last[slot] && first[slot] <= last[other];
            if (together) {
                if (free + size(slot) <= at[other]) {
                    break;
                }
                free = Math.max(free, at[other] + size(other));
            }
        }
        return free;
    }
}
