package dev.jangada.cpu;

import dev.jangada.DType;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Plan;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The matrices of a plan that many products read transposed while nothing writes to them: recurrent weights, those of a Gibbs chain. They
 * are copied in the order that the matrix kernel likes better, once per run, before the first of these products (or before the loop). Not
 * in a plan whose slots may share memory: there nobody knows by their numbers which matrices stay as they are.
 */
final class Packing {
    /** Rows of all products together from which on the copy pays: it takes about 1 ns per element, and each row gains some 2 ps of it. */
    private static final long MOST_ROWS_UNPACKED = 1024;

    private static final long TURNS = 64; // that a loop is taken to make
    private static final long PADDING =
            16; // elements behind a row whose length is a multiple of the distance of equal cache sets
    private static final MapKernel COPY =
            new MapKernel("pack", Program.of(List.of(DType.FLOAT32), List.of(), Expr.input(0, DType.FLOAT32)));
    private static final long[] NO_SCALARS = {};

    /** Products with one second matrix; {@code step} is the plan's step of the first one. */
    private record Group(int step, List<Plan.Launch> products, long[] rows) {}

    private final int slots;
    private final Map<Plan.Ref, Group> open = new LinkedHashMap<>();
    private final Map<Plan.Launch, Plan.Ref> packed = new IdentityHashMap<>();
    private final Map<Integer, List<Plan.Launch>> copies = new HashMap<>();
    private final List<Long> places = new ArrayList<>();
    private long bytes;

    Packing(Plan plan) {
        slots = plan.slots().size();
        List<Plan.Step> steps = plan.shared() ? List.of() : plan.steps();
        for (int i = 0; i < steps.size(); i++) {
            List<Plan.Launch> launches = new ArrayList<>();
            collect(steps.get(i), launches);
            Set<Integer> written = new HashSet<>();
            launches.forEach(l -> l.outs().forEach(r -> written.add(r.slot())));
            for (Plan.Launch l : launches) {
                if (isCandidate(l) && !written.contains(l.ins().get(1).slot())) {
                    add(l, i, steps.get(i) instanceof Plan.Repeat ? TURNS : 1);
                }
            }
            close(written);
        }
        open.forEach(this::pack);
    }

    /** Returns the bytes of all copies. */
    long bytes() {
        return bytes;
    }

    /** Returns how many copies there are; their slots have the numbers behind those of the plan. */
    int count() {
        return places.size();
    }

    /** Returns where among the copies one starts, in bytes. */
    long place(int number) {
        return places.get(number);
    }

    /** Returns the launches that make the copies which are needed from one of the plan's steps on. */
    List<Plan.Launch> before(int step) {
        return copies.getOrDefault(step, List.of());
    }

    /** Returns what a launch reads: a copy in place of its second matrix if there is one. */
    List<Plan.Ref> ins(Plan.Launch launch) {
        Plan.Ref copy = packed.get(launch);
        if (copy == null) {
            return launch.ins();
        }
        List<Plan.Ref> ins = new ArrayList<>(launch.ins());
        ins.set(1, copy);
        return ins;
    }

    private static void collect(Plan.Step step, List<Plan.Launch> out) {
        if (step instanceof Plan.Launch l) {
            out.add(l);
        } else if (step instanceof Plan.Repeat r) {
            r.body().forEach(s -> collect(s, out));
        }
    }

    private static boolean isCandidate(Plan.Launch l) {
        boolean product = l.call() instanceof KernelCall.Matmul || l.call() instanceof KernelCall.MatmulMap;
        if (!product || l.ins().get(1).dtype() != DType.FLOAT32) {
            return false;
        }
        Layout a = l.ins().get(0).layout();
        Layout b = l.ins().get(1).layout();
        return b.size(0) == 1
                && b.stride(1) == 1
                && b.stride(2) >= b.size(1)
                && a.stride(2) == 1
                && Native.prefersRows(a.size(1), b.size(1), b.size(2));
    }

    private void add(Plan.Launch l, int step, long turns) {
        Group g = open.computeIfAbsent(l.ins().get(1), b -> new Group(step, new ArrayList<>(), new long[1]));
        g.products.add(l);
        g.rows[0] += turns * l.ins().get(0).layout().size(1);
    }

    /** From here on matrices have other values. */
    private void close(Set<Integer> written) {
        open.entrySet().removeIf(e -> {
            boolean over = written.contains(e.getKey().slot());
            if (over) {
                pack(e.getKey(), e.getValue());
            }
            return over;
        });
    }

    private void pack(Plan.Ref b, Group g) {
        if (g.rows[0] <= MOST_ROWS_UNPACKED) {
            return;
        }
        Layout from = b.layout();
        long row = from.size(2) % 1024 == 0 ? from.size(2) + PADDING : from.size(2);
        Layout to = Layout.of(from.shape(), new long[] {from.size(1) * row, row, 1}, 0);
        Plan.Ref copy = new Plan.Ref(slots + places.size(), DType.FLOAT32, to);
        places.add(bytes);
        bytes += (from.size(1) * row * Float.BYTES + Plan.ALIGNMENT - 1) / Plan.ALIGNMENT * Plan.ALIGNMENT;
        copies.computeIfAbsent(g.step, any -> new ArrayList<>())
                .add(new Plan.Launch(new KernelCall.Map(COPY), List.of(copy), List.of(b), NO_SCALARS));
        g.products.forEach(p -> packed.put(p, copy));
    }
}
