package dev.jangada.cuda;

import dev.jangada.BackendException;
import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Block;
import dev.jangada.backend.CompiledPlan;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import dev.jangada.backend.Work;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * A plan that runs as a CUDA graph: one launch, which brings along the scalars that the host was asked for, and returns at once. A plan with
 * loops is cut at them, see {@link PartGraph}.
 *
 * <p>The graphs are recorded when the addresses of a run are known, and again if parameters or the arena lie elsewhere; what lies elsewhere
 * in every run is copied, see {@link Moved}. A plan that cannot be recorded, and a run in which an argument shares memory with something that
 * the plan changes, runs step by step. Where the driver refuses a recording, or there is no memory for it, the next run tries again (its kernels
 * and those of libraries are loaded then), and later ones ever more seldom.
 *
 * <p>The host is asked for all scalars of a part before it is launched. If it cannot answer, Java's state is as before the part, and
 * nothing of it has run.
 */
final class CudaPlan implements CompiledPlan {
    private static final Cleaner CLEANER = Cleaner.create();
    private static final int LONGEST_PAUSE = 1 << 10;
    private static final int PROBES = 3; // turns that tell whether all are even

    private final Plan plan;
    private final CompiledPlan steps;
    private final CudaBackend backend;
    private final Recording recording;
    private final PlanParts layout;
    private final Moved moved;
    private final long[] seen;
    private final Held held = new Held();
    private final Cleaner.Cleanable cleanable;
    private final boolean byParts; // whether no part is asked for after another one has changed something
    private String obstacle;
    private int pause; // runs until the next attempt to record, 0 for none
    private int nextPause = 1;
    private boolean byGraphs;
    private int finished;
    private long launches;
    private long hostCalls;

    /** What is given back when the plan is closed or unreachable; it must not refer to the plan. */
    private static final class Held implements Runnable {
        private PlanGraphs graphs;

        synchronized PlanGraphs graphs() {
            return graphs;
        }

        synchronized void replace(PlanGraphs next) {
            run();
            graphs = next;
        }

        @Override
        public synchronized void run() {
            if (graphs != null) {
                graphs.close();
                graphs = null;
            }
        }
    }

    /**
     * Creates a plan; the first run records it.
     *
     * @param steps the same plan step by step
     */
    CudaPlan(Plan plan, CompiledPlan steps, CudaBackend backend, Recording recording) {
        this.plan = plan;
        this.steps = steps;
        this.backend = backend;
        this.recording = recording;
        layout = new PlanParts(plan);
        moved = new Moved(plan);
        seen = new long[1 + plan.bound()];
        byParts = layout.asksBeforeChanges(plan);
        obstacle = layout.obstacle();
        cleanable = CLEANER.register(this, held);
    }

    @Override
    public void run(Storage arena, Storage[] bound, long[] offsets) {
        if (pause > 0 && --pause == 0) {
            obstacle = "";
        }
        byGraphs = obstacle.isEmpty() && !shares(bound) && prepare(arena, bound, offsets);
        if (!byGraphs) {
            steps.run(arena, bound, offsets);
            return;
        }
        finished = 0;
        launches = 0;
        hostCalls = 0;
        List<PartGraph> graphs = held.graphs().parts();
        for (int i = 0; i < graphs.size(); i++) {
            PlanParts.Part part = layout.parts().get(i);
            finished = part.first();
            if (part.isLoop()) {
                loop(part, graphs.get(i));
            } else if (!graphs.get(i).isEmpty()) {
                once(part, graphs.get(i));
            }
        }
        finished = plan.steps().size();
        Reference.reachabilityFence(arena);
        Reference.reachabilityFence(bound);
    }

    // ---- addresses

    /** Tells whether a storage that is copied is another one too, and one of the two is changed: a copy would not follow. */
    private boolean shares(Storage[] bound) {
        for (int i : moved.changing()) {
            for (int k = 0; k < bound.length; k++) {
                if (k != i && bound[k] == bound[i] && (moved.isWritten(i) || moved.isWritten(k))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static long address(Storage s) {
        return ((Block) s.memory()).address();
    }

    /** Records the plan if it was not yet, or if the graphs do not fit the addresses; tells whether there are graphs now. */
    private boolean prepare(Storage arena, Storage[] bound, long[] offsets) {
        PlanGraphs graphs = held.graphs();
        boolean fits = graphs != null && seen[0] == address(arena);
        seen[0] = address(arena);
        for (int i = 0; i < bound.length; i++) {
            long at = address(bound[i]) + offsets[i];
            if (at != seen[1 + i]) {
                if (graphs != null && !moved.isMoved(i)) {
                    moved.elsewhere(i);
                    fits = false;
                }
                seen[1 + i] = at;
            }
        }
        return fits || record(arena, bound, offsets);
    }

    private boolean record(Storage arena, Storage[] bound, long[] offsets) {
        int n = plan.slots().size();
        Storage[] shown = new Storage[n];
        long[] at = new long[n];
        for (int i = 0; i < n; i++) {
            Plan.Slot slot = plan.slots().get(i);
            boolean inside = slot.place() == Plan.Place.ARENA;
            shown[i] = inside ? arena : bound[(int) slot.at()];
            at[i] = inside ? slot.at() : offsets[(int) slot.at()];
        }
        held.run();
        try {
            held.replace(PlanGraphs.of(plan, layout, moved, backend, recording, shown, at));
        } catch (OutOfMemoryException e) {
            postpone("there was no memory for a graph");
        } catch (BackendException e) {
            postpone("it could not be recorded: " + e.getMessage()); // what is wrong shows again step by step
        }
        return obstacle.isEmpty();
    }

    private void postpone(String why) {
        obstacle = why;
        pause = nextPause;
        nextPause = Math.min(2 * nextPause, LONGEST_PAUSE);
    }

    // ---- running

    private void once(PlanParts.Part part, PartGraph g) {
        Deque<Runnable> back = new ArrayDeque<>();
        try {
            if (part.words() > 0) {
                LongBuffer page = g.page();
                if (part.at() == 0) {
                    page.put(seen, 1, plan.bound());
                }
                ask(part.asks(), page, back);
            }
            g.launch();
        } catch (RuntimeException | Error e) {
            back.forEach(Runnable::run);
            throw e;
        }
        launched(part, g, 1, 1);
    }

    private void loop(PlanParts.Part part, PartGraph g) {
        Plan.Repeat loop = part.loop().get(0);
        long turns = loop.turns().getAsLong();
        for (long first = 0; first < turns; ) {
            long some = turns - first;
            Deque<Runnable> back = new ArrayDeque<>();
            long calls;
            try {
                if (some > PROBES && part.isEven() && evenRows(part, g, first, some, back)) {
                    calls = g.launch(some, 2);
                } else {
                    some = Math.min(some, g.mostTurns());
                    rows(part, g, first, some, back);
                    calls = g.launch(some, some);
                }
            } catch (RuntimeException | Error e) {
                back.forEach(Runnable::run);
                throw e;
            }
            launched(part, g, some, calls);
            first += some;
        }
    }

    /** Writes the table of a loop with a row for each turn. */
    private static void rows(PlanParts.Part part, PartGraph g, long first, long turns, Deque<Runnable> back) {
        LongBuffer page = g.page().put(0).put(0);
        for (long i = first; i < first + turns; i++) {
            row(part, i, page, back);
        }
    }

    /**
     * Writes the table of a loop whose turns follow from the first one. Asks for the first two turns and the last one, for whoever else counts
     * at this moment, such as another thread that draws numbers, makes the turns uneven: then it returns false.
     */
    private static boolean evenRows(PlanParts.Part part, PartGraph g, long first, long turns, Deque<Runnable> back) {
        LongBuffer start = LongBuffer.allocate(part.words());
        LongBuffer second = LongBuffer.allocate(part.words());
        LongBuffer last = LongBuffer.allocate(part.words());
        row(part, first, start, back);
        row(part, first + 1, second, back);
        for (Plan.Refresh r : part.asks()) {
            r.source().wayBack().ifPresent(back::push);
            r.source().skip().orElseThrow().accept(turns - PROBES);
        }
        row(part, first + turns - 1, last, back);
        LongBuffer page = g.page().put(0).put(1).put(start.flip());
        boolean even = true;
        for (int i = 0; i < part.words(); i++) {
            long step = second.get(i) - start.get(i);
            page.put(step);
            even &= last.get(i) == start.get(i) + (turns - 1) * step;
        }
        return even;
    }

    /** Writes the number of a turn and what the host is asked for in it. */
    private static void row(PlanParts.Part part, long turn, LongBuffer to, Deque<Runnable> back) {
        part.loop().get(0).index()[0] = turn;
        to.put(turn);
        ask(part.asks(), to, back);
    }

    /** Asks the host, writes what it answers, and collects what takes that back, the last first. */
    private static void ask(List<Plan.Refresh> asks, LongBuffer page, Deque<Runnable> back) {
        for (Plan.Refresh r : asks) {
            r.source().wayBack().ifPresent(back::push);
            r.source().fill(r.scalars());
            page.put(r.scalars());
        }
    }

    private void launched(PlanParts.Part part, PartGraph g, long turns, long calls) {
        launches += g.kernels() * turns;
        hostCalls += calls;
        if (backend.context().meter().isOn()) {
            Work work = part.steps().stream().map(Plan.Launch::work).reduce(Work.NONE, Work::plus);
            backend.context().meter().work(work.times(turns));
        }
        if (part.mayFail()) {
            backend.faults().launched();
        }
    }

    // ---- answers

    @Override
    public int finished() {
        return byGraphs ? finished : steps.finished();
    }

    @Override
    public long launches() {
        return byGraphs ? launches : steps.launches();
    }

    @Override
    public long hostCalls() {
        return byGraphs ? hostCalls : steps.hostCalls();
    }

    @Override
    public String description() {
        if (!obstacle.isEmpty()) {
            return "step by step, for " + obstacle;
        }
        PlanGraphs graphs = held.graphs();
        if (!byGraphs || graphs == null) {
            return "step by step the last time, for an argument shares memory with something that is changed";
        }
        long kernels = graphs.parts().stream().mapToLong(PartGraph::kernels).sum();
        long used = graphs.parts().stream().filter(g -> !g.isEmpty()).count();
        return "as " + used + (used == 1 ? " CUDA graph of " : " CUDA graphs of ") + kernels + " kernels";
    }

    @Override
    public boolean failsLate() {
        return true;
    }

    /** Graphs hold the memory of their kernels. Where there are none for a run that was to have them, kernels may lack memory all the same. */
    @Override
    public boolean reservesMemory() {
        return obstacle.isEmpty() && !plan.shared();
    }

    @Override
    public boolean asksFirst() {
        return byParts;
    }

    @Override
    public void close() {
        cleanable.clean();
    }
}
