package dev.jangada.capture;

import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.List;

/** Whether launches may change places: nothing in between reads or changes what they write, or changes what they read. */
final class Moves {
    private Moves() {}

    /** Tells whether the launch at {@code from} may be made later, at {@code to}. */
    static boolean down(List<Plan.Step> list, int from, int to) {
        return free(list, (Plan.Launch) list.get(from), from + 1, to);
    }

    /**
     * Tells whether the launch at {@code from} may be made earlier, right behind the one at {@code to}. What may fail is not overtaken, and
     * no scalars are asked for before it: a run that fails has not counted a step then. Scalars are not asked for before those of a loop
     * either, which cannot be moved with them: generators count all draws in their order.
     */
    static boolean up(List<Plan.Step> list, int to, int from) {
        Plan.Launch l = (Plan.Launch) list.get(from);
        for (int i = to; i < from; i++) {
            Plan.Step between = list.get(i);
            if (Undo.mayFail(between) || (between instanceof Plan.Repeat && l.scalars().length > 0)) {
                return false;
            }
        }
        return free(list, l, to + 1, from);
    }

    private static boolean free(List<Plan.Step> list, Plan.Launch l, int from, int to) {
        for (int i = from; i < to; i++) {
            Plan.Step between = list.get(i);
            for (Plan.Ref r : l.outs()) {
                if (Flow.touches(between, r)) {
                    return false;
                }
            }
            for (Plan.Ref r : l.ins()) {
                if (Flow.writes(between, r)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Tells whether a launch must stay before a later step: one of the two writes what the other one reads or writes. */
    static boolean depend(Plan.Launch first, Plan.Step second) {
        if (second instanceof Plan.Repeat r) {
            return r.body().stream().anyMatch(s -> depend(first, s));
        }
        return second instanceof Plan.Launch l
                && (overlap(first.outs(), l.ins())
                        || overlap(first.outs(), l.outs())
                        || overlap(first.ins(), l.outs()));
    }

    private static boolean overlap(List<Plan.Ref> some, List<Plan.Ref> others) {
        for (Plan.Ref a : some) {
            for (Plan.Ref b : others) {
                if (Extent.overlap(a, b)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Brings the request for some scalars, and all requests that come before it, from behind a place to that place, in their order.
     *
     * @return the place behind them
     */
    static int pullRefreshes(List<Plan.Step> list, int place, long[] scalars) {
        int last = -1;
        for (int i = place; i < list.size(); i++) {
            if (list.get(i) instanceof Plan.Refresh r && r.scalars() == scalars) {
                last = i;
            }
        }
        if (last < 0 || scalars.length == 0) {
            return place;
        }
        List<Plan.Step> requests = new ArrayList<>();
        List<Plan.Step> others = new ArrayList<>();
        for (int i = place; i <= last; i++) {
            (list.get(i) instanceof Plan.Refresh ? requests : others).add(list.get(i));
        }
        for (int i = 0; i < requests.size(); i++) {
            list.set(place + i, requests.get(i));
        }
        for (int i = 0; i < others.size(); i++) {
            list.set(place + requests.size() + i, others.get(i));
        }
        return place + requests.size();
    }
}
