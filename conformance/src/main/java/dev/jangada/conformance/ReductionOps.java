package dev.jangada.conformance;

import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.ValuesIndices;

/** Area 03: reductions and scans. */
final class ReductionOps {
    private ReductionOps() {}

    private static DType wide(Call c) {
        DType t = c.x().dtype();
        return c.dtype(t.isFloatingPoint() ? t : DType.INT64);
    }

    private static boolean keep(Call c) {
        return c.flag("keepdim", false);
    }

    private static boolean all(Call c) {
        return !c.has("dim") && !keep(c);
    }

    static Object pair(ValuesIndices v) {
        return new Tensor[] {v.values(), v.indices()};
    }

    private static long correction(Call c) {
        return c.flag("unbiased", true) ? 1 : 0;
    }

    static void register(Table t) {
        t.add(
                "sum",
                "input",
                c -> c.has("dtype")
                        ? c.x().sum(c.dims("dim"), keep(c), c.dtype(null))
                        : all(c) ? c.x().sum() : c.x().sum(c.dims("dim"), keep(c)));
        t.add(
                "mean",
                "input",
                c -> c.has("dtype")
                        ? c.x().mean(c.dims("dim"), keep(c), c.dtype(null))
                        : all(c) ? c.x().mean() : c.x().mean(c.dims("dim"), keep(c)));
        t.add("nansum", "input", c -> c.x().nansum(c.dims("dim"), keep(c), wide(c)));
        t.add(
                "prod",
                "input",
                c -> c.has("dtype")
                        ? c.x().prod(c.dims("dim"), keep(c), c.dtype(null))
                        : all(c) ? c.x().prod() : c.x().prod(c.dim("dim"), keep(c)));
        t.add("max", "input", c -> c.has("dim") ? pair(c.x().max(c.dim("dim"), keep(c))) : c.x().max());
        t.add("min", "input", c -> c.has("dim") ? pair(c.x().min(c.dim("dim"), keep(c))) : c.x().min());
        t.add("amax", "input", c -> c.x().amax(c.dims("dim"), keep(c)));
        t.add("amin", "input", c -> c.x().amin(c.dims("dim"), keep(c)));
        t.add("argmax", "input", c -> c.has("dim") ? c.x().argmax(c.dim("dim"), keep(c)) : c.x().argmax(keep(c)));
        t.add("argmin", "input", c -> c.has("dim") ? c.x().argmin(c.dim("dim"), keep(c)) : c.x().argmin(keep(c)));
        t.add("var", "input", c -> c.x().var(c.dims("dim"), correction(c), keep(c)));
        t.add("std", "input", c -> c.x().std(c.dims("dim"), correction(c), keep(c)));
        t.add("var_mean", "input", c -> c.x().varMean(c.dims("dim"), correction(c), keep(c)));
        t.add("std_mean", "input", c -> c.x().stdMean(c.dims("dim"), correction(c), keep(c)));
        t.add("norm", "input", c -> c.x().norm(c.real("p", 2), c.dims("dim"), keep(c)));
        t.add("logsumexp", "input", c -> c.x().logsumexp(c.dims("dim"), keep(c)));
        t.add("cumsum", "input", c -> c.x().cumsum(c.dim("dim"), wide(c)));
        t.add("cumprod", "input", c -> c.x().cumprod(c.dim("dim"), wide(c)));
        t.add("cummax", "input", c -> pair(c.x().cummax(c.dim("dim"))));
        t.add("cummin", "input", c -> pair(c.x().cummin(c.dim("dim"))));
        t.add("logcumsumexp", "input", c -> c.x().logcumsumexp(c.dim("dim")));
        t.add("any", "input", c -> c.has("dim") ? c.x().any(c.dim("dim"), keep(c)) : c.x().any());
        t.add("all", "input", c -> c.has("dim") ? c.x().all(c.dim("dim"), keep(c)) : c.x().all());
        t.add("count_nonzero", "input", c -> c.x().countNonzero(c.dims("dim")));
        t.add("median", "input", c -> c.has("dim") ? pair(c.x().median(c.dim("dim"), keep(c))) : c.x().median());
        t.add("sort", "input", c -> pair(c.x().sort(c.dim("dim", -1), c.flag("descending", false))));
        t.add("argsort", "input", c -> c.x().argsort(c.dim("dim", -1), c.flag("descending", false)));
        t.add("topk", "input", c -> pair(c.x().topk(c.integer("k"), c.dim("dim", -1), c.flag("largest", true))));
        t.add("kthvalue", "input", c -> pair(c.x().kthvalue(c.integer("k"), c.dim("dim", -1), keep(c))));
    }
}
