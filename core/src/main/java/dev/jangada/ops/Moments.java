package dev.jangada.ops;

import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;

/**
 * Variance and standard deviation by Welford's algorithm, in one pass.
 *
 * <p>The divisor is the number of elements less the correction, at least 0: too few elements give NaN.
 */
public final class Moments {
    private static final ReductionOp VAR =
            ReductionOp.of("var", ReduceOp.VARIANCE, 1, (x, p) -> x[0], (r, p) -> new Expr[] {r[0].div(p[0]), r[1]});
    private static final ReductionOp STD = ReductionOp.of("std", ReduceOp.VARIANCE, 1, (x, p) -> x[0], (r, p) ->
            new Expr[] {r[0].div(p[0]).sqrt(), r[1]});
    /** Gradient of the variance from: gradient times 2 / divisor, x, mean. */
    private static final ElementwiseOp BACKWARD =
            ElementwiseOp.of("VarBackward", 3, 0, ElementwiseOp.Result.SAME, (x, p) -> x[0].mul(x[1].sub(x[2])));
    /** Gradient of the variance from that of its root: gradient, root; 0 where the root is. */
    private static final ElementwiseOp ROOT = ElementwiseOp.of(
            "StdBackward",
            2,
            0,
            ElementwiseOp.Result.SAME,
            (x, p) -> Expr.select(x[1].eq(0), Expr.constant(0.0, x[0].type()), x[0].div(x[1].mul(2))));

    private Moments() {}

    /** The variance over dimensions; none mean all. */
    public static Tensor var(Tensor t, int[] dims, long correction, boolean keepdim) {
        return one("var", "VarBackward0", VAR, t, dims, correction, keepdim);
    }

    /** The standard deviation over dimensions; none mean all. */
    public static Tensor std(Tensor t, int[] dims, long correction, boolean keepdim) {
        return one("std", "StdBackward0", STD, t, dims, correction, keepdim);
    }

    private static double divisor(Tensor t, int[] axes, long correction) {
        return Math.max(0, Reductions.count(t.shape(), axes) - correction);
    }

    private static Tensor one(
            String name, String node, ReductionOp op, Tensor t, int[] dims, long correction, boolean keepdim) {
        Checks.floating(name, t);
        int[] axes = Reductions.axes(name, dims, t.dim());
        double divisor = divisor(t, axes, correction);
        Tensor result = op.run(
                new Operand[] {Access.operand(t)},
                axes,
                keepdim,
                t.dtype(),
                t.dtype(),
                Double.doubleToRawLongBits(divisor));
        boolean root = op == STD;
        if (!root) {
            return Tape.attach(node, result, new Tensor[] {t}, new Tensor[] {t}, (g, s, needed) -> new Tensor[] {
                alone(s[0], dims, divisor)
                        ? g[0].mul(Double.POSITIVE_INFINITY).expand(s[0].shape().toArray())
                        : backward(g[0], s[0], axes, keepdim, divisor)
            });
        }
        return Tape.attachWithResult(node, result, new Tensor[] {t}, new Tensor[] {t}, (g, s, needed) ->
                new Tensor[] {backward(ofRoot(g[0], s[1]), s[0], axes, keepdim, divisor)});
    }

    /** Whether all elements are one: its gradient is infinite as in PyTorch, while a dimension of one element gives NaN. */
    private static boolean alone(Tensor x, int[] dims, double divisor) {
        return (dims.length == 0 || x.dim() == 0) && divisor == 0 && x.numel() == 1;
    }

    private static Tensor ofRoot(Tensor g, Tensor std) {
        return Elementwise.apply(ROOT, new Object[] {g, std});
    }

    private static Tensor backward(Tensor g, Tensor x, int[] axes, boolean keepdim, double divisor) {
        Tensor scaled = Reductions.expandBack(g.mul(2 / divisor), axes, keepdim, x.shape());
        Tensor mean = Reductions.mean(x, axes, true, x.dtype());
        return Elementwise.apply(BACKWARD, new Object[] {scaled, x, mean});
    }

    /** Variance and mean over dimensions. */
    public static Tensor[] varMean(Tensor t, int[] dims, long correction, boolean keepdim) {
        return two("varMean", "VarMeanBackward0", VAR, t, dims, correction, keepdim);
    }

    /** Standard deviation and mean over dimensions. */
    public static Tensor[] stdMean(Tensor t, int[] dims, long correction, boolean keepdim) {
        return two("stdMean", "StdMeanBackward0", STD, t, dims, correction, keepdim);
    }

    private static Tensor[] two(
            String name, String node, ReductionOp op, Tensor t, int[] dims, long correction, boolean keepdim) {
        Checks.floating(name, t);
        int[] axes = Reductions.axes(name, dims, t.dim());
        double divisor = divisor(t, axes, correction);
        Tensor[] results = op.run(
                new Operand[] {Access.operand(t)},
                axes,
                keepdim,
                t.dtype(),
                new dev.jangada.DType[] {t.dtype(), t.dtype()},
                Double.doubleToRawLongBits(divisor));
        boolean root = op == STD;
        Shape from = t.shape();
        double n = Reductions.count(from, axes);
        return Tape.attachAll(node, results, new Tensor[] {t}, new Tensor[] {t}, (g, s, needed) -> {
            Tensor ofMean = g[1] == null ? null : Reductions.expandBack(g[1].div(n), axes, keepdim, from);
            if (g[0] == null) {
                return new Tensor[] {ofMean};
            }
            Tensor ofVar = g[0];
            if (root) {
                ofVar = ofRoot(g[0], std(s[0], axes, correction, keepdim));
            }
            Tensor grad = !root && alone(s[0], dims, divisor)
                    ? ofVar.mul(Double.POSITIVE_INFINITY).expand(from.toArray())
                    : backward(ofVar, s[0], axes, keepdim, divisor);
            return new Tensor[] {ofMean == null ? grad : grad.add(ofMean)};
        });
    }
}
