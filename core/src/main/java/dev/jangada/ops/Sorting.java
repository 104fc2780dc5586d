package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.ValuesIndices;
import dev.jangada.backend.Operand;

/**
 * Sorting along a dimension, always stable; NaN counts as the largest value. Gradients go back to where the values stood.
 */
public final class Sorting {
    private Sorting() {}

    private static ValuesIndices sorted(String node, Tensor t, int d, long keep, boolean descending) {
        Operand in = Access.operand(t);
        Shape shape = t.dim() == 0 ? t.shape() : t.shape().with(d, keep);
        Operand values =
                Executor.current().allocate(t.dtype(), shape, in.storage().backend());
        Tensor valuesTensor = Access.wrap(values);
        Operand indices =
                Executor.current().allocate(DType.INT64, shape, in.storage().backend());
        Tensor indicesTensor = Access.wrap(indices);
        Executor.current().sort(Axes.atLeast1d(values), Axes.atLeast1d(indices), Axes.atLeast1d(in), d, descending);
        return new ValuesIndices(Picks.recorded(node, valuesTensor, t, indicesTensor, d), indicesTensor);
    }

    private static long size(Tensor t, int d) {
        return t.dim() == 0 ? 1 : t.size(d);
    }

    /** All elements of a dimension in order. */
    public static ValuesIndices sort(Tensor t, int dim, boolean descending) {
        int d = Checks.dim("sort", dim, t.dim());
        return sorted("SortBackward0", t, d, size(t, d), descending);
    }

    /** The numbers of the elements of a dimension in order. */
    public static Tensor argsort(Tensor t, int dim, boolean descending) {
        int d = Checks.dim("argsort", dim, t.dim());
        try (Tape.Pause off = Tape.paused()) {
            ValuesIndices both = sorted("SortBackward0", t, d, size(t, d), descending);
            both.values().close();
            return both.indices();
        }
    }

    /** The {@code k} largest or smallest elements of a dimension, in order. */
    public static ValuesIndices topk(Tensor t, long k, int dim, boolean largest) {
        int d = Checks.dim("topk", dim, t.dim());
        Checks.shape(
                k >= 0 && k <= size(t, d),
                "topk",
                "expected k in [0, " + size(t, d) + "] for shape " + t.shape() + ", got " + k);
        return sorted("TopkBackward0", t, d, k, largest);
    }

    /** The {@code k}-th smallest element of a dimension, counted from 1. */
    public static ValuesIndices kthvalue(Tensor t, long k, int dim, boolean keepdim) {
        int d = Checks.dim("kthvalue", dim, t.dim());
        long n = size(t, d);
        Checks.shape(k >= 1 && k <= n, "kthvalue", "expected k in [1, " + n + "], got " + k);
        try (Tensor order = argsort(t, d, false)) {
            return Extremes.picked("KthvalueBackward0", t, at(order, d, k - 1), d, keepdim);
        }
    }

    private static Tensor at(Tensor order, int d, long k) {
        if (order.dim() == 0) {
            return Copies.clone(order);
        }
        try (Tensor one = Slicing.narrow(order, d, k, 1)) {
            return Copies.clone(one);
        }
    }

    /** The lower median of a dimension; NaN wins. */
    public static ValuesIndices median(Tensor t, int dim, boolean keepdim) {
        int d = Checks.dim("median", dim, t.dim());
        long n = size(t, d);
        Checks.index(n > 0, "median", "expected a dimension of at least one element, got shape " + t.shape());
        return Extremes.picked("MedianBackward1", t, medianIndex(t, d, n), d, keepdim);
    }

    /** The index of the median: of the first NaN if there is one, which stands behind all numbers in the order. */
    private static Tensor medianIndex(Tensor t, int d, long n) {
        try (Tape.Pause off = Tape.paused();
                Tensor order = argsort(t, d, false)) {
            Tensor middle = at(order, d, (n - 1) / 2);
            if (!t.dtype().isFloatingPoint() || t.dim() == 0) {
                return middle;
            }
            try (dev.jangada.TensorScope scope = new dev.jangada.TensorScope()) {
                Tensor nan = t.isnan();
                Tensor first = Extremes.argmax(nan, new int[] {d}, true);
                return scope.keep(Arithmetic.where(Reductions.any(nan, new int[] {d}, true), first, middle));
            }
        }
    }

    /** The lower median of all elements; NaN wins; the gradient is shared evenly between equal elements. */
    public static Tensor median(Tensor t) {
        Tensor result;
        if (t.numel() == 0) {
            result = Creation.full(Shape.SCALAR, Double.NaN, t.dtype(), t.device());
        } else {
            try (Tape.Pause off = Tape.paused();
                    Tensor flat = t.reshape(-1)) {
                ValuesIndices both = median(flat, 0, false);
                both.indices().close();
                result = both.values();
            }
        }
        int[] all = Reductions.axes("median", new int[0], t.dim());
        return Tape.attachWithResult("MedianBackward0", result, new Tensor[] {t}, new Tensor[] {t}, (g, s, needed) ->
                new Tensor[] {Extremes.share(g[0], s[0], s[1], all, false)});
    }
}
