package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;

/** Vector norms and {@code logsumexp}. */
public final class Norms {
    private static final ReductionOp COUNT = ReductionOp.of(
            "norm0",
            ReduceOp.SUM,
            0,
            (x, p) -> Expr.select(x[0].eq(0), Expr.constant(0.0, x[0].type()), Expr.constant(1.0, x[0].type())));
    private static final ReductionOp SUM = ReductionOp.of("norm1", ReduceOp.SUM, 0, (x, p) -> x[0].abs());
    private static final ReductionOp EUCLIDEAN =
            ReductionOp.of("norm2", ReduceOp.SUM, 0, (x, p) -> x[0].square(), (r, p) -> new Expr[] {r[0].sqrt()});
    private static final ReductionOp POWER =
            ReductionOp.of("normP", ReduceOp.SUM, 1, (x, p) -> x[0].abs().pow(p[0]), (r, p) ->
                    new Expr[] {r[0].pow(p[0].reciprocal())});
    private static final ReductionOp LARGEST = ReductionOp.of("normInf", ReduceOp.MAX, 0, (x, p) -> x[0].abs());
    private static final ReductionOp SMALLEST = ReductionOp.of("normInf", ReduceOp.MIN, 0, (x, p) -> x[0].abs());

    /** Gradients from: gradient, x, norm; parameter p. 0 at a norm of 0. */
    private static final ElementwiseOp EUCLIDEAN_BACKWARD = backward((g, x, y, p) -> x.mul(g.div(y)), true);

    private static final ElementwiseOp SMALL_BACKWARD = backward(
            (g, x, y, p) -> Expr.select(
                    x.eq(0),
                    Expr.constant(0.0, x.type()),
                    x.sign().mul(x.abs().pow(p.sub(1))).mul(g.mul(y.pow(p.neg().add(1))))),
            false);
    private static final ElementwiseOp LARGE_BACKWARD =
            backward((g, x, y, p) -> x.mul(x.abs().pow(p.sub(2))).mul(g.div(y.pow(p.sub(1)))), true);

    private static final ReductionOp EXTREME =
            ReductionOp.of("logsumexpMax", ReduceOp.MAX, 0, (x, p) -> x[0], (r, p) -> {
                Expr zero = Expr.constant(0.0, r[0].type());
                return new Expr[] {Expr.select(r[0].abs().eq(Double.POSITIVE_INFINITY), zero, r[0])};
            });
    private static final ReductionOp LOG_SUM = ReductionOp.of(
            "logsumexp", ReduceOp.SUM, 0, (x, p) -> x[0].sub(x[1]).exp(), (r, p) -> new Expr[] {r[0].log()});
    private static final ElementwiseOp LOGSUMEXP_BACKWARD = ElementwiseOp.of(
            "LogsumexpBackward",
            3,
            0,
            ElementwiseOp.Result.SAME,
            (x, p) -> x[0].mul(x[1].sub(x[2]).exp()));

    private interface Formula {
        Expr apply(Expr g, Expr x, Expr y, Expr p);
    }

    private Norms() {}

    private static ElementwiseOp backward(Formula f, boolean masked) {
        return ElementwiseOp.of("NormBackward", 3, 1, ElementwiseOp.Result.SAME, (x, p) -> {
            Expr value = f.apply(x[0], x[1], x[2], p[0]);
            return masked ? Expr.select(x[2].eq(0), Expr.constant(0.0, value.type()), value) : value;
        });
    }

    private static ReductionOp reduction(double p) {
        if (p == 0) {
            return COUNT;
        }
        if (p == 1) {
            return SUM;
        }
        if (p == 2) {
            return EUCLIDEAN;
        }
        return p == Double.POSITIVE_INFINITY ? LARGEST : p == Double.NEGATIVE_INFINITY ? SMALLEST : POWER;
    }

    /** The vector norm {@code (sum |x|^p)^(1/p)} over dimensions; none mean all. */
    public static Tensor norm(Tensor t, double p, int[] dims, boolean keepdim) {
        Checks.floating("norm", t);
        int[] axes = Reductions.axes("norm", dims, t.dim());
        ReductionOp op = reduction(p);
        if (Double.isInfinite(p)) {
            Checks.index(
                    Reductions.count(t.shape(), axes) > 0,
                    "norm",
                    "expected at least one element for a norm of order " + p + ", got shape " + t.shape());
        }
        Operand[] in = {Access.operand(t)};
        Tensor result = op == POWER
                ? op.run(in, axes, keepdim, t.dtype(), t.dtype(), Double.doubleToRawLongBits(p))
                : op.run(in, axes, keepdim, t.dtype(), t.dtype());
        String node = dims.length == 0 ? "NormBackward0" : "NormBackward1";
        return Tape.attachWithResult(node, result, new Tensor[] {t}, new Tensor[] {t}, (g, s, needed) ->
                new Tensor[] {gradient(g[0], s[0], s[1], p, axes, keepdim)});
    }

    private static Tensor gradient(Tensor grad, Tensor x, Tensor norm, double p, int[] axes, boolean keepdim) {
        if (p == 0) {
            return Creation.full(x.shape(), 0.0, x.dtype(), x.device());
        }
        if (Double.isInfinite(p)) {
            return Extremes.share(grad, x.abs(), norm, axes, keepdim).mul(x.sign());
        }
        Tensor g = Reductions.expandBack(grad, axes, keepdim, x.shape());
        if (p == 1) {
            return g.mul(x.sign());
        }
        Tensor y = Reductions.expandBack(norm, axes, keepdim, x.shape());
        ElementwiseOp op = p == 2 ? EUCLIDEAN_BACKWARD : p < 2 ? SMALL_BACKWARD : LARGE_BACKWARD;
        return Elementwise.apply(op, new Object[] {g, x, y}, Scalar.of(p));
    }

    /** {@code log(sum(e^x))} over dimensions, without overflow. */
    public static Tensor logsumexp(Tensor t, int[] dims, boolean keepdim) {
        Checks.floating("logsumexp", t);
        int[] axes = Reductions.axes("logsumexp", dims, t.dim());
        Tensor result = logsumexpRaw(t, axes, keepdim);
        return Tape.attachWithResult(
                "LogsumexpBackward0", result, new Tensor[] {t}, new Tensor[] {t}, (g, s, needed) -> new Tensor[] {
                    Elementwise.apply(LOGSUMEXP_BACKWARD, new Object[] {
                        Reductions.expandBack(g[0], axes, keepdim, s[0].shape()),
                        s[0],
                        Reductions.expandBack(s[1], axes, keepdim, s[0].shape())
                    })
                });
    }

    private static Tensor logsumexpRaw(Tensor t, int[] axes, boolean keepdim) {
        Operand in = Access.operand(t);
        DType c = t.dtype().compute();
        if (t.numel() == 0) {
            return LOG_SUM.run(new Operand[] {in, in}, axes, keepdim, c, t.dtype());
        }
        try (Tape.Pause off = Tape.paused();
                Tensor max = EXTREME.run(new Operand[] {in}, axes, true, c, c);
                Tensor log = LOG_SUM.run(new Operand[] {in, Axes.wide(max, t.shape())}, axes, keepdim, c, c)) {
            Operand m = Access.operand(max);
            try (Tensor fitted =
                            Access.alias(m.with(m.layout().view(log.shape()).orElseThrow()));
                    Tensor sum = log.add(fitted)) {
                return sum.dtype() == t.dtype() ? Access.alias(Access.operand(sum)) : sum.to(t.dtype());
            }
        }
    }

    /** The distances of all pairs of rows. */
    public static Tensor cdist(Tensor a, Tensor b, double p) {
        Checks.floating("cdist", a);
        Checks.floating("cdist", b);
        Checks.shape(
                a.dim() >= 2 && b.dim() >= 2 && a.size(-1) == b.size(-1),
                "cdist",
                "expected at least two dimensions and rows of one size, got shapes " + a.shape() + " and " + b.shape());
        Checks.value(p >= 0, "cdist", "expected p >= 0, got " + p);
        return norm(a.unsqueeze(-2).sub(b.unsqueeze(-3)), p, new int[] {-1}, false);
    }
}
