package dev.jangada.cuda;

import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A plan cut at its loops, and the words that the host brings to each part: a block on the device, in which every scalar that the host is
 * asked for has its place.
 *
 * <p>The block: an address for each storage that a run binds (used for those that are moved), the scalars of the parts between loops, and per
 * loop the scalars of one turn. A first and a last part without loop are always there: memory is moved in and out there.
 */
final class PlanParts {
    /**
     * A part.
     *
     * @param first number of its first step in the plan
     * @param steps what becomes a graph, of a loop the body
     * @param asks what the host is asked for, of a loop in each turn
     * @param loop the loop, or an empty list
     * @param at first of its words in the block
     * @param words number of words that the host brings, of a loop for each turn
     */
    record Part(
            int first, List<Plan.Launch> steps, List<Plan.Refresh> asks, List<Plan.Repeat> loop, int at, int words) {
        boolean isLoop() {
            return !loop.isEmpty();
        }

        /** Tells whether all that the host is asked for counts evenly, if nobody else counts in between. */
        boolean isEven() {
            return asks.stream().allMatch(r -> r.source().skip().isPresent());
        }

        boolean mayFail() {
            return steps.stream().anyMatch(l -> l.call().mayFail());
        }
    }

    private final List<Part> parts = new ArrayList<>();
    private final Map<long[], Integer> asked = new IdentityHashMap<>(); // how often the plan asks for scalars
    private final Map<long[], Integer> places = new IdentityHashMap<>(); // where the scalars asked for last stand
    private final Map<Plan.Launch, Integer> placeOf = new IdentityHashMap<>();
    private String obstacle = "";
    private int words;

    PlanParts(Plan plan) {
        count(plan.steps());
        List<Plan.Step> straight = new ArrayList<>();
        int first = 0;
        int number = 0;
        for (Plan.Step step : plan.steps()) {
            if (step instanceof Plan.Repeat repeat) {
                add(first, straight, List.of(), plan.bound());
                add(number, repeat.body(), List.of(repeat), plan.bound());
                straight.clear();
                first = number + 1;
            } else {
                straight.add(step);
            }
            number++;
        }
        add(first, straight, List.of(), plan.bound());
    }

    private void count(List<Plan.Step> steps) {
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Refresh ask) {
                asked.merge(ask.scalars(), 1, Integer::sum);
            } else if (step instanceof Plan.Repeat repeat) {
                asked.merge(repeat.index(), 1, Integer::sum);
                count(repeat.body());
            }
        }
    }

    private void add(int first, List<Plan.Step> steps, List<Plan.Repeat> loop, int bound) {
        List<Plan.Launch> launches = new ArrayList<>();
        List<Plan.Refresh> asks = new ArrayList<>();
        int start = words;
        if (parts.isEmpty()) {
            words += bound;
        }
        boolean inLoop = !loop.isEmpty();
        loop.forEach(r -> place(r.index(), true));
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Launch launch) {
                launches.add(launch);
                find(launch);
            } else if (step instanceof Plan.Refresh ask) {
                asks.add(ask);
                place(ask.scalars(), inLoop);
            } else {
                obstacle = "it has a loop within a loop";
            }
        }
        parts.add(new Part(first, launches, asks, loop, start, words - start));
    }

    /** Each question has a place of its own: a plan may ask for the same scalars again, and the launches after that mean the new ones. */
    private void place(long[] scalars, boolean inLoop) {
        if (inLoop && asked.get(scalars) > 1) {
            obstacle = "a loop and something else ask for the same scalars";
        }
        places.put(scalars, words);
        words += scalars.length;
    }

    private void find(Plan.Launch launch) {
        Integer place = places.get(launch.scalars());
        if (place != null) {
            placeOf.put(launch, place);
        } else if (asked.containsKey(launch.scalars())) {
            obstacle = "it uses scalars of the run before";
        }
    }

    /** Tells whether the host is asked for nothing, scalars or turns, once a part or a turn has changed memory outside of the arena. */
    boolean asksBeforeChanges(Plan plan) {
        boolean changed = false;
        for (Part p : parts) {
            boolean changes = p.steps().stream()
                    .flatMap(l -> l.outs().stream())
                    .anyMatch(r -> plan.slots().get(r.slot()).place() != Plan.Place.ARENA);
            boolean again = p.isLoop() && changes && !p.isEven();
            if (again || (changed && (p.isLoop() || !p.asks().isEmpty()))) {
                return false;
            }
            changed |= changes;
        }
        return true;
    }

    /** Returns why the plan cannot become graphs, or an empty text. */
    String obstacle() {
        return obstacle;
    }

    /** Returns the parts in order. */
    List<Part> parts() {
        return parts;
    }

    /** Returns the number of words of the block. */
    int words() {
        return words;
    }

    /** Returns the place of scalars in the block, or -1 if the host is never asked for them: then they are constants. */
    int place(Plan.Launch launch) {
        return placeOf.getOrDefault(launch, -1);
    }
}
