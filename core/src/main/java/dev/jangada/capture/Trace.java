package dev.jangada.capture;

import dev.jangada.CaptureException;
import dev.jangada.DType;
import dev.jangada.OutOfMemoryException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Node;
import dev.jangada.backend.Backend;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import dev.jangada.ops.Access;
import dev.jangada.ops.Executor;
import dev.jangada.ops.GradState;
import dev.jangada.ops.HostScalars;
import dev.jangada.ops.ThreadState;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Writes down what a function asks for instead of doing it: each kernel becomes a step over slots.
 *
 * <p>Nothing runs and no memory of tensors changes while a function is traced; so a function that fails has changed nothing.
 */
final class Trace implements Executor {
    /** A value of Java's that the program depends on. */
    record Guard(Supplier<?> value, Object seen, String where) {}

    private static final long[] NO_SCALARS = {};
    private static final MapKernel[] COPY = new MapKernel[DType.values().length];

    static {
        for (DType t : DType.values()) {
            COPY[t.ordinal()] = new MapKernel("copy", Program.of(List.of(t), List.of(), Expr.input(0, t)));
        }
    }

    /** Returns the kernel that copies elements of a type. */
    static MapKernel copy(DType type) {
        return COPY[type.ordinal()];
    }

    final List<Slot> slots = new ArrayList<>();
    final List<Guard> guards = new ArrayList<>();
    final List<GradCell> cells = new ArrayList<>();
    private final Map<Storage, Slot> bySlot = new IdentityHashMap<>();
    private final Map<GradState, GradCell> byState = new IdentityHashMap<>();
    private final Set<GradState> histories = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Map<GradState, Integer> argumentStates = new IdentityHashMap<>();
    final Set<long[]> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private final ThreadState thread = ThreadState.current();
    private final Executor outer = thread.executor;
    private final long firstNode = thread.sequence;
    private final Set<Object> assigned = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Deque<Runnable> undos = new ArrayDeque<>();
    private List<Plan.Step> steps = new ArrayList<>();
    private Backend backend;

    // ---- memory

    private Slot slot(Slot.Kind kind, Storage storage) {
        Slot s = new Slot(slots.size(), kind, storage.bytes());
        s.storage = storage;
        slots.add(s);
        bySlot.put(storage, s);
        return s;
    }

    /** Returns a tensor that stands for an argument. */
    Operand argument(int number, Operand given) {
        Layout l = given.layout();
        Layout own = Layout.of(l.shape(), l.strides(), 0);
        long bytes = Extent.end(own) * given.dtype().size();
        Storage storage = Storage.symbolic(given.storage().backend(), bytes);
        slot(Slot.Kind.ARGUMENT, storage).source = number;
        return new Operand(storage, given.dtype(), own);
    }

    /** Notes that a state is that of an argument. */
    void argumentState(GradState state, int number) {
        argumentStates.put(state, number);
    }

    @Override
    public Operand allocate(DType dtype, Layout layout, Backend on) {
        if (layout.numel() > Long.MAX_VALUE / dtype.size()) {
            throw new OutOfMemoryException(
                    "[memory] expected fewer than 2^63 bytes, got shape " + layout.shape() + " of type " + dtype);
        }
        Storage storage = Storage.symbolic(on, layout.numel() * dtype.size());
        slot(Slot.Kind.INNER, storage);
        return new Operand(storage, dtype, layout);
    }

    /** Returns the slot of a storage; one that was never seen comes from outside. */
    Slot slot(Storage storage) {
        Slot known = bySlot.get(storage);
        if (known != null) {
            return known;
        }
        storage.memory(); // a closed one, and one of another trace, are refused
        Slot s = slot(Slot.Kind.OUTER, storage);
        s.marks = storage.marks();
        return s;
    }

    Plan.Ref ref(Operand o) {
        return new Plan.Ref(slot(o.storage()).number, o.dtype(), o.layout());
    }

    private List<Plan.Ref> refs(Operand... operands) {
        List<Plan.Ref> out = new ArrayList<>(operands.length);
        for (Operand o : operands) {
            out.add(ref(o));
        }
        return out;
    }

    // ---- kernels

    private void launch(KernelCall call, List<Plan.Ref> outs, List<Plan.Ref> ins, long[] scalars) {
        Storage any = slots.get(outs.get(0).slot()).storage;
        if (backend == null) {
            backend = any.backend();
        } else if (backend != any.backend()) {
            throw new CaptureException("[capture] expected tensors of one device, got " + backend.device() + " and "
                    + any.device() + at() + "; capture one function for each device");
        }
        for (Plan.Ref out : outs) {
            slots.get(out.slot()).written = true;
        }
        steps.add(new Plan.Launch(call, outs, ins, live.contains(scalars) ? scalars : scalars.clone()));
    }

    @Override
    public void map(MapKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        launch(new KernelCall.Map(kernel), refs(outs), refs(ins), scalars);
    }

    @Override
    public void reduce(ReduceKernel kernel, Operand[] outs, Operand[] ins, long[] scalars) {
        launch(new KernelCall.Reduce(kernel), refs(outs), refs(ins), scalars);
    }

    @Override
    public void matmul(Operand out, Operand a, Operand b, double alpha, double beta) {
        launch(new KernelCall.Matmul(alpha, beta), refs(out), refs(a, b), NO_SCALARS);
    }

    @Override
    public void matmul(
            Operand[] outs, Operand a, Operand b, double alpha, MapKernel epilogue, Operand[] extra, long[] scalars) {
        List<Plan.Ref> ins = refs(a, b);
        ins.addAll(refs(extra));
        launch(new KernelCall.MatmulMap(alpha, epilogue), refs(outs), ins, scalars);
    }

    @Override
    public void scan(ScanOp op, Operand out, Operand in, int dim) {
        launch(new KernelCall.Scan(op, dim), refs(out), refs(in), NO_SCALARS);
    }

    @Override
    public void gather(Operand out, Operand in, Operand index, int dim) {
        launch(new KernelCall.Gather(dim), refs(out), refs(in, index), NO_SCALARS);
    }

    @Override
    public void scatter(ScatterOp op, Operand out, Operand index, Operand src, int dim) {
        launch(new KernelCall.Scatter(op, dim), refs(out), refs(index, src), NO_SCALARS);
    }

    @Override
    public void sort(Operand values, Operand indices, Operand in, int dim, boolean descending) {
        launch(new KernelCall.Sort(dim, descending), refs(values, indices), refs(in), NO_SCALARS);
    }

    // ---- the host

    /** Values from the host are constants of the program: copied now, and from there at each run. */
    @Override
    public void write(Operand target, ByteBuffer source) {
        Backend on = target.storage().backend();
        Storage constant = Storage.allocate(on, source.remaining());
        on.copyFromHost(constant.memory(), 0, source);
        Slot s = slot(Slot.Kind.CONSTANT, constant);
        Layout l = Layout.contiguous(target.layout().shape());
        Plan.Ref from = new Plan.Ref(s.number, target.dtype(), l);
        KernelCall copy = new KernelCall.Map(COPY[target.dtype().ordinal()]);
        launch(copy, refs(target), List.of(from), NO_SCALARS);
    }

    @Override
    public void read(ByteBuffer target, Operand source) {
        throw new CaptureException("[capture] expected a program that asks for no values of tensors, for there are none"
                + " while it is traced, got one that does" + at() + "; return the tensor and read it after the run, use"
                + " where() instead of a branch, or run this part outside of the captured function");
    }

    @Override
    public String at() {
        return SourceLine.user().map(line -> " at " + line).orElse("");
    }

    @Override
    public long[] scalars(int count, HostScalars source) {
        long[] bits = new long[count];
        live.add(bits);
        steps.add(new Plan.Refresh(bits, source));
        return bits;
    }

    @Override
    public <T> T guard(Supplier<T> value) {
        T seen = value.get();
        guards.add(new Guard(value, seen, SourceLine.caller().orElse("a guard")));
        return seen;
    }

    @Override
    public <T> T guard(Object owner, Supplier<T> value) {
        return assigned.contains(owner) ? value.get() : guard(value);
    }

    @Override
    public void assign(Object owner, Runnable change, Supplier<Runnable> wayBack) {
        assigned.add(owner);
        undos.push(wayBack.get());
        change.run();
        atRun(change, wayBack);
    }

    @Override
    public void atRun(Runnable change, Supplier<Runnable> wayBack) {
        steps.add(new Plan.Refresh(NO_SCALARS, new Plan.Source() {
            @Override
            public void fill(long[] none) {
                change.run();
            }

            @Override
            public Optional<Runnable> wayBack() {
                return Optional.of(wayBack.get());
            }
        }));
    }

    @Override
    public <T> T outside(Supplier<T> body) {
        thread.executor = outer;
        try {
            return body.get();
        } finally {
            thread.executor = this;
        }
    }

    @Override
    public void touchGrad(GradState state, boolean read) {
        if (byState.containsKey(state)) {
            return;
        }
        GradCell cell = new GradCell(state, argumentStates.getOrDefault(state, -1), read);
        byState.put(state, cell);
        cells.add(cell);
        if (read && cell.entry != null && !bySlot.containsKey(cell.entry.storage())) {
            slot(Slot.Kind.GRADIENT, cell.entry.storage()).source = cells.size() - 1;
        }
    }

    /** A tensor from outside leaves the function as it came in that has no history; one that has one can't get another. */
    @Override
    public void touchGraph(Tensor tensor) {
        GradState s = Access.state(tensor);
        if (slot(Access.operand(tensor).storage()).kind != Slot.Kind.OUTER || histories.contains(s)) {
            return;
        }
        if (s.gradFn != null) {
            throw new CaptureException(
                    "[capture] expected tensors from outside that have no graph to be changed in place,"
                            + " got one that " + s.gradFn.name() + " made" + at() + "; detach() it before");
        }
        histories.add(s);
    }

    @Override
    public void touch(Storage storage) {
        slot(storage);
    }

    @Override
    public long firstNode() {
        return firstNode;
    }

    @Override
    public boolean isTracing() {
        return true;
    }

    // ---- loops

    /** Writes down steps that are repeated: whatever {@code body} asks for, which is given the number of the turn as a live scalar. */
    void repeat(LongSupplier turns, Consumer<long[]> body) {
        long[] index = new long[1];
        live.add(index);
        List<Plan.Step> before = steps;
        steps = new ArrayList<>();
        try {
            body.accept(index);
            before.add(new Plan.Repeat(new Turns(turns), index, steps));
        } finally {
            steps = before;
        }
    }

    // ---- the end

    /** Puts all gradients back; after a success, notes what each run does to them. */
    void restore(boolean success) {
        while (!success && !undos.isEmpty()) {
            undos.pop().run();
        }
        for (GradState s : histories) {
            Node made = s.gradFn;
            s.gradFn = null;
            if (made != null) {
                made.removeUser();
            }
        }
        for (GradCell cell : cells) {
            Operand left = cell.restore();
            if (!success) {
                continue;
            }
            if (left == null) {
                cell.end = cell.entry == null ? GradCell.End.KEPT : GradCell.End.DROPPED;
                if (!cell.read) {
                    cell.end = GradCell.End.DROPPED;
                }
            } else if (cell.entry == null
                    || left.storage() != cell.entry.storage()
                    || !left.layout().equals(cell.entry.layout())) {
                cell.end = GradCell.End.REPLACED;
                cell.slot = slot(left.storage()).number;
                cell.dtype = left.dtype();
                cell.layout = left.layout();
                fresh(slots.get(cell.slot));
            }
        }
    }

    /** Makes the memory of a slot outlast the run. */
    void fresh(Slot s) {
        if (s.kind == Slot.Kind.INNER) {
            s.kind = Slot.Kind.FRESH;
        }
    }

    /** Returns where the memory of a result is found. */
    Plan.Ref result(Tensor t) {
        Plan.Ref r = ref(Access.operand(t));
        fresh(slots.get(r.slot()));
        return r;
    }

    List<Plan.Step> steps() {
        return steps;
    }

    /** Returns the device of the kernels, null if there are none. */
    Backend backend() {
        return backend;
    }
}
