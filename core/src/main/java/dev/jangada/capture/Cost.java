package dev.jangada.capture;

import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Work;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a plan costs, counted from its steps. */
final class Cost {
    private Cost() {}

    /** Returns the number of launches, those of a loop once. */
    static int launches(List<Plan.Step> steps) {
        int[] count = new int[1];
        Flow.launches(steps, l -> count[0]++);
        return count[0];
    }

    /** Returns the number of different kernels. */
    static int kernels(List<Plan.Step> steps) {
        Set<KernelCall> calls = new HashSet<>();
        Flow.launches(steps, l -> l.members().forEach(m -> calls.add(m.call())));
        return calls.size();
    }

    /** Returns the work of one run, with as many turns of each loop as the last one had. */
    static Work work(List<Plan.Step> steps) {
        Work work = Work.NONE;
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Launch l) {
                work = work.plus(l.work());
            } else if (step instanceof Plan.Repeat r) {
                work = work.plus(work(r.body()).times(((Turns) r.turns()).last()));
            }
        }
        return work;
    }
}
