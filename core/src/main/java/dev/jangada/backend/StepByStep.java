package dev.jangada.backend;

import java.util.ArrayList;
import java.util.List;

/**
 * Runs a plan kernel by kernel, for backends that know nothing better.
 *
 * <p>Operands are made when a slot is bound to a storage for the first time, and made again only for slots whose storage has changed.
 */
final class StepByStep implements CompiledPlan {
    /** A place in an array of operands that shows a slot. */
    private record Use(Operand[] array, int at, Plan.Ref ref) {}

    private interface Action {
        void run();
    }

    private final Backend backend;
    private final Plan plan;
    private final List<List<Use>> uses = new ArrayList<>();
    private final Action[] actions;
    private final Storage[] shown;
    private final long[] shownAt;
    private int finished;
    private long launches;
    private long calls;

    StepByStep(Backend backend, Plan plan) {
        this.backend = backend;
        this.plan = plan;
        plan.slots().forEach(s -> uses.add(new ArrayList<>()));
        actions = actions(plan.steps());
        shown = new Storage[plan.slots().size()];
        shownAt = new long[shown.length];
    }

    private Action[] actions(List<Plan.Step> steps) {
        Action[] out = new Action[steps.size()];
        for (int i = 0; i < out.length; i++) {
            Plan.Step step = steps.get(i);
            if (step instanceof Plan.Launch launch) {
                out[i] = launch(launch);
            } else if (step instanceof Plan.Refresh refresh) {
                out[i] = () -> refresh.source().fill(refresh.scalars());
            } else if (step instanceof Plan.Repeat repeat) {
                out[i] = repeat(repeat, actions(repeat.body()));
            } else {
                throw new AssertionError(step);
            }
        }
        return out;
    }

    private Action launch(Plan.Launch launch) {
        Operand[] outs = operands(launch.outs());
        Operand[] ins = operands(launch.ins());
        KernelCall call = launch.call();
        long[] scalars = launch.scalars();
        int members = call instanceof KernelCall.Several s ? s.calls().size() : 1;
        return () -> {
            launches++;
            calls += members;
            call.run(backend, outs, ins, scalars);
        };
    }

    private Operand[] operands(List<Plan.Ref> refs) {
        Operand[] out = new Operand[refs.size()];
        for (int i = 0; i < out.length; i++) {
            uses.get(refs.get(i).slot()).add(new Use(out, i, refs.get(i)));
        }
        return out;
    }

    private static Action repeat(Plan.Repeat repeat, Action[] body) {
        return () -> {
            long turns = repeat.turns().getAsLong();
            for (long i = 0; i < turns; i++) {
                repeat.index()[0] = i;
                for (Action a : body) {
                    a.run();
                }
            }
        };
    }

    @Override
    public void run(Storage arena, Storage[] bound, long[] offsets) {
        bind(arena, bound, offsets);
        finished = 0;
        launches = 0;
        calls = 0;
        for (Action a : actions) {
            a.run();
            finished++;
        }
    }

    private void bind(Storage arena, Storage[] bound, long[] offsets) {
        for (int i = 0; i < shown.length; i++) {
            Plan.Slot slot = plan.slots().get(i);
            boolean inside = slot.place() == Plan.Place.ARENA;
            Storage storage = inside ? arena : bound[(int) slot.at()];
            long at = inside ? slot.at() : offsets[(int) slot.at()];
            if (storage != shown[i] || at != shownAt[i]) {
                shown[i] = storage;
                shownAt[i] = at;
                for (Use u : uses.get(i)) {
                    Layout l = u.ref.layout().shifted(at / u.ref.dtype().size());
                    u.array[u.at] = new Operand(storage, u.ref.dtype(), l);
                }
            }
        }
    }

    @Override
    public int finished() {
        return finished;
    }

    @Override
    public long launches() {
        return launches;
    }

    @Override
    public long hostCalls() {
        return calls;
    }
}
