package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;
import java.util.Arrays;

/** Layer normalization; statistics are accumulated in float32 or wider. */
public final class Normalization {
    /** Mean and reciprocal standard deviation; parameters number of elements and eps. */
    private static final ReductionOp STATISTICS =
            ReductionOp.of("layerNormStatistics", ReduceOp.VARIANCE, 2, (x, p) -> x[0], (r, p) ->
                    new Expr[] {r[1], r[0].div(p[0]).add(p[1]).rsqrt()});

    private static final ReductionOp SUM = ReductionOp.of("layerNormSum", ReduceOp.SUM, 0, (x, p) -> x[0]);
    private static final ReductionOp SUM_PRODUCT =
            ReductionOp.of("layerNormSum", ReduceOp.SUM, 0, (x, p) -> x[0].mul(x[1]));
    /** Sum of gradient times normalized x; inputs gradient, x, mean, reciprocal deviation. */
    private static final ReductionOp SUM_NORMALIZED = ReductionOp.of(
            "layerNormSum", ReduceOp.SUM, 0, (x, p) -> x[0].mul(x[1].sub(x[2]).mul(x[3])));
    /** As {@link #SUM_NORMALIZED} with a weight. */
    private static final ReductionOp SUM_WEIGHTED = ReductionOp.of(
            "layerNormSum",
            ReduceOp.SUM,
            0,
            (x, p) -> x[0].mul(x[4]).mul(x[1].sub(x[2]).mul(x[3])));

    private static final ElementwiseOp PLAIN =
            of("NativeLayerNorm", 3, x -> x[0].sub(x[1]).mul(x[2]));
    private static final ElementwiseOp WEIGHTED =
            of("NativeLayerNorm", 4, x -> x[0].sub(x[1]).mul(x[2]).mul(x[3]));
    private static final ElementwiseOp AFFINE =
            of("NativeLayerNorm", 5, x -> x[0].sub(x[1]).mul(x[2]).mul(x[3]).add(x[4]));
    /** Gradient of x from: gradient, x, mean, reciprocal deviation, sum, sum of products, number of elements. */
    private static final ElementwiseOp BACKWARD =
            ElementwiseOp.of("LayerNormBackward", 6, 1, ElementwiseOp.Result.SAME, (x, p) -> gradient(x[0], x, p));

    private static final ElementwiseOp WEIGHTED_BACKWARD = ElementwiseOp.of(
            "LayerNormBackward", 7, 1, ElementwiseOp.Result.SAME, (x, p) -> gradient(x[0].mul(x[6]), x, p));

    private interface Formula {
        Expr apply(Expr[] x);
    }

    private Normalization() {}

    private static ElementwiseOp of(String name, int arity, Formula f) {
        return ElementwiseOp.of(name, arity, 0, ElementwiseOp.Result.SAME, (x, p) -> f.apply(x));
    }

    private static Expr gradient(Expr g, Expr[] x, Expr[] p) {
        Expr normalized = x[1].sub(x[2]).mul(x[3]);
        return x[3].mul(g.sub(x[4].add(normalized.mul(x[5])).div(p[0])));
    }

    /**
     * {@code (x - mean) / sqrt(var + eps) * weight + bias} over the last dimensions.
     *
     * @param weight of the normalized shape, or null
     * @param bias of the normalized shape, or null; only with a weight
     */
    public static Tensor layerNorm(Tensor x, long[] normalized, Tensor weight, Tensor bias, double eps) {
        String op = "layerNorm";
        Checks.floating(op, x);
        int lead = x.dim() - normalized.length;
        Checks.shape(
                normalized.length > 0
                        && lead >= 0
                        && Arrays.equals(
                                normalized, Arrays.copyOfRange(x.shape().toArray(), Math.max(0, lead), x.dim())),
                op,
                "expected an input whose last sizes are " + Arrays.toString(normalized) + ", got shape " + x.shape());
        for (Tensor t : new Tensor[] {weight, bias}) {
            Checks.shape(
                    t == null || t.shape().equals(Shape.of(normalized)),
                    op,
                    "expected weight and bias of shape " + Arrays.toString(normalized));
        }
        int[] axes = new int[normalized.length];
        for (int i = 0; i < axes.length; i++) {
            axes[i] = lead + i;
        }
        double n = Reductions.count(x.shape(), axes);
        DType c = x.dtype().compute();
        Tensor[] statistics = STATISTICS.run(
                new Operand[] {Access.operand(x)},
                axes,
                true,
                c,
                new DType[] {c, c},
                Double.doubleToRawLongBits(n),
                Double.doubleToRawLongBits(eps));
        Tensor scale =
                weight == null && bias != null ? Creation.full(bias.shape(), 1.0, bias.dtype(), bias.device()) : weight;
        try (Tensor mean = statistics[0];
                Tensor rstd = statistics[1]) {
            Tensor result;
            try (Tape.Pause off = Tape.paused()) {
                result = forward(x, mean, rstd, scale, bias);
            }
            return record(result, x, mean, rstd, scale, bias, axes, eps);
        }
    }

    private static Tensor forward(Tensor x, Tensor mean, Tensor rstd, Tensor weight, Tensor bias) {
        DType type = x.dtype();
        if (weight == null) {
            return Elementwise.apply(PLAIN, type, new Object[] {x, mean, rstd});
        }
        return bias == null
                ? Elementwise.apply(WEIGHTED, type, new Object[] {x, mean, rstd, weight})
                : Elementwise.apply(AFFINE, type, new Object[] {x, mean, rstd, weight, bias});
    }

    private static Tensor record(
            Tensor result, Tensor x, Tensor mean, Tensor rstd, Tensor weight, Tensor bias, int[] axes, double eps) {
        boolean weighted = weight != null;
        Tensor[] inputs =
                !weighted ? new Tensor[] {x} : bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias};
        Tensor[] save = weighted ? new Tensor[] {x, mean, rstd, weight} : new Tensor[] {x, mean, rstd};
        int[] rows = new int[axes[0]];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i;
        }
        return Tape.attach("NativeLayerNormBackward0", result, inputs, save, (g, s, needed) -> {
            Tensor w = weighted ? s[3] : null;
            Tensor[] stats = {s[1], s[2]};
            if (Tape.needed(g[0]) || Tape.needed(s)) {
                stats = again(s[0], axes, eps);
            }
            Tensor[] out = new Tensor[needed.length];
            out[0] = needed[0] ? inputGradient(g[0], s[0], stats[0], stats[1], w, axes) : null;
            if (needed.length > 1 && needed[1]) {
                out[1] = weightGradient(g[0], s[0], stats[0], stats[1], rows);
            }
            if (needed.length > 2 && needed[2]) {
                out[2] = rows.length == 0 ? g[0] : g[0].sum(rows, false);
            }
            return out;
        });
    }

    /** The statistics with their history, for derivatives of gradients. */
    private static Tensor[] again(Tensor x, int[] axes, double eps) {
        Tensor mean = Reductions.mean(x, axes, true, x.dtype());
        Tensor var = Moments.var(x, axes, 0, true);
        return new Tensor[] {mean, var.add(eps).rsqrt()};
    }

    private static Operand[] wide(Shape shape, Tensor... tensors) {
        Operand[] out = new Operand[tensors.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Axes.wide(tensors[i], shape);
        }
        return out;
    }

    private static Tensor inputGradient(Tensor g, Tensor x, Tensor mean, Tensor rstd, Tensor w, int[] axes) {
        double n = Reductions.count(x.shape(), axes);
        if (Tape.needed(g, x) || (w != null && Tape.needed(w))) {
            Tensor grad = w == null ? g : g.mul(w);
            Tensor normalized = x.sub(mean).mul(rstd);
            Tensor sums =
                    grad.sum(axes, true).add(normalized.mul(grad.mul(normalized).sum(axes, true)));
            return rstd.mul(grad.sub(sums.div(n)));
        }
        Shape shape = x.shape();
        DType c = x.dtype().compute();
        Tensor sum = w == null
                ? SUM.run(wide(shape, g), axes, true, c, c)
                : SUM_PRODUCT.run(wide(shape, g, w), axes, true, c, c);
        Tensor products = w == null
                ? SUM_NORMALIZED.run(wide(shape, g, x, mean, rstd), axes, true, c, c)
                : SUM_WEIGHTED.run(wide(shape, g, x, mean, rstd, w), axes, true, c, c);
        Object[] operands = w == null
                ? new Object[] {g, x, mean, rstd, sum, products}
                : new Object[] {g, x, mean, rstd, sum, products, w};
        return Elementwise.apply(
                w == null ? BACKWARD : WEIGHTED_BACKWARD, x.dtype(), operands, dev.jangada.Scalar.of(n));
    }

    private static Tensor weightGradient(Tensor g, Tensor x, Tensor mean, Tensor rstd, int[] rows) {
        if (Tape.needed(g, x) || rows.length == 0) {
            Tensor products = g.mul(x.sub(mean).mul(rstd)).to(g.dtype());
            return rows.length == 0 ? products : products.sum(rows, false);
        }
        return SUM_NORMALIZED.run(
                wide(x.shape(), g, x, mean, rstd), rows, false, x.dtype().compute(), g.dtype());
    }
}
