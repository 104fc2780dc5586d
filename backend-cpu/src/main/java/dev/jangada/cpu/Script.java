package dev.jangada.cpu;

import dev.jangada.JangadaException;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A plan in the form that the native library runs, see script.h: the arguments of all its calls, with the places of the addresses and scalars
 * that each run brings.
 */
final class Script {
    /** What a step is: the kernel families, then what controls them. */
    enum Family {
        MAP,
        SEVERAL,
        REDUCE,
        MATMUL,
        SCAN,
        GATHER,
        SCATTER,
        SORT,
        REFRESH,
        REPEAT,
        END
    }

    private static final long[] NO_WORDS = {};

    /** A step; of a kernel the launch with its operands. */
    private static final class Step {
        private Family family;
        private final int top;
        private final Plan.Launch launch;
        private final Operand[] outs;
        private final Operand[] ins;
        private final List<Integer> members = new ArrayList<>();
        private final List<int[]> relocations = new ArrayList<>();
        private long[] words = NO_WORDS;

        Step(Family family, int top, Plan.Launch launch, Operand[] outs, Operand[] ins) {
            this.family = family;
            this.top = top;
            this.launch = launch;
            this.outs = outs;
            this.ins = ins;
        }
    }

    /** Where scalars go that the host brings: words of a step, and which of the scalars. */
    private record Target(int step, int word, int from, int count) {}

    private final Plan plan;
    private final Packing packing;
    private final Calls calls;
    private final Storage[] stands; // by slot: what its operands lie in while calls are written
    private final Map<Storage, Integer> slots = new IdentityHashMap<>();
    private final List<Step> steps = new ArrayList<>();
    private final Map<long[], List<Target>> targets = new IdentityHashMap<>();
    private final Arguments args = Arguments.of(this::place);
    private final long address;
    private final List<Target> parts = new ArrayList<>(); // of the current step
    private Step current;

    Script(Plan plan, CpuBackend backend, Calls calls) {
        this.plan = plan;
        this.calls = calls;
        packing = new Packing(plan);
        stands = new Storage[plan.slots().size() + packing.count()];
        for (int i = 0; i < stands.length; i++) {
            boolean packed = i >= plan.slots().size();
            stands[i] = Storage.symbolic(
                    backend, packed ? packing.bytes() : plan.slots().get(i).bytes());
            slots.put(stands[i], i);
        }
        List<Runnable> later = new ArrayList<>();
        for (int i = 0; i < plan.steps().size(); i++) {
            for (Plan.Launch copy : packing.before(i)) {
                launch(copy, i);
            }
            add(plan.steps().get(i), i, later);
        }
        later.forEach(Runnable::run);
        address = build(encoded(), backend);
    }

    private static long build(Arguments code, CpuBackend backend) {
        long address = Native.script(code.address());
        if (address == 0) { // perhaps our own cache holds the memory
            backend.emptyCache();
            address = Native.script(code.address());
        }
        Reference.reachabilityFence(code);
        if (address == 0) {
            throw Failures.ofPlan();
        }
        return address;
    }

    // ---- what the run asks

    long address() {
        return address;
    }

    /** Returns the number of base addresses: the arena, the storages that a run binds, the packed matrices. */
    int bases() {
        return 2 + plan.bound();
    }

    /** Returns how much memory the packed matrices need. */
    long packedBytes() {
        return packing.bytes();
    }

    /** Returns how many scalars of an array the script takes: none if no kernel reads it. */
    int taken(long[] scalars) {
        return targets.containsKey(scalars) ? scalars.length : 0;
    }

    /** Returns to which of the plan's steps a step belongs. */
    int top(int step) {
        return step < steps.size() ? steps.get(step).top : plan.steps().size();
    }

    /** Returns the exception of a step, the same one as of its kernel alone. */
    JangadaException failure(int step, int status, long detail) {
        Step s = steps.get(step);
        KernelCall call = s.launch.call();
        if (call instanceof KernelCall.Gather g) {
            return Failures.ofIndex("gather", detail, g.dim(), s.ins[0].layout());
        } else if (call instanceof KernelCall.Scatter c) {
            return Failures.ofIndex("scatter", detail, c.dim(), s.outs[0].layout());
        } else if (call instanceof KernelCall.Several several) {
            int member = s.members.get((int) detail);
            return Failures.ofKernel(several.calls().get(member).name(), status);
        }
        return Failures.ofKernel(
                call instanceof KernelCall.MatmulMap m ? m.epilogue().name() : call.name(), status);
    }

    // ---- writing it

    private void add(Plan.Step step, int top, List<Runnable> later) {
        if (step instanceof Plan.Launch launch) {
            launch(launch, top);
        } else if (step instanceof Plan.Refresh refresh) {
            Step s = control(Family.REFRESH, top);
            later.add(() -> s.words = words(taken(refresh.scalars()), refresh.scalars(), 4));
        } else if (step instanceof Plan.Repeat repeat) {
            int start = steps.size();
            Step s = control(Family.REPEAT, top);
            repeat.body().forEach(b -> add(b, top, later));
            int end = steps.size();
            control(Family.END, top).words = new long[] {start};
            later.add(() -> s.words = words(end, repeat.index(), 2));
        }
    }

    private Step control(Family family, int top) {
        Step s = new Step(family, top, null, null, null);
        steps.add(s);
        return s;
    }

    /** Returns a first word, the number of targets of an array, and {@code each} words of each of them. */
    private long[] words(long first, long[] scalars, int each) {
        List<Target> users = targets.getOrDefault(scalars, List.of());
        long[] out = new long[2 + each * users.size()];
        out[0] = first;
        out[1] = users.size();
        int at = 2;
        for (Target t : users) {
            long[] words = {t.step, t.word, t.from, t.count};
            System.arraycopy(words, 0, out, at, each);
            at += each;
        }
        return out;
    }

    private void launch(Plan.Launch launch, int top) {
        Step s = new Step(Family.MAP, top, launch, operands(launch.outs()), operands(packing.ins(launch)));
        current = s;
        args.shorten(0);
        parts.clear();
        if (write(s, launch.call(), launch.scalars(), 0)) {
            s.words = args.toArray();
            for (Target t : parts) {
                targets.computeIfAbsent(launch.scalars(), any -> new ArrayList<>())
                        .add(t);
            }
            steps.add(s);
        }
    }

    /** Writes the arguments of a call; tells whether there is anything to do. Its scalars are those from number {@code from} on of the launch. */
    private boolean write(Step s, KernelCall call, long[] scalars, int from) {
        boolean works;
        if (call instanceof KernelCall.Several) {
            s.family = Family.SEVERAL;
            return several(s);
        } else if (call instanceof KernelCall.Map m) {
            s.family = Family.MAP;
            works = calls.map(args, m.kernel(), s.outs, s.ins, scalars);
        } else if (call instanceof KernelCall.Reduce r) {
            s.family = Family.REDUCE;
            works = calls.reduce(args, r.kernel(), s.outs, s.ins, scalars);
        } else if (call instanceof KernelCall.Matmul m) {
            s.family = Family.MATMUL;
            works = calls.matmul(
                    args, new Calls.Product(m.alpha(), m.beta(), Optional.empty()), s.outs, s.ins, NO_WORDS);
        } else if (call instanceof KernelCall.MatmulMap m) {
            s.family = Family.MATMUL;
            works = calls.matmul(
                    args, new Calls.Product(m.alpha(), 0, Optional.of(m.epilogue())), s.outs, s.ins, scalars);
        } else if (call instanceof KernelCall.Scan c) {
            s.family = Family.SCAN;
            works = calls.scan(args, c.op(), s.outs[0], s.ins[0], c.dim());
        } else if (call instanceof KernelCall.Gather g) {
            s.family = Family.GATHER;
            works = calls.gather(args, s.outs[0], s.ins[0], s.ins[1], g.dim());
        } else if (call instanceof KernelCall.Scatter c) {
            s.family = Family.SCATTER;
            works = calls.scatter(args, c.op(), s.outs[0], s.ins[0], s.ins[1], c.dim());
        } else if (call instanceof KernelCall.Sort o) {
            s.family = Family.SORT;
            works = calls.sort(args, s.outs[0], s.outs[1], s.ins[0], o.dim(), o.descending());
        } else {
            throw new AssertionError(call);
        }
        if (works && scalars.length > 0) {
            parts.add(new Target(steps.size(), args.size() - scalars.length, from, scalars.length));
        }
        return works;
    }

    private boolean several(Step s) {
        args.room(1).put(0);
        List<Plan.Launch> members = s.launch.members();
        int from = 0;
        for (int i = 0; i < members.size(); i++) {
            Plan.Launch m = members.get(i);
            int count = m.scalars().length;
            args.room(2).put(0).put(0);
            int start = args.size();
            Step member = new Step(Family.MAP, s.top, m, operands(m.outs()), operands(m.ins()));
            if (write(member, m.call(), m.scalars(), from)) {
                args.set(start - 2, member.family.ordinal());
                args.set(start - 1, args.size() - start);
                s.members.add(i);
            } else {
                args.shorten(start - 2);
            }
            from += count;
        }
        args.set(0, s.members.size());
        return !s.members.isEmpty();
    }

    private Operand[] operands(List<Plan.Ref> refs) {
        Operand[] out = new Operand[refs.size()];
        for (int i = 0; i < out.length; i++) {
            Plan.Ref r = refs.get(i);
            out[i] = new Operand(stands[r.slot()], r.dtype(), r.layout());
        }
        return out;
    }

    private long place(Operand x, int word) {
        int number = slots.get(x.storage());
        if (number >= plan.slots().size()) {
            current.relocations.add(new int[] {word, 1 + plan.bound()});
            return packing.place(number - plan.slots().size())
                    + x.layout().offset() * x.dtype().size();
        }
        Plan.Slot slot = plan.slots().get(number);
        boolean inside = slot.place() == Plan.Place.ARENA;
        current.relocations.add(new int[] {word, inside ? 0 : 1 + (int) slot.at()});
        return (inside ? slot.at() : 0) + x.layout().offset() * x.dtype().size();
    }

    private Arguments encoded() {
        Arguments code = Arguments.separate().room(2).put(bases()).put(steps.size());
        for (Step s : steps) {
            code.room(3 + s.words.length + 2 * s.relocations.size());
            code.put(s.family.ordinal()).put(s.words.length).put(s.words);
            code.put(s.relocations.size());
            for (int[] r : s.relocations) {
                code.put(r[0]).put(r[1]);
            }
        }
        return code;
    }
}
