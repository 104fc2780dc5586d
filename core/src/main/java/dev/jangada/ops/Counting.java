package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.IndexException;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.UniqueResult;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import dev.jangada.kernel.ScanOp;
import dev.jangada.kernel.ScatterOp;
import java.util.List;

/**
 * Operations whose results are numbers of elements or have sizes that depend on values, so that a count is read back from the device.
 *
 * <p>Places are counted by a cumulative sum and written by a scatter; no loop over elements runs on the host.
 */
public final class Counting {
    private static final ReduceKernel MAX = ReduceKernel.of(
            "max", ReduceOp.MAX, Program.of(List.of(DType.INT64), List.of(), Expr.input(0, DType.INT64)), DType.INT64);

    private static final long NO_PADDING = -1;

    private Counting() {}

    private static Tensor zeros(long n, DType type, Tensor like) {
        return Creation.full(Shape.of(n), Scalar.of(0L), type, like.device());
    }

    private static Tensor cumulative(Tensor vector) {
        Tensor out = Creation.emptyLike(vector, vector.dtype());
        Executor.current().scan(ScanOp.SUM, Access.operand(out), Access.operand(vector), 0);
        return out;
    }

    private static long last(Tensor vector) {
        return vector.numel() == 0 ? 0 : Slicing.select(vector, 0, -1).itemLong();
    }

    /** The largest of int64 numbers, of which there must be one. */
    private static long max(Tensor vector) {
        Tensor out = zeros(1, DType.INT64, vector);
        Executor.current()
                .reduce(MAX, new Operand[] {Access.operand(out)}, new Operand[] {Access.operand(vector)}, new long[0]);
        return out.itemLong();
    }

    // ---- where something holds

    /** Positions, in row-major order, of the true elements of a bool tensor. */
    static Tensor places(Tensor mask) {
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor flat = mask.reshape(-1);
            Tensor numbers = cumulative(flat.to(DType.INT64));
            long count = last(numbers);
            Tensor places = zeros(count + 1, DType.INT64, mask);
            if (count > 0) {
                // elements that are not true all write behind the end
                Tensor targets = Tensor.where(flat, numbers.sub(1L), Scalar.of(count));
                Operand from = Access.operand(Creation.arange(flat.numel(), mask.device()));
                Executor.current().scatter(ScatterOp.ASSIGN, Access.operand(places), Access.operand(targets), from, 0);
            }
            return scope.keep(Slicing.narrow(places, 0, 0, count));
        }
    }

    /** The coordinates of the true elements of a bool tensor: one int64 vector per dimension. */
    static Tensor[] nonzeroColumns(Tensor mask) {
        Tensor[] columns = new Tensor[mask.dim()];
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor rest = places(mask);
            for (int d = mask.dim() - 1; d >= 0; d--) {
                long n = Math.max(1, mask.size(d));
                columns[d] = scope.keep(d == 0 ? rest : rest.remainder(n));
                rest = d == 0 ? rest : rest.floorDivide(n);
            }
        }
        return columns;
    }

    /** The coordinates of the elements that are not 0, one row each, in row-major order. */
    public static Tensor nonzero(Tensor t) {
        Tensor mask = t.dtype() == DType.BOOL ? t : t.ne(0L);
        if (t.dim() == 0) {
            return Creation.empty(Shape.of(mask.itemBoolean() ? 1 : 0, 0), DType.INT64, t.device());
        }
        return Joining.stack(1, nonzeroColumns(mask));
    }

    private static Tensor mask(String op, Tensor mask) {
        Checks.dtype(
                mask.dtype() == DType.BOOL || mask.dtype() == DType.UINT8,
                op,
                "expected a bool mask, got " + mask.dtype());
        return mask.dtype() == DType.BOOL ? mask : mask.ne(0L);
    }

    /** The elements where a mask is true, as a vector; both are broadcast. */
    public static Tensor maskedSelect(Tensor t, Tensor mask) {
        Tensor m = mask("maskedSelect", mask);
        Shape shape = Shape.broadcast("maskedSelect", t.shape(), m.shape());
        long[] sizes = shape.toArray();
        Tensor wide = t.shape().equals(shape) ? t : t.expand(sizes);
        return Indexing.flat("MaskedSelectBackward0", wide, places(m.expand(sizes)));
    }

    /** A copy whose elements under a mask are, in order, those of a source. */
    public static Tensor maskedScatter(Tensor t, Tensor mask, Tensor source, boolean inPlace) {
        String op = inPlace ? "maskedScatter_" : "maskedScatter";
        Checks.dtype(
                t.dtype() == source.dtype(), op, "expected a source of type " + t.dtype() + ", got " + source.dtype());
        Tensor m = mask(op, mask);
        Checks.inPlaceShape(op, t.shape(), Shape.broadcast(op, t.shape(), m.shape()));
        Tensor places = places(m.expand(t.shape().toArray()));
        long count = places.numel();
        Checks.value(
                count <= source.numel(), op, "expected at least " + count + " source elements, got " + source.numel());
        Tensor values = Slicing.narrow(source.reshape(-1), 0, 0, count);
        Tensor target = inPlace ? t : t.contiguous() == t ? t.clone() : t.contiguous();
        if (!inPlace || target.isContiguous()) {
            Indexing.scatter(target.view(-1), 0, places, values, true);
            return target;
        }
        Tensor copy = target.contiguous();
        Indexing.scatter(copy.view(-1), 0, places, values, true);
        return target.copy_(copy);
    }

    // ---- values and counts

    /** The different values of a tensor, ascending. */
    public static UniqueResult unique(Tensor t) {
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor flat = t.reshape(-1);
            long n = flat.numel();
            Tensor sorted = Creation.emptyLike(flat, t.dtype());
            Tensor order = Creation.emptyLike(flat, DType.INT64);
            Tensor groups = zeros(n, DType.INT64, t);
            if (n > 0) {
                Executor.current().sort(Access.operand(sorted), Access.operand(order), Access.operand(flat), 0, false);
                Tensor changes = Slicing.narrow(sorted, 0, 1, n - 1).ne(Slicing.narrow(sorted, 0, 0, n - 1));
                Slicing.narrow(groups, 0, 1, n - 1).copy_(changes);
                groups = cumulative(groups);
            }
            long count = n == 0 ? 0 : last(groups) + 1;
            Tensor values = zeros(count, t.dtype(), t);
            Tensor inverse = zeros(n, DType.INT64, t);
            Tensor counts = zeros(count, DType.INT64, t);
            Indexing.scatter(values, 0, groups, sorted, true);
            Indexing.scatter(inverse, 0, order, groups, true);
            Indexing.scatterAdd(counts, 0, groups, Creation.fullLike(groups, Scalar.of(1L), DType.INT64), true);
            return new UniqueResult(
                    scope.keep(values), scope.keep(inverse.reshape(t.shape().toArray())), scope.keep(counts));
        }
    }

    private static Tensor nonNegative(String op, Tensor t) {
        Checks.dtype(
                !t.dtype().isFloatingPoint() && t.dtype() != DType.BOOL, op, "expected integers, got " + t.dtype());
        return t.to(DType.INT64);
    }

    /** How often each number from 0 occurs. */
    public static Tensor bincount(Tensor t, long minLength) {
        return bincount(t, Creation.fullLike(t, Scalar.of(1L), DType.INT64), minLength, DType.INT64);
    }

    /** The sum of the weights of each number from 0. */
    public static Tensor bincount(Tensor t, Tensor weights, long minLength) {
        DType type = weights.dtype() == DType.FLOAT32 ? DType.FLOAT32 : DType.FLOAT64;
        return bincount(t, weights, minLength, type);
    }

    private static Tensor bincount(Tensor t, Tensor weights, long minLength, DType type) {
        Checks.shape(t.dim() == 1, "bincount", "expected a vector, got shape " + t.shape());
        Checks.shape(
                weights.shape().equals(t.shape()),
                "bincount",
                "expected a weight per element, got shapes " + weights.shape() + " and " + t.shape());
        Checks.value(minLength >= 0, "bincount", "expected a length >= 0, got " + minLength);
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor numbers = nonNegative("bincount", t).contiguous();
            long length = numbers.numel() == 0 ? minLength : Math.max(minLength, max(numbers) + 1);
            Tensor out = zeros(Math.max(0, length), type, t);
            Checks.value(
                    numbers.numel() == 0 || numbers.ge(0L).to(DType.INT64).sum().itemLong() == numbers.numel(),
                    "bincount",
                    "expected numbers >= 0, got a negative one");
            return scope.keep(Indexing.scatterAdd(out, 0, numbers, weights.to(type), true));
        }
    }

    /** For each class number a row that is 1 there and 0 elsewhere; -1 classes mean one more than the largest number. */
    public static Tensor oneHot(Tensor t, long classes) {
        Checks.dtype(t.dtype() == DType.INT64, "oneHot", "expected int64 class numbers, got " + t.dtype());
        Checks.value(
                classes > 0 || classes == -1 && t.numel() > 0 || classes == 0 && t.numel() == 0,
                "oneHot",
                "expected a number of classes > 0, or -1 and a class number, got " + classes + " for " + t.numel()
                        + " numbers");
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor flat = t.reshape(-1, 1).contiguous();
            boolean ask =
                    flat.numel() > 0 && (classes == -1 || !Executor.current().isTracing()); // scatter looks, too
            long largest = ask ? max(flat.reshape(-1)) : -1;
            long smallest = ask ? -max(flat.reshape(-1).neg()) : 0;
            long n = classes == -1 ? largest + 1 : classes;
            Checks.value(smallest >= 0, "oneHot", "expected class numbers >= 0, got " + smallest);
            Checks.index(largest < n, "oneHot", "expected class numbers below " + n + ", got " + largest);
            Tensor out = zeros(flat.numel() * n, DType.INT64, t).reshape(flat.numel(), n);
            Indexing.scatter(out, 1, flat, Scalar.of(1L), true);
            long[] sizes = java.util.Arrays.copyOf(t.shape().toArray(), t.dim() + 1);
            sizes[t.dim()] = n;
            return scope.keep(out.reshape(sizes));
        }
    }

    /** Each index of a dimension as often as a number says, or as the number at its place says. */
    public static Tensor repeatInterleave(Tensor t, Tensor repeats, int dim) {
        Checks.dtype(
                repeats.dtype() == DType.INT64 || repeats.dtype() == DType.INT32,
                "repeatInterleave",
                "expected integer numbers, got " + repeats.dtype());
        int d = Checks.dim("repeatInterleave", dim, t.dim());
        long n = t.dim() == 0 ? 1 : t.size(d);
        Checks.shape(
                repeats.dim() == 0 || repeats.dim() == 1 && (repeats.numel() == 1 || repeats.numel() == n),
                "repeatInterleave",
                "expected a number per index of dimension " + d + " of size " + n + ", got shape " + repeats.shape());
        Tensor index;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor each = repeats.to(DType.INT64).reshape(-1).expand(n).contiguous();
            Checks.value(
                    n == 0 || max(each.neg()) <= 0, "repeatInterleave", "expected numbers >= 0, got a negative one");
            index = scope.keep(starts(each));
        }
        return Indexing.indexSelect(t.dim() == 0 ? t.reshape(1) : t, d, index);
    }

    /** The numbers 0, 1, … each as often as a vector says: every run begins where a 1 was added, and a sum counts the beginnings. */
    private static Tensor starts(Tensor repeats) {
        Tensor ends = cumulative(repeats);
        long total = last(ends);
        Tensor begins = zeros(total + 1, DType.INT64, repeats);
        Indexing.scatterAdd(begins, 0, ends, Creation.fullLike(ends, Scalar.of(1L), DType.INT64), true);
        return cumulative(Slicing.narrow(begins, 0, 0, total));
    }

    /** Rows of a matrix. */
    public static Tensor embedding(Tensor weight, Tensor index) {
        return rows(weight, index, NO_PADDING);
    }

    /** Rows of a matrix; the gradient leaves out the row {@code padding}, which may count from the end. */
    public static Tensor embedding(Tensor weight, Tensor index, long padding) {
        checkMatrix(weight);
        long n = weight.size(0);
        Checks.value(
                padding >= -n && padding < n,
                "embedding",
                "expected a padding row in [" + -n + ", " + (n - 1) + "], got " + padding);
        return rows(weight, index, padding < 0 ? padding + n : padding);
    }

    private static void checkMatrix(Tensor weight) {
        Checks.shape(weight.dim() == 2, "embedding", "expected a matrix of weights, got shape " + weight.shape());
    }

    private static Tensor rows(Tensor weight, Tensor index, long padding) {
        checkMatrix(weight);
        Checks.dtype(
                index.dtype() == DType.INT64 || index.dtype() == DType.INT32,
                "embedding",
                "expected int64 or int32 indices, got " + index.dtype());
        Tensor flat = index.to(DType.INT64).reshape(-1);
        long[] sizes = java.util.Arrays.copyOf(index.shape().toArray(), index.dim() + 1);
        sizes[index.dim()] = weight.size(1);
        Tensor result;
        try (Tape.Pause off = Tape.paused();
                Tensor rows = Indexing.indexSelect("", weight, 0, flat)) {
            result = Access.alias(
                    Access.operand(rows).with(Layout.contiguous(Shape.of(sizes)))); // no view: free to change
        } catch (IndexException e) {
            throw Checks.outOfRange("embedding", e, "there is no such row of the weight");
        }
        Shape from = weight.shape();
        return Tape.attach(
                "EmbeddingBackward0", result, new Tensor[] {weight, flat}, new Tensor[] {flat}, (g, s, needed) -> {
                    Tensor grad = g[0].reshape(s[0].numel(), from.size(1));
                    Tensor kept = padding < 0
                            ? grad
                            : grad.maskedFill(s[0].eq(padding).reshape(-1, 1), 0);
                    Tensor zeros = Creation.full(from, Scalar.of(0L), kept.dtype(), kept.device());
                    return new Tensor[] {Indexing.indexAdd(zeros, 0, s[0], kept, Scalar.of(1L), false), null};
                });
    }
}
