package dev.jangada.capture;

import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Plan;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.List;

/** What one run of a plan costs, counted from the plan; loops as if they made one turn. */
record PlanStats(int before, int after, long flops, long bytes, long arena, long intermediates) {
    static PlanStats of(List<Plan.Step> traced, List<Plan.Step> steps, List<Slot> slots, long arena, long all) {
        int[] counts = new int[2];
        long[] work = new long[2];
        Flow.launches(traced, l -> counts[0]++);
        Flow.launches(steps, l -> {
            counts[1]++;
            work[0] += flops(l);
            work[1] += bytes(l);
        });
        return new PlanStats(counts[0], counts[1], work[0], work[1], arena, all);
    }

    /** Counts an operation for each arithmetic instruction and element, two for each multiply-add of a matrix product. */
    static long flops(Plan.Launch l) {
        long out = l.outs().get(0).layout().numel();
        KernelCall call = l.call();
        if (call instanceof KernelCall.Map m) {
            return out * arithmetic(m.kernel().program());
        }
        if (call instanceof KernelCall.Several) {
            return l.members().stream().mapToLong(PlanStats::flops).sum();
        }
        if (call instanceof KernelCall.Reduce r) {
            long in = l.ins().get(0).layout().numel();
            return in * (1 + arithmetic(r.kernel().program()))
                    + out * arithmetic(r.kernel().epilogue());
        }
        if (call instanceof KernelCall.Matmul) {
            return 2 * out * l.ins().get(0).layout().size(2);
        }
        if (call instanceof KernelCall.MatmulMap m) {
            return out
                    * (2 * l.ins().get(0).layout().size(2)
                            + arithmetic(m.epilogue().program()));
        }
        return out;
    }

    private static long arithmetic(Program p) {
        return p.code().stream()
                .filter(c -> c.op().arity() > 0 && c.op() != Op.CAST)
                .count();
    }

    /** Counts every element of the operands once, those of a broadcast operand as they are stored. */
    static long bytes(Plan.Launch l) {
        long sum = 0;
        for (Plan.Ref r : l.outs()) {
            sum += stored(r) * (l.call().readsOutput() ? 2 : 1);
        }
        for (Plan.Ref r : l.ins()) {
            sum += stored(r);
        }
        return sum;
    }

    private static long stored(Plan.Ref r) {
        Layout l = r.layout();
        long n = 1;
        for (int i = 0; i < l.rank(); i++) {
            n *= l.stride(i) == 0 && l.size(i) > 0 ? 1 : l.size(i);
        }
        return n * r.dtype().size();
    }
}
