package dev.jangada.ops;

import static dev.jangada.ops.ElementwiseOp.Result.SAME;

import dev.jangada.Generator;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;

/**
 * Activation functions: each an expression in one line, with the subgradient that PyTorch takes at its kinks.
 */
public final class Activations {
    private static final double SELU_ALPHA = 1.6732632423543772848170429916717;
    private static final double SELU_SCALE = 1.0507009873554804934193349852946;

    /** Parameter the slope; the slope at 0. */
    private static final ElementwiseOp LEAKY_RELU = ElementwiseOp.of(
            "LeakyRelu",
            1,
            1,
            SAME,
            (x, p) -> Expr.select(x[0].gt(0), x[0], x[0].mul(p[0])),
            (g, x, y, p) -> Expr.select(x[0].gt(0), g, g.mul(p[0])));

    /** Parameters: factor of the negative side, of the positive side, within the exponential; the negative side at 0. */
    private static final ElementwiseOp ELU = ElementwiseOp.of(
            "Elu",
            1,
            3,
            SAME,
            (x, p) -> Expr.select(x[0].le(0), x[0].mul(p[2]).expm1().mul(p[0]), x[0].mul(p[1])),
            (g, x, y, p) -> Expr.select(
                    x[0].le(0), g.mul(p[2].mul(p[0])).mul(x[0].mul(p[2]).exp()), g.mul(p[1])));

    private static final ElementwiseOp GELU = ElementwiseOp.of(
            "Gelu",
            1,
            0,
            SAME,
            (x, p) -> x[0].mul(phi(x[0])),
            (g, x, y, p) -> g.mul(phi(x[0]).add(x[0].mul(density(x[0])))));

    private static final ElementwiseOp GELU_TANH = ElementwiseOp.of(
            "Gelu", 1, 0, SAME, (x, p) -> x[0].mul(0.5).mul(cubic(x[0]).tanh().add(1)), (g, x, y, p) -> {
                Expr t = cubic(x[0]).tanh();
                Expr slope = x[0].square().mul(3 * 0.044715).add(1).mul(Math.sqrt(2 / Math.PI));
                Expr right = x[0].mul(0.5).mul(t.square().neg().add(1)).mul(slope);
                return g.mul(t.add(1).mul(0.5).add(right));
            });

    private static final ElementwiseOp SILU =
            ElementwiseOp.of("Silu", 1, 0, SAME, (x, p) -> x[0].mul(x[0].sigmoid()), (g, x, y, p) -> {
                Expr s = x[0].sigmoid();
                return g.mul(s.mul(x[0].mul(s.neg().add(1)).add(1)));
            });

    private static final ElementwiseOp MISH = ElementwiseOp.of(
            "Mish", 1, 0, SAME, (x, p) -> x[0].mul(x[0].exp().log1p().tanh()), (g, x, y, p) -> {
                Expr t = x[0].exp().log1p().tanh();
                return g.mul(t.add(x[0].mul(x[0].sigmoid()).mul(t.square().neg().add(1))));
            });

    /** Parameters beta, and the threshold of {@code beta * x} above which the function is x. */
    private static final ElementwiseOp SOFTPLUS = ElementwiseOp.of(
            "Softplus",
            1,
            2,
            SAME,
            (x, p) -> {
                Expr z = x[0].mul(p[0]);
                return Expr.select(z.gt(p[1]), x[0], z.exp().log1p().div(p[0]));
            },
            (g, x, y, p) -> {
                Expr z = x[0].mul(p[0]);
                return Expr.select(z.gt(p[1]), g, g.mul(z.sigmoid()));
            });

    /** No gradient on the bounds. */
    private static final ElementwiseOp HARDTANH = ElementwiseOp.of(
            "Hardtanh",
            1,
            2,
            SAME,
            (x, p) -> x[0].max(p[0]).min(p[1]),
            (g, x, y, p) -> Expr.select(x[0].le(p[0]).or(x[0].ge(p[1])), zero(g), g));

    private static final ElementwiseOp HARDSIGMOID = ElementwiseOp.of(
            "Hardsigmoid",
            1,
            0,
            SAME,
            (x, p) -> x[0].add(3).max(0).min(6).div(6),
            (g, x, y, p) -> Expr.select(x[0].gt(-3).and(x[0].lt(3)), g.mul((double) (1f / 6f)), zero(g)));

    private static final ElementwiseOp HARDSWISH = ElementwiseOp.of(
            "Hardswish",
            1,
            0,
            SAME,
            (x, p) -> x[0].mul(x[0].add(3).max(0).min(6)).div(6),
            (g, x, y, p) -> Expr.select(
                    x[0].lt(-3),
                    zero(g),
                    Expr.select(x[0].le(3), g.mul(x[0].div(3).add(0.5)), g)));

    private static final ElementwiseOp LOGSIGMOID = ElementwiseOp.of(
            "LogSigmoid",
            1,
            0,
            SAME,
            (x, p) -> x[0].min(0).sub(x[0].abs().neg().exp().log1p()),
            (g, x, y, p) -> g.mul(x[0].neg().sigmoid()));

    private static final ElementwiseOp SOFTSIGN =
            ElementwiseOp.of("Div", 1, 0, SAME, (x, p) -> x[0].div(x[0].abs().add(1)));
    private static final ElementwiseOp TANHSHRINK = ElementwiseOp.of(
            "Sub",
            1,
            0,
            SAME,
            (x, p) -> x[0].sub(x[0].tanh()),
            (g, x, y, p) -> g.mul(x[0].tanh().square()));

    private static final ElementwiseOp SOFTSHRINK = ElementwiseOp.of(
            "Softshrink",
            1,
            1,
            SAME,
            (x, p) -> Expr.select(
                    x[0].gt(p[0]), x[0].sub(p[0]), Expr.select(x[0].lt(p[0].neg()), x[0].add(p[0]), zero(x[0]))),
            (g, x, y, p) -> Expr.select(inside(x[0], p[0]), zero(g), g));

    private static final ElementwiseOp HARDSHRINK = ElementwiseOp.of(
            "Hardshrink",
            1,
            1,
            SAME,
            (x, p) -> Expr.select(inside(x[0], p[0]), zero(x[0]), x[0]),
            (g, x, y, p) -> Expr.select(inside(x[0], p[0]), zero(g), g));

    /** Parameters threshold and value; the value at the threshold. */
    private static final ElementwiseOp THRESHOLD = ElementwiseOp.of(
            "Threshold",
            1,
            2,
            SAME,
            (x, p) -> Expr.select(x[0].le(p[0]), p[1], x[0]),
            (g, x, y, p) -> Expr.select(x[0].le(p[0]), zero(g), g));

    private static final ElementwiseOp PRELU = ElementwiseOp.of(
            "Prelu",
            2,
            0,
            SAME,
            (x, p) -> Expr.select(x[0].gt(0), x[0], x[0].mul(x[1])),
            (g, x, y, p) -> Expr.select(x[0].gt(0), g, g.mul(x[1])),
            (g, x, y, p) -> Expr.select(x[0].gt(0), zero(g), g.mul(x[0])));

    private static final ElementwiseOp GLU = ElementwiseOp.of("Glu", 2, 0, SAME, (x, p) -> x[0].mul(x[1].sigmoid()));

    /** Operands x and whether an element stays; parameter the factor of those that do. */
    private static final ElementwiseOp DROPOUT = ElementwiseOp.withRaw(
            "NativeDropout", 2, 1, SAME, 2, (x, p) -> Expr.select(x[1], x[0].mul(p[0]), zero(x[0])));

    private Activations() {}

    private static Expr zero(Expr like) {
        return Expr.constant(0.0, like.type());
    }

    private static Expr phi(Expr x) {
        return x.mul(Math.sqrt(0.5)).erf().add(1).mul(0.5);
    }

    private static Expr density(Expr x) {
        return x.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
    }

    private static Expr cubic(Expr x) {
        return x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    }

    private static Expr inside(Expr x, Expr lambda) {
        return x.ge(lambda.neg()).and(x.le(lambda));
    }

    private static Tensor apply(String name, ElementwiseOp op, Tensor x, double... params) {
        Checks.floating(name, x);
        Scalar[] p = new Scalar[params.length];
        for (int i = 0; i < p.length; i++) {
            p[i] = Scalar.of(params[i]);
        }
        return Elementwise.apply(op, x, p);
    }

    /** {@code x > 0 ? x : slope * x}. */
    public static Tensor leakyRelu(Tensor x, double slope) {
        return apply("leakyRelu", LEAKY_RELU, x, slope);
    }

    /** {@code x > 0 ? x : alpha * (e^x - 1)}. */
    public static Tensor elu(Tensor x, double alpha) {
        return apply("elu", ELU, x, alpha, 1, 1);
    }

    /** The self-normalizing {@code elu}. */
    public static Tensor selu(Tensor x) {
        return apply("selu", ELU, x, SELU_ALPHA * SELU_SCALE, SELU_SCALE, 1);
    }

    /** {@code x > 0 ? x : alpha * (e^(x / alpha) - 1)}. */
    public static Tensor celu(Tensor x, double alpha) {
        Checks.value(alpha != 0, "celu", "expected an alpha other than 0, got 0");
        return apply("celu", ELU, x, alpha, 1, 1 / alpha);
    }

    /** {@code x * Phi(x)}, or its approximation by tanh. */
    public static Tensor gelu(Tensor x, boolean tanh) {
        return apply("gelu", tanh ? GELU_TANH : GELU, x);
    }

    /** {@code x * sigmoid(x)}. */
    public static Tensor silu(Tensor x) {
        return apply("silu", SILU, x);
    }

    /** {@code x * tanh(softplus(x))}. */
    public static Tensor mish(Tensor x) {
        return apply("mish", MISH, x);
    }

    /** {@code log(1 + e^(beta x)) / beta}, x itself where {@code beta * x} is above the threshold. */
    public static Tensor softplus(Tensor x, double beta, double threshold) {
        return apply("softplus", SOFTPLUS, x, beta, threshold);
    }

    /** x limited to {@code [min, max]}. */
    public static Tensor hardtanh(Tensor x, double min, double max) {
        return apply("hardtanh", HARDTANH, x, min, max);
    }

    /** {@code clamp(x + 3, 0, 6) / 6}. */
    public static Tensor hardsigmoid(Tensor x) {
        return apply("hardsigmoid", HARDSIGMOID, x);
    }

    /** {@code x * clamp(x + 3, 0, 6) / 6}. */
    public static Tensor hardswish(Tensor x) {
        return apply("hardswish", HARDSWISH, x);
    }

    /** {@code log(sigmoid(x))}. */
    public static Tensor logsigmoid(Tensor x) {
        return apply("logsigmoid", LOGSIGMOID, x);
    }

    /** {@code x / (1 + |x|)}. */
    public static Tensor softsign(Tensor x) {
        return apply("softsign", SOFTSIGN, x);
    }

    /** {@code x - tanh(x)}. */
    public static Tensor tanhshrink(Tensor x) {
        return apply("tanhshrink", TANHSHRINK, x);
    }

    /** x moved towards 0 by lambda. */
    public static Tensor softshrink(Tensor x, double lambda) {
        Checks.value(lambda >= 0, "softshrink", "expected lambda >= 0, got " + lambda);
        return apply("softshrink", SOFTSHRINK, x, lambda);
    }

    /** 0 within {@code [-lambda, lambda]}, else x. */
    public static Tensor hardshrink(Tensor x, double lambda) {
        return apply("hardshrink", HARDSHRINK, x, lambda);
    }

    /** {@code x > threshold ? x : value}. */
    public static Tensor threshold(Tensor x, double threshold, double value) {
        return apply("threshold", THRESHOLD, x, threshold, value);
    }

    /** {@code x > 0 ? x : weight * x} with one weight, or one per channel (dimension 1). */
    public static Tensor prelu(Tensor x, Tensor weight) {
        Checks.floating("prelu", x);
        MatrixProducts.sameType("prelu", x, weight);
        long channels = x.dim() < 2 ? 1 : x.size(1);
        Checks.shape(
                weight.dim() <= 1 && (weight.numel() == 1 || weight.numel() == channels),
                "prelu",
                "expected one weight or one for each of " + channels + " channels, got shape " + weight.shape());
        long[] sizes = new long[x.dim()];
        java.util.Arrays.fill(sizes, 1);
        if (weight.numel() > 1) {
            sizes[1] = channels;
        }
        return Elementwise.apply(PRELU, new Object[] {x, weight.reshape(sizes)});
    }

    /** {@code a * sigmoid(b)} of the two halves of a dimension. */
    public static Tensor glu(Tensor x, int dim) {
        int d = Checks.dim("glu", dim, x.dim());
        Checks.shape(
                x.dim() > 0 && x.size(d) % 2 == 0,
                "glu",
                "expected an even size of dimension " + d + ", got shape " + x.shape() + "; it is cut into halves");
        long half = x.size(d) / 2;
        return Elementwise.apply(GLU, new Object[] {x.narrow(d, 0, half), x.narrow(d, half, half)});
    }

    /** Elements set to 0 with probability p, the others divided by 1 - p; the tensor itself unless training. */
    public static Tensor dropout(Tensor x, double p, boolean training, Generator generator) {
        Checks.value(p >= 0 && p <= 1, "dropout", "expected a probability in [0, 1], got " + p);
        if (!training || p == 0 || x.numel() == 0) {
            return x;
        }
        Checks.floating("dropout", x);
        if (p == 1) {
            return x.mul(0.0);
        }
        Tensor stays;
        try (Tape.Pause off = Tape.paused();
                Tensor drawn = Randoms.bernoulli(x, 1 - p, generator)) {
            stays = drawn.to(dev.jangada.DType.BOOL);
        }
        try (Tensor mask = stays) {
            return Elementwise.apply(DROPOUT, new Object[] {x, mask}, Scalar.of(1 / (1 - p)));
        }
    }
}
