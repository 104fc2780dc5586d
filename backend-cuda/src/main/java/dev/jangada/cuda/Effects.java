package dev.jangada.cuda;

import dev.jangada.CaptureException;
import dev.jangada.JangadaException;
import dev.jangada.backend.Block;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Memory;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.LongFunction;

/**
 * What the kernels of a plan, in their order, have done to memory that outlives a run when one of them fails: the exception says it. After a
 * failed kernel nothing is written any more, so only what comes before it counts.
 */
final class Effects {
    private final boolean[] lasts;
    private final Set<Memory> passing = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean happened;

    /**
     * Nothing has happened yet.
     *
     * @param shown for each slot where its operands lie
     * @param places those of them that belong to the graph, and are copied out when all is done
     */
    Effects(Plan plan, Storage[] shown, List<Storage> places) {
        lasts = new boolean[shown.length];
        for (int i = 0; i < shown.length; i++) {
            Plan.Place place = plan.slots().get(i).place();
            Storage s = shown[i];
            lasts[i] = place != Plan.Place.ARENA
                    && place != Plan.Place.FRESH
                    && places.stream().noneMatch(p -> p == s);
            if (!lasts[i]) {
                passing.add(s.memory());
            }
        }
    }

    /** Tells whether a block keeps its content beyond a run. */
    boolean isLasting(Block block) {
        return !passing.contains(block);
    }

    /** A kernel begins: if it fails it may have written a part already, other than a scatter, which looks at all indices first. */
    void begins(Plan.Launch launch) {
        if (launch.call().mayFail() && !(launch.call() instanceof KernelCall.Scatter)) {
            happens(launch);
        }
    }

    /** A kernel has done its work. */
    void happens(Plan.Launch launch) {
        happened |= launch.outs().stream().anyMatch(r -> lasts[r.slot()]);
    }

    /** Adds to the exception of a kernel that comes now what the run has done before it. */
    LongFunction<JangadaException> reported(LongFunction<JangadaException> report) {
        String text =
                "[capture] the mistake came to light after the run; parameters and other tensors from outside are "
                        + (happened
                                ? "partly as after that run, for some were written before the kernel that failed"
                                : "as they were before that run")
                        + "; what was run since has changed none either, but step counts and generators have gone on";
        return value -> {
            JangadaException failure = report.apply(value);
            failure.addSuppressed(new CaptureException(text));
            return failure;
        };
    }
}
