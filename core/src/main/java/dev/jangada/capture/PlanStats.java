package dev.jangada.capture;

import dev.jangada.backend.Plan;
import dev.jangada.backend.Work;
import java.util.ArrayList;
import java.util.List;

/** What one run of a plan costs, counted from the plan; loops as if they made one turn. */
record PlanStats(int before, int after, Work work, long arena, long intermediates) {
    static PlanStats of(List<Plan.Step> traced, List<Plan.Step> steps, long arena, long intermediates) {
        Work work = Work.NONE;
        List<Plan.Launch> kept = launches(steps);
        for (Plan.Launch l : kept) {
            work = work.plus(l.work());
        }
        return new PlanStats(launches(traced).size(), kept.size(), work, arena, intermediates);
    }

    private static List<Plan.Launch> launches(List<Plan.Step> steps) {
        List<Plan.Launch> out = new ArrayList<>();
        Flow.launches(steps, out::add);
        return out;
    }
}
