package dev.jangada.cuda;

import dev.jangada.DType;
import dev.jangada.JangadaException;
import dev.jangada.backend.Block;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Graph;
import dev.jangada.kernel.MapKernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * The graphs of a plan for certain addresses, with all that they hold on the device: the block of scalars, tables of loops, fixed places of
 * memory that is moved, temporary memory and failure tickets. Does not refer to the plan, whose sources may refer to whoever runs it.
 */
final class PlanGraphs implements AutoCloseable {
    /** Words of the table that a loop gets at once, if it has a row for each turn; there is room for two at least. */
    static final int TABLE = 1 << 15;
    /** Of them those before the rows: the number of the turn, and whether the scalars grow evenly. */
    static final int TABLE_HEAD = 2;

    private static final long[] NO_SCALARS = {};

    private final CudaBackend backend;
    private final Context context;
    private final KeptScratch scratch;
    private final List<Long> tickets = new ArrayList<>();
    private final List<Storage> places = new ArrayList<>();
    private final List<PartGraph> parts = new ArrayList<>();
    private boolean closed;

    private PlanGraphs(CudaBackend backend, Context context) {
        this.backend = backend;
        this.context = context;
        this.scratch = new KeptScratch(backend.temporary());
    }

    /**
     * Records a plan.
     *
     * @param shown for each slot the storage that its operands lie in, changed here where it is moved
     * @param at for each slot where it starts there, in bytes
     */
    static PlanGraphs of(
            Plan plan,
            PlanParts layout,
            Moved moved,
            CudaBackend backend,
            Recording recording,
            Storage[] shown,
            long[] at) {
        PlanGraphs graphs = new PlanGraphs(backend, backend.context());
        boolean made = false;
        try {
            graphs.make(plan, layout, moved, recording, shown, at);
            made = true;
        } finally {
            if (!made) {
                graphs.close();
            }
        }
        return graphs;
    }

    private void make(Plan plan, PlanParts layout, Moved moved, Recording recording, Storage[] shown, long[] at) {
        List<PlanSource.Move> in = new ArrayList<>();
        List<PlanSource.Move> out = new ArrayList<>();
        for (int i = 0; i < shown.length; i++) {
            Plan.Slot slot = plan.slots().get(i);
            int number = (int) slot.at();
            if (slot.place() == Plan.Place.ARENA || !moved.isMoved(number)) {
                continue;
            }
            Storage place = Storage.allocate(backend, slot.bytes());
            places.add(place);
            shown[i] = place;
            at[i] = 0;
            long address = ((Block) place.memory()).address();
            if (moved.isRead(number) && slot.bytes() > 0) {
                in.add(new PlanSource.Move(address, slot.bytes(), number));
            }
            if (moved.isWritten(number) && slot.bytes() > 0) {
                out.add(new PlanSource.Move(address, slot.bytes(), number));
            }
        }
        Effects effects = new Effects(plan, shown, places);
        long block = scratch.allocate(Math.max(1, layout.words()) * (long) Long.BYTES)
                .address();
        for (int i = 0; i < layout.parts().size(); i++) {
            PlanParts.Part p = layout.parts().get(i);
            List<PlanSource.Move> before = i == 0 ? in : List.of();
            List<PlanSource.Move> after = i == layout.parts().size() - 1 ? out : List.of();
            long row = block + (long) p.at() * Long.BYTES;
            int tableWords = Math.max(TABLE, TABLE_HEAD + 2 * p.words());
            long table = p.isLoop()
                    ? scratch.allocate((long) tableWords * Long.BYTES).address()
                    : 0;
            if (p.isLoop()) {
                p.steps().forEach(effects::happens); // in the turns before
            }
            Graph g = recording.record(scratch, r -> ticket(effects.reported(r)), effects::isLasting, kernels -> {
                if (table != 0) {
                    kernels.launch("turn", PlanSource.turn(table, row, p.words()));
                }
                move(kernels, true, block, before);
                for (Plan.Launch l : p.steps()) {
                    int place = layout.place(l);
                    effects.begins(l);
                    launch(kernels, l, place < 0 ? 0 : block + (long) place * Long.BYTES, operands(shown, at));
                    effects.happens(l);
                }
                move(kernels, false, block, after);
            });
            parts.add(new PartGraph(context, g, p.words(), row, table, tableWords));
        }
        parts.forEach(PartGraph::prepare);
    }

    private void move(CudaKernels kernels, boolean inward, long table, List<PlanSource.Move> moves) {
        if (!moves.isEmpty()) {
            kernels.launch("capture", PlanSource.moves(inward, table, moves, kernels.call(NO_SCALARS)));
        }
    }

    private long ticket(LongFunction<JangadaException> report) {
        long ticket = backend.faults().lastingTicket(report);
        tickets.add(ticket);
        return ticket;
    }

    // ---- launches

    /** Shows references as operands. */
    private interface Operands extends Function<List<Plan.Ref>, Operand[]> {}

    private static Operands operands(Storage[] shown, long[] at) {
        return refs -> {
            Operand[] out = new Operand[refs.size()];
            for (int i = 0; i < out.length; i++) {
                Plan.Ref r = refs.get(i);
                DType type = r.dtype();
                out[i] = new Operand(shown[r.slot()], type, r.layout().shifted(at[r.slot()] / type.size()));
            }
            return out;
        };
    }

    private static void launch(CudaKernels kernels, Plan.Launch l, long scalars, Operands operands) {
        kernels.readScalarsAt(scalars);
        if (l.call() instanceof KernelCall.Several) {
            several(kernels, l.members(), scalars, operands);
        } else {
            l.call().run(kernels, operands.apply(l.outs()), operands.apply(l.ins()), l.scalars());
        }
        kernels.readScalarsAt(0);
    }

    /** Neighbouring element-wise members share a launch, reductions have one each. */
    private static void several(CudaKernels kernels, List<Plan.Launch> members, long scalars, Operands operands) {
        int before = 0;
        for (int i = 0; i < members.size(); ) {
            int end = i;
            while (end < members.size() && members.get(end).call() instanceof KernelCall.Map) {
                end++;
            }
            kernels.readScalarsAt(scalars == 0 ? 0 : scalars + (long) before * Long.BYTES);
            if (end - i > 1) {
                before += together(kernels, members.subList(i, end), operands);
                i = end;
            } else {
                Plan.Launch m = members.get(i++);
                m.call().run(kernels, operands.apply(m.outs()), operands.apply(m.ins()), m.scalars());
                before += m.scalars().length;
            }
        }
    }

    private static int together(CudaKernels kernels, List<Plan.Launch> maps, Operands operands) {
        List<MapKernel> called = new ArrayList<>();
        List<Plan.Ref> outs = new ArrayList<>();
        List<Plan.Ref> ins = new ArrayList<>();
        long[] scalars = NO_SCALARS;
        for (Plan.Launch m : maps) {
            called.add(((KernelCall.Map) m.call()).kernel());
            outs.addAll(m.outs());
            ins.addAll(m.ins());
            int n = scalars.length;
            scalars = Arrays.copyOf(scalars, n + m.scalars().length);
            System.arraycopy(m.scalars(), 0, scalars, n, m.scalars().length);
        }
        kernels.maps(called, operands.apply(outs), operands.apply(ins), scalars);
        return scalars.length;
    }

    // ---- what the plan asks

    List<PartGraph> parts() {
        return parts;
    }

    /** Waits for the device and gives everything back. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        context.finish();
        parts.forEach(PartGraph::close);
        scratch.close();
        places.forEach(Storage::release);
        tickets.forEach(backend.faults()::forget);
    }
}
