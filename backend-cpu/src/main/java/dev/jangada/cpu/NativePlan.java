package dev.jangada.cpu;

import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Block;
import dev.jangada.backend.CompiledPlan;
import dev.jangada.backend.Memory;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import dev.jangada.backend.Work;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A plan that runs natively, by one call.
 *
 * <p>Before the call the host walks through the plan and asks for all scalars, those of every turn of a loop too, and writes them one behind
 * the other: the stream. The native side takes them as it comes along. If they do not fit into the stream (a loop of very many turns), the
 * native side is called when it is full, stops where it needs more, and goes on with the next call. Where lasting memory has changed by then,
 * the stream grows instead, up to {@link #LONGEST_STREAM}.
 *
 * <p>So a source of scalars may be asked before a kernel fails that stands before it. Then Java's state is taken back to what it was; a source
 * for which that is not possible is asked only when all kernels before it are done, which takes a call more. Nor has anything been run if a
 * source itself fails; this matters where a kernel before it changes lasting memory.
 *
 * <p>All memory that the kernels need for themselves is there when the plan is, see script.h.
 */
final class NativePlan implements CompiledPlan {
    private static final Cleaner CLEANER = Cleaner.create();
    /** Longs that the stream of a plan with loops has at least: some thousand turns. */
    private static final int STREAM = 1 << 15;
    /** Longs that it grows to: some hundred thousand turns. */
    private static final int LONGEST_STREAM = 1 << 20;

    // The words of the state, as in script.h.
    private static final int STEP = 0;
    private static final int DETAIL = 1;
    private static final int LAUNCHES = 2;
    private static final int GIVEN = 3;
    private static final int TAKEN = 4;
    private static final int AT = 5;
    private static final int BASES = 6;

    private static final int NEEDS_MORE = 3;
    private static final HostStep[] NOTHING = {};

    /** Something that the host does in the order of the plan. */
    private interface HostStep {
        void run();
    }

    /** Puts Java back to where it was before entry number {@code entry} of the stream was asked for. */
    private record WayBack(long entry, Runnable back) {}

    private final Plan plan;
    private final CpuBackend backend;
    private final Script script;
    private final Cleaner.Cleanable cleanable;
    private final HostStep[] host;
    private final List<WayBack> waysBack = new ArrayList<>();
    private final int stream;
    private final boolean[] stable; // by bound storage: whether it is mostly the same
    private final Storage[] shown; // the stable storage whose address the state holds
    private final long[] shownAt;
    private final Optional<Memory> packed; // matrices that many products read
    private final boolean asksLate; // whether the host is asked after a kernel that writes outside of the arena
    private LongBuffer state;
    private long address;
    private int at;
    private long given;
    private boolean unsure; // whether a kernel that may fail stands between here and what is done
    private boolean begun; // whether a kernel has
    private long hostCalls;
    private Work work = Work.NONE;
    private Optional<Boolean> asksFirst = Optional.empty(); // until a run, for sources answer in runs only

    NativePlan(Plan plan, CpuBackend backend, Calls calls) {
        this.plan = plan;
        this.backend = backend;
        script = new Script(plan, backend, calls);
        packed = packed();
        asksLate = asksLate(plan.steps(), new boolean[1]);
        cleanable = CLEANER.register(this, free(script.address(), packed));
        host = host(plan.steps());
        stream = BASES + script.bases();
        stable = new boolean[plan.bound()];
        for (Plan.Slot s : plan.slots()) {
            if (s.place() != Plan.Place.ARENA) {
                stable[(int) s.at()] = s.place() == Plan.Place.STABLE;
            }
        }
        shown = new Storage[stable.length];
        shownAt = new long[stable.length];
        allocate(stream + streamSize());
    }

    private void allocate(int longs) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(longs * Long.BYTES);
        state = bytes.order(ByteOrder.nativeOrder()).asLongBuffer();
        address = Native.address(bytes);
    }

    /** Makes room for more of the stream before anything has run; tells whether it could. */
    private boolean grow() {
        if (begun || !asksLate || state.capacity() >= LONGEST_STREAM) {
            return false;
        }
        LongBuffer old = state;
        try {
            allocate(2 * old.capacity());
        } catch (OutOfMemoryError e) { // of direct buffers
            return false;
        }
        state.put(0, old, 0, at);
        return true;
    }

    private Optional<Memory> packed() {
        try {
            return script.packedBytes() == 0 ? Optional.empty() : Optional.of(backend.allocate(script.packedBytes()));
        } catch (OutOfMemoryException e) {
            Native.freeScript(script.address());
            throw e;
        }
    }

    private boolean asksLate(List<Plan.Step> steps, boolean[] written) {
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Launch l) {
                written[0] |= l.outs().stream()
                        .anyMatch(r -> plan.slots().get(r.slot()).place() != Plan.Place.ARENA);
            } else if (written[0]) {
                return true;
            } else if (step instanceof Plan.Repeat r) { // its second turn comes after what the first one writes
                boolean late = asksLate(r.body(), written);
                if (late || (written[0] && r.body().stream().anyMatch(s -> !(s instanceof Plan.Launch)))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The plan must not be reachable from this: its sources may refer to whoever runs it. */
    private static Runnable free(long script, Optional<Memory> packed) {
        return () -> {
            Native.freeScript(script);
            packed.ifPresent(Memory::free);
        };
    }

    private int streamSize() {
        int size = 0;
        boolean loops = false;
        for (Plan.Step step : plan.steps()) {
            size += step instanceof Plan.Refresh r ? script.taken(r.scalars()) : 1;
            loops |= step instanceof Plan.Repeat;
        }
        return loops ? size + STREAM : size;
    }

    // ---- the host's part

    private HostStep[] host(List<Plan.Step> steps) {
        List<HostStep> out = new ArrayList<>();
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Refresh r) {
                out.add(ask(r, script.taken(r.scalars())));
            } else if (step instanceof Plan.Repeat r) {
                boolean asks = r.body().stream().anyMatch(s -> !(s instanceof Plan.Launch));
                out.add(repeat(r, asks ? host(r.body()) : NOTHING));
            }
            if (mayFail(step)) {
                out.add(() -> unsure = true);
            }
        }
        return out.toArray(NOTHING);
    }

    private static boolean mayFail(Plan.Step step) {
        return step instanceof Plan.Launch launch
                ? launch.call().mayFail()
                : step instanceof Plan.Repeat r && r.body().stream().anyMatch(NativePlan::mayFail);
    }

    private HostStep ask(Plan.Refresh refresh, int count) {
        long[] scalars = refresh.scalars();
        Plan.Source source = refresh.source();
        return () -> {
            Optional<Runnable> back = unsure || asksLate ? source.wayBack() : Optional.empty();
            if ((unsure && back.isEmpty()) || !hasRoom(count)) {
                proceed();
            }
            back.ifPresent(b -> waysBack.add(new WayBack(given, b)));
            try {
                source.fill(scalars);
            } catch (RuntimeException | Error e) {
                unanswered();
                throw e;
            }
            give(scalars, count);
        };
    }

    private boolean hasRoom(int count) {
        return at + count <= state.capacity() || (grow() && hasRoom(count));
    }

    /** After a source has failed: everything goes back to before the run, or else the kernels before it run, as they would have. */
    private void unanswered() {
        if (begun || !asksLate) {
            proceed();
        } else {
            state.put(TAKEN, 0);
            takeBack();
        }
    }

    private HostStep repeat(Plan.Repeat repeat, HostStep[] body) {
        long[] turns = new long[1];
        return () -> {
            try {
                turns[0] = repeat.turns().getAsLong();
            } catch (RuntimeException | Error e) {
                unanswered();
                throw e;
            }
            if (!hasRoom(1)) {
                proceed();
            }
            give(turns, 1);
            if (backend.tally().isOn()) {
                work = work.plus(work(repeat.body()).times(turns[0]));
            }
            for (long i = 0; i < turns[0] && body.length > 0; i++) {
                repeat.index()[0] = i;
                for (HostStep s : body) {
                    s.run();
                }
            }
        };
    }

    /** Returns the work of the launches among these steps, without that of loops. */
    private static Work work(List<Plan.Step> steps) {
        Work sum = Work.NONE;
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Launch l) {
                sum = sum.plus(Work.of(l.call(), l.outs(), l.ins()));
            }
        }
        return sum;
    }

    private void give(long[] entry, int count) {
        for (int i = 0; i < count; i++) {
            state.put(at++, entry[i]);
        }
        given++;
    }

    // ---- a run

    @Override
    public void run(Storage arena, Storage[] bound, long[] offsets) {
        start(arena, bound, offsets);
        try {
            for (HostStep s : host) {
                s.run();
            }
            proceed();
        } finally {
            if (backend.tally().isOn()) {
                backend.tally().run(launches(), hostCalls, work);
            }
            waysBack.clear();
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(arena);
            Reference.reachabilityFence(bound);
        }
    }

    private void start(Storage arena, Storage[] bound, long[] offsets) {
        state.put(BASES, ((Block) arena.memory()).address());
        for (int i = 0; i < bound.length; i++) {
            if (bound[i] != shown[i] || offsets[i] != shownAt[i]) {
                state.put(BASES + 1 + i, ((Block) bound[i].memory()).address() + offsets[i]);
                shown[i] = stable[i] ? bound[i] : null; // what changes is not kept from being freed
                shownAt[i] = offsets[i];
            }
        }
        packed.ifPresent(m -> state.put(BASES + 1 + bound.length, ((Block) m).address()));
        state.put(STEP, 0).put(LAUNCHES, 0).put(TAKEN, 0);
        at = stream;
        given = 0;
        unsure = plan.shared();
        begun = false;
        hostCalls = 0;
        work = backend.tally().isOn() ? work(plan.steps()) : Work.NONE;
    }

    /** Runs as far as the stream goes. */
    private void proceed() {
        state.put(GIVEN, given).put(AT, 0);
        int status = call();
        if (status == Failures.NO_MEMORY) { // before the first kernel
            backend.emptyCache();
            status = call();
        }
        if (status == Failures.NO_MEMORY) {
            takeBack();
            throw Failures.ofPlan();
        }
        begun = true;
        if (status != 0 && status != NEEDS_MORE) {
            takeBack();
            throw script.failure((int) state.get(STEP), status, state.get(DETAIL));
        }
        at = stream;
        unsure = false;
        waysBack.clear();
    }

    private int call() {
        hostCalls++;
        return Native.runScript(script.address(), address);
    }

    private void takeBack() {
        for (int i = waysBack.size() - 1; i >= 0 && waysBack.get(i).entry >= state.get(TAKEN); i--) {
            waysBack.get(i).back.run();
        }
    }

    @Override
    public int finished() {
        return begun ? script.top((int) state.get(STEP)) : -1;
    }

    @Override
    public boolean reservesMemory() {
        return true;
    }

    /** Only a source that cannot be taken back, behind a kernel that may fail, is asked late. */
    @Override
    public boolean asksFirst() {
        if (asksFirst.isEmpty()) {
            boolean fails = plan.shared() || plan.steps().stream().anyMatch(NativePlan::mayFail);
            asksFirst = Optional.of(!asksLate || !fails || goesBack(plan.steps()));
        }
        return asksFirst.get();
    }

    private static boolean goesBack(List<Plan.Step> steps) {
        return steps.stream()
                .allMatch(s -> s instanceof Plan.Refresh r
                        ? r.source().wayBack().isPresent()
                        : !(s instanceof Plan.Repeat loop) || goesBack(loop.body()));
    }

    @Override
    public long launches() {
        return state.get(LAUNCHES);
    }

    @Override
    public long hostCalls() {
        return hostCalls;
    }

    @Override
    public String description() {
        return "natively, by one call";
    }

    @Override
    public void close() {
        cleanable.clean();
    }
}
