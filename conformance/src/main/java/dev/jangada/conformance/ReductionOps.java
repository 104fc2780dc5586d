package dev.jangada.conformance;

import dev.jangada.Tensor;

/** Area 03: reductions and scans. */
final class ReductionOps {
    private ReductionOps() {}

    static void register(Table t) {
        t.add("sum", "input", ReductionOps::sum);
    }

    private static Tensor sum(Call c) {
        boolean keepdim = c.flag("keepdim", false);
        return c.has("dim") || keepdim ? c.x().sum(c.dims("dim"), keepdim) : c.x().sum();
    }
}
