package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.ValuesIndices;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ScanOp;
import java.util.List;

/** Accumulation along a dimension. */
public final class Scans {
    private static final int TYPES = DType.values().length;
    /** Where an element is the extreme one so far its number, else 0; inputs x, the extreme so far, numbers. */
    private static final MapKernel[] REACHED = new MapKernel[TYPES];

    static {
        for (DType t : DType.values()) {
            Expr x = Expr.input(0, t).cast(t.compute());
            Expr m = Expr.input(1, t).cast(t.compute());
            Expr same = x.eq(m).or(x.isNan().and(m.isNan()));
            REACHED[t.ordinal()] = new MapKernel(
                    "cummaxIndex",
                    Program.of(
                            List.of(t, t, DType.INT64),
                            List.of(),
                            Expr.select(same, Expr.input(2, DType.INT64), Expr.constant(0, DType.INT64))));
        }
    }

    private Scans() {}

    private static Tensor scan(ScanOp op, Tensor t, int d) {
        Operand in = Access.operand(t);
        Operand out =
                Executor.current().allocate(t.dtype(), t.shape(), in.storage().backend());
        Tensor result = Access.wrap(out);
        Executor.current().scan(op, Axes.atLeast1d(out), Axes.atLeast1d(in), d);
        return result;
    }

    /** The sums of the elements up to each one. */
    public static Tensor cumsum(Tensor t, int dim, DType type) {
        int d = Checks.dim("cumsum", dim, t.dim());
        Tensor x = t.to(type);
        Tensor result = scan(ScanOp.SUM, x, d);
        return Tape.attach("CumsumBackward0", result, x, g -> fromEnd(g, d));
    }

    /** The sums of the elements from each one on. */
    private static Tensor fromEnd(Tensor g, int d) {
        return Axes.reversed(cumsum(Axes.reversed(g, d), d, g.dtype()), d);
    }

    /** The products of the elements up to each one. */
    public static Tensor cumprod(Tensor t, int dim, DType type) {
        int d = Checks.dim("cumprod", dim, t.dim());
        Tensor x = t.to(type);
        Tensor result = scan(ScanOp.PROD, x, d);
        return Tape.attachWithResult("CumprodBackward0", result, new Tensor[] {x}, new Tensor[] {x}, (g, s, needed) ->
                new Tensor[] {x.dim() == 0 ? g[0] : cumprodBackward(g[0], s[0], s[1], d)});
    }

    /**
     * Without a zero before it the gradient at i is the sum of {@code g_j * y_j / x_i} over j from i on; at the first zero that of
     * {@code g_j} times the product of the others; 0 behind it.
     */
    private static Tensor cumprodBackward(Tensor g, Tensor x, Tensor y, int d) {
        if (Tape.needed(g, x)) {
            return cumprodGeneral(g, x, d);
        }
        Tensor isZero = x.eq(Scalar.of(0));
        Tensor zeros = cumsum(isZero, d, DType.INT64);
        Tensor first = isZero.logicalAnd(zeros.eq(Scalar.of(1)));
        Tensor skipped = scan(ScanOp.PROD, x.maskedFill(first, 1), d);
        Tensor before = fromEnd(g.mul(y), d).div(x);
        Tensor at = fromEnd(g.mul(skipped), d);
        Tensor later = Arithmetic.where(first, at, Scalar.of(0.0));
        return Arithmetic.where(zeros.eq(Scalar.of(0)), before, later);
    }

    /** The square of the work, but right with zeros in derivatives of any order. */
    private static Tensor cumprodGeneral(Tensor g, Tensor x, int d) {
        Tensor last = x.transpose(d, -1); // (.., n)
        long n = last.size(-1);
        long[] sizes = java.util.Arrays.copyOf(last.shape().toArray(), x.dim() + 1);
        sizes[x.dim()] = n;
        Tensor rows = last.unsqueeze(-2).expand(sizes); // (.., i, l)
        Tensor without = Arithmetic.where(Axes.diagonal(n, x.device()), Scalar.of(1.0), rows)
                .to(x.dtype());
        Tensor products = cumprod(without, x.dim(), x.dtype()); // (.., i, j)
        try (Tensor numbers = Creation.arange(n, x.device())) {
            Tensor from = numbers.ge(numbers.view(n, 1)); // j >= i
            Tensor terms = products.mul(g.transpose(d, -1).unsqueeze(-2));
            Tensor zero = Arithmetic.where(from, terms, Scalar.of(0.0)).to(x.dtype());
            return zero.sum(new int[] {x.dim()}, false).transpose(d, -1);
        }
    }

    /** The largest element up to each one and its last index. */
    public static ValuesIndices cummax(Tensor t, int dim) {
        return extreme("cummax", "CummaxBackward0", ScanOp.MAX, t, dim);
    }

    /** The smallest element up to each one and its last index. */
    public static ValuesIndices cummin(Tensor t, int dim) {
        return extreme("cummin", "CumminBackward0", ScanOp.MIN, t, dim);
    }

    private static ValuesIndices extreme(String name, String node, ScanOp op, Tensor t, int dim) {
        int d = Checks.dim(name, dim, t.dim());
        Tensor values = scan(op, t, d);
        Tensor index;
        try (Tensor numbers = Axes.numbers(t.shape(), d, t.device())) {
            Operand reached = Executor.current()
                    .allocate(
                            DType.INT64, t.shape(), Access.operand(t).storage().backend());
            try (Tensor kept = Access.wrap(reached)) {
                Operand[] ins = {Access.operand(t), Access.operand(values), Axes.wide(numbers, t.shape())};
                Executor.current().map(REACHED[t.dtype().ordinal()], new Operand[] {reached}, ins, new long[0]);
                index = scan(ScanOp.MAX, kept, d);
            }
        }
        long[] from = t.shape().toArray();
        DType type = t.dtype();
        Tape.attach(node, values, new Tensor[] {t}, new Tensor[] {index}, (g, s, needed) -> {
            if (from.length == 0) {
                return new Tensor[] {g[0]};
            }
            Tensor zeros = Creation.full(dev.jangada.Shape.of(from), 0.0, type, g[0].device());
            return new Tensor[] {zeros.scatterAdd(d, s[0], g[0])};
        });
        return new ValuesIndices(values, index);
    }

    /**
     * The logarithm of the sum of {@code e^x} up to each element: doubling steps of {@code logaddexp}, so that no element is lost against
     * a far larger one.
     */
    public static Tensor logcumsumexp(Tensor t, int dim) {
        Checks.floating("logcumsumexp", t);
        int d = Checks.dim("logcumsumexp", dim, t.dim());
        Tensor result;
        try (Tape.Pause off = Tape.paused()) {
            result = doubling(t, d);
        }
        return Tape.attachWithResult(
                "LogcumsumexpBackward0", result, new Tensor[] {t}, new Tensor[] {t}, (g, s, needed) ->
                        new Tensor[] {logcumsumexpBackward(g[0], s[0], s[1], d)});
    }

    private static Tensor doubling(Tensor t, int d) {
        Tensor y = Copies.clone(t);
        long n = t.dim() == 0 ? 1 : t.size(d);
        for (long step = 1; step < n; step *= 2) {
            try (Tensor low = Slicing.narrow(y, d, 0, n - step);
                    Tensor high = Slicing.narrow(y, d, step, n - step);
                    Tensor sum = Guarded.logaddexp(high, low)) {
                high.copy_(sum);
            }
        }
        return y;
    }

    /** The sum over j from i on of {@code g_j e^(x_i - y_j)}. */
    private static Tensor logcumsumexpBackward(Tensor g, Tensor x, Tensor y, int d) {
        if (x.dim() == 0) {
            return g;
        }
        Tensor last = x.transpose(d, -1).unsqueeze(-1); // (.., i, 1)
        Tensor sums = y.transpose(d, -1).unsqueeze(-2); // (.., 1, j)
        Tensor grads = g.transpose(d, -1).unsqueeze(-2);
        long n = x.size(d);
        try (Tensor numbers = Creation.arange(n, x.device())) {
            Tensor from = numbers.ge(numbers.view(n, 1)); // j >= i
            Tensor share = last.sub(sums).exp().mul(grads);
            Tensor terms = Arithmetic.where(from, share, Scalar.of(0.0)).to(x.dtype());
            return terms.sum(new int[] {-1}, false).transpose(d, -1);
        }
    }
}
