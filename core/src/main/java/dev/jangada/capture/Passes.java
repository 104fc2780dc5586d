package dev.jangada.capture;

import dev.jangada.DType;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Plan;
import dev.jangada.kernel.MapKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What is made of a traced program before it is planned: the same bits with fewer launches and less memory. */
final class Passes {
    private static final long[] NO_SCALARS = {};

    private Passes() {}

    static List<Plan.Step> run(List<Slot> slots, List<Plan.Step> steps, Set<long[]> live) {
        List<Plan.Step> out = DeadCode.remove(slots, steps);
        out = split(slots, out);
        out = CommonSubexpressions.merge(slots, out, live);
        out = Copies.remove(slots, out);
        out = Constants.inline(slots, out, live);
        out = Fusion.fuse(slots, out, live);
        out = Copies.remove(slots, out);
        out = DeadCode.remove(slots, out);
        out = InPlace.share(slots, out);
        return Grouping.group(slots, out, live);
    }

    /** Takes epilogues off matrix products, so that equal products are found; what nobody shares is put together again. */
    private static List<Plan.Step> split(List<Slot> slots, List<Plan.Step> steps) {
        List<Plan.Step> out = new ArrayList<>();
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Repeat r) {
                out.add(new Plan.Repeat(r.turns(), r.index(), split(slots, r.body())));
            } else if (step instanceof Plan.Launch l && l.call() instanceof KernelCall.MatmulMap m) {
                split(slots, l, m, out);
            } else {
                out.add(step);
            }
        }
        return out;
    }

    private static void split(List<Slot> slots, Plan.Launch l, KernelCall.MatmulMap m, List<Plan.Step> out) {
        MapKernel epilogue = m.epilogue();
        Plan.Ref target = l.outs().get(0);
        DType type = l.ins().get(0).dtype();
        Layout layout = Layout.contiguous(target.layout().shape());
        Slot s = new Slot(slots.size(), Slot.Kind.INNER, layout.numel() * type.size());
        slots.add(s);
        Plan.Ref product = new Plan.Ref(s.number, type, layout);
        List<Plan.Ref> ins = new ArrayList<>(List.of(product));
        ins.addAll(l.ins().subList(2, l.ins().size()));
        out.add(new Plan.Launch(
                new KernelCall.Matmul(m.alpha(), 0), List.of(product), l.ins().subList(0, 2), NO_SCALARS));
        out.add(new Plan.Launch(new KernelCall.Map(epilogue), l.outs(), ins, l.scalars()));
    }

    /**
     * Returns the steps of a program whose arguments share memory with what it changes: what a launch reads of another slot that may lie
     * where it writes is copied before. Eager operations see such an overlap by themselves, a trace only that the slots differ.
     */
    static List<Plan.Step> apart(List<Slot> slots, List<Plan.Step> steps) {
        List<Plan.Step> out = new ArrayList<>();
        for (Plan.Step step : steps) {
            if (step instanceof Plan.Repeat r) {
                out.add(new Plan.Repeat(r.turns(), r.index(), apart(slots, r.body())));
            } else if (step instanceof Plan.Launch l) {
                List<Plan.Ref> ins = new ArrayList<>();
                for (Plan.Ref in : l.ins()) {
                    boolean shared =
                            l.outs().stream().anyMatch(o -> mayShare(slots.get(o.slot()), slots.get(in.slot())));
                    ins.add(shared ? copied(slots, in, out) : in);
                }
                out.add(new Plan.Launch(l.call(), l.outs(), ins, l.scalars()));
            } else {
                out.add(step);
            }
        }
        return out;
    }

    private static boolean mayShare(Slot a, Slot b) {
        boolean argument = a.kind == Slot.Kind.ARGUMENT || b.kind == Slot.Kind.ARGUMENT;
        return a != b && argument && isLasting(a) && isLasting(b);
    }

    private static boolean isLasting(Slot s) {
        return s.kind == Slot.Kind.ARGUMENT || s.kind == Slot.Kind.OUTER || s.kind == Slot.Kind.GRADIENT;
    }

    private static Plan.Ref copied(List<Slot> slots, Plan.Ref r, List<Plan.Step> out) {
        Layout layout = Layout.contiguous(r.layout().shape());
        Slot s = new Slot(
                slots.size(), Slot.Kind.INNER, layout.numel() * r.dtype().size());
        slots.add(s);
        Plan.Ref copy = new Plan.Ref(s.number, r.dtype(), layout);
        out.add(new Plan.Launch(new KernelCall.Map(Trace.copy(r.dtype())), List.of(copy), List.of(r), NO_SCALARS));
        return copy;
    }
}
