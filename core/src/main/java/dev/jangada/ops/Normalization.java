package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;
import java.util.Arrays;

/** Layer, group and instance normalization; statistics are accumulated in float32 or wider. Batch normalization stands beside it. */
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
     * @param bias of the normalized shape, or null
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
                    "expected weight and bias of shape " + Arrays.toString(normalized) + ", got "
                            + (t == null ? "" : t.shape()));
            checkDevice(op, x, t);
        }
        return normalized("NativeLayerNormBackward0", x, from(lead, x.dim()), weight, bias, eps);
    }

    /** Statistics over the channels of each group and all further dimensions; weight and bias, one number per channel, may be null. */
    public static Tensor groupNorm(Tensor x, long groups, Tensor weight, Tensor bias, double eps) {
        String op = "groupNorm";
        checkChannels(op, x, weight, bias);
        long channels = x.size(1);
        Checks.value(groups > 0, op, "expected a number of groups > 0, got " + groups);
        Checks.shape(
                channels % groups == 0,
                op,
                "expected a number of channels that " + groups + " groups divide, got shape " + x.shape());
        Checks.value(
                x.numel() / groups != 1,
                op,
                "expected more than one value per channel, got shape " + x.shape() + " and " + groups + " groups");
        long rest =
                Shape.of(Arrays.copyOfRange(x.shape().toArray(), 2, x.dim())).numel();
        Tensor parts = x.reshape(x.size(0), groups, channels / groups, rest);
        long[] sizes = {1, groups, channels / groups, 1};
        Tensor y = normalized(
                "NativeGroupNormBackward0", parts, new int[] {2, 3}, view(weight, sizes), view(bias, sizes), eps);
        return y.reshape(x.shape().toArray());
    }

    /** Statistics of each channel of each element of the batch; weight and bias, one number per channel, may be null. */
    public static Tensor instanceNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
        String op = "instanceNorm";
        checkChannels(op, x, weight, bias);
        Checks.shape(x.dim() > 2, op, "expected an input of at least 3 dimensions, got shape " + x.shape());
        int[] axes = from(2, x.dim());
        Checks.value(
                Reductions.count(x.shape(), axes) != 1,
                op,
                "expected more than one element per channel, got shape " + x.shape());
        long[] sizes = channelSizes(x);
        return normalized("NativeBatchNormBackward0", x, axes, view(weight, sizes), view(bias, sizes), eps);
    }

    static void checkDevice(String op, Tensor x, Tensor other) {
        if (other != null) {
            Checks.sameDevice(op, Access.operand(x), Access.operand(other));
        }
    }

    /** Requires {@code [N, C, ..]}, and tensors of C elements or null. */
    static void checkChannels(String op, Tensor x, Tensor... perChannel) {
        Checks.floating(op, x);
        Checks.shape(x.dim() >= 2, op, "expected an input of at least 2 dimensions, got shape " + x.shape());
        for (Tensor t : perChannel) {
            Checks.shape(
                    t == null || t.dim() == 1 && t.size(0) == x.size(1),
                    op,
                    "expected one number for each of " + x.size(1) + " channels, got " + (t == null ? "" : t.shape()));
            checkDevice(op, x, t);
        }
    }

    /** The sizes of a tensor with one element per channel, of the input's rank. */
    static long[] channelSizes(Tensor x) {
        long[] sizes = new long[x.dim()];
        Arrays.fill(sizes, 1);
        sizes[1] = x.size(1);
        return sizes;
    }

    static Tensor view(Tensor t, long[] sizes) {
        return t == null ? null : Movement.view(t, sizes);
    }

    private static int[] from(int first, int end) {
        int[] out = new int[end - first];
        Arrays.setAll(out, i -> first + i);
        return out;
    }

    /**
     * {@code (x - mean) / sqrt(var + eps) * weight + bias} with the statistics over some dimensions.
     *
     * @param weight broadcasts to x, or null
     * @param bias broadcasts to x, or null
     */
    static Tensor normalized(String node, Tensor x, int[] axes, Tensor weight, Tensor bias, double eps) {
        DType c = x.dtype().compute();
        Tensor[] statistics = STATISTICS.run(
                new Operand[] {Access.operand(x)},
                axes,
                true,
                c,
                new DType[] {c, c},
                Double.doubleToRawLongBits(Reductions.count(x.shape(), axes)),
                Double.doubleToRawLongBits(eps));
        try (Tensor mean = statistics[0];
                Tensor rstd = statistics[1]) {
            return normalized(node, x, mean, rstd, weight, bias, axes, eps);
        }
    }

    /** As above with statistics that are at hand. */
    static Tensor normalized(
            String node, Tensor x, Tensor mean, Tensor rstd, Tensor weight, Tensor bias, int[] axes, double eps) {
        Tensor scale =
                weight == null && bias != null ? Creation.full(bias.shape(), 1.0, bias.dtype(), bias.device()) : weight;
        Tensor result;
        try (Tape.Pause off = Tape.paused()) {
            result = forward(x, mean, rstd, scale, bias);
        }
        return record(node, result, x, mean, rstd, scale, bias, axes, eps);
    }

    static Tensor forward(Tensor x, Tensor mean, Tensor rstd, Tensor weight, Tensor bias) {
        DType type = x.dtype();
        if (weight == null) {
            return Elementwise.apply(PLAIN, type, new Object[] {x, mean, rstd});
        }
        return bias == null
                ? Elementwise.apply(WEIGHTED, type, new Object[] {x, mean, rstd, weight})
                : Elementwise.apply(AFFINE, type, new Object[] {x, mean, rstd, weight, bias});
    }

    private static Tensor record(
            String node,
            Tensor result,
            Tensor x,
            Tensor mean,
            Tensor rstd,
            Tensor weight,
            Tensor bias,
            int[] axes,
            double eps) {
        boolean weighted = weight != null;
        Tensor[] inputs =
                !weighted ? new Tensor[] {x} : bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias};
        Tensor[] save = weighted ? new Tensor[] {x, mean, rstd, weight} : new Tensor[] {x, mean, rstd};
        Shape biasShape = bias == null ? null : bias.shape();
        return Tape.attach(node, result, inputs, save, (g, s, needed) -> {
            Tensor w = weighted ? s[3] : null;
            Tensor[] stats = {s[1], s[2]};
            if (Tape.needed(g[0]) || Tape.needed(s)) {
                stats = again(s[0], axes, eps);
            }
            Tensor[] out = new Tensor[needed.length];
            out[0] = needed[0] ? inputGradient(g[0], s[0], stats[0], stats[1], w, axes) : null;
            if (needed.length > 1 && needed[1]) {
                out[1] = weightGradient(g[0], s[0], stats[0], stats[1], w.shape());
            }
            if (needed.length > 2 && needed[2]) {
                out[2] = Shapes.sumTo(g[0], biasShape);
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

    /** The gradient of a weight that was broadcast: the sum of gradient times normalized x over the dimensions where it was. */
    static Tensor weightGradient(Tensor g, Tensor x, Tensor mean, Tensor rstd, Shape weight) {
        int lead = x.dim() - weight.rank();
        int[] axes = new int[x.dim()];
        int n = 0;
        for (int i = 0; i < axes.length; i++) {
            if (i < lead || weight.size(i - lead) != x.size(i)) {
                axes[n++] = i;
            }
        }
        if (Tape.needed(g, x) || n == 0) {
            return Shapes.sumTo(g.mul(x.sub(mean).mul(rstd)).to(g.dtype()), weight);
        }
        Tensor sum = SUM_NORMALIZED.run(
                wide(x.shape(), g, x, mean, rstd),
                Arrays.copyOf(axes, n),
                false,
                x.dtype().compute(),
                g.dtype());
        return sum.reshape(weight.toArray());
    }
}
