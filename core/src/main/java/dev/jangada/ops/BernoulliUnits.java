package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Generator;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceOp;
import java.util.List;

/**
 * Layers of binary random units, as restricted Boltzmann machines have them: {@code p = sigmoid(x @ w + bias)}.
 *
 * <p>What follows the matrix product is its epilogue, so that probabilities and samples each are one kernel with it.
 */
public final class BernoulliUnits {
    private static final int TYPES = DType.values().length;
    private static final MapKernel[] PROBABILITY = new MapKernel[TYPES];
    private static final MapKernel[] SAMPLE = new MapKernel[TYPES];
    private static final MapKernel[] CONDITIONAL_SAMPLE = new MapKernel[TYPES];
    private static final MapKernel[] LOGIT_SAMPLE = new MapKernel[TYPES];

    private static final ElementwiseOp SOFTPLUS_GRADIENT = ElementwiseOp.of(
            "SoftplusSumBackward", 2, 0, ElementwiseOp.Result.SAME, (x, p) -> x[0].mul(x[1].sigmoid()));
    private static final ElementwiseOp CROSS_ENTROPY_GRADIENT = ElementwiseOp.of(
            "LogitCrossEntropySumBackward",
            3,
            0,
            ElementwiseOp.Result.SAME,
            (x, p) -> x[0].mul(x[1].sigmoid().sub(x[2])));
    private static final ReductionOp SOFTPLUS_SUM =
            ReductionOp.of("softplusSum", ReduceOp.SUM, 0, (x, p) -> softplus(x[0]));
    private static final ReductionOp INNER_PRODUCT =
            ReductionOp.of("innerProduct", ReduceOp.SUM, 0, (x, p) -> x[0].mul(x[1]));
    private static final ReductionOp CROSS_ENTROPY_SUM = ReductionOp.of(
            "logitCrossEntropySum", ReduceOp.SUM, 0, (x, p) -> softplus(x[0]).sub(x[0].mul(x[1])));

    static {
        for (DType t : DType.values()) {
            if (t.isFloatingPoint()) {
                DType c = t.compute();
                Expr p = Expr.input(0, t).cast(c).add(Expr.input(1, t).cast(c)).sigmoid();
                PROBABILITY[t.ordinal()] =
                        new MapKernel("probability", Program.of(List.of(t, t), List.of(), p.cast(t)));
                // Rounded before the comparison, so that the sample is that of bernoulli(probability).
                Expr u = Randoms.uniform24(Expr.index()).cast(c);
                Expr sample = u.lt(p.cast(t)).cast(t);
                List<DType> position = List.of(DType.INT64, DType.INT64);
                SAMPLE[t.ordinal()] = new MapKernel("sample", Program.of(List.of(t, t), position, sample));
                Expr ofLogit = u.lt(Expr.input(0, t).cast(c).sigmoid().cast(t)).cast(t);
                LOGIT_SAMPLE[t.ordinal()] = new MapKernel("logitSample", Program.of(List.of(t), position, ofLogit));
                Expr chosen = Expr.select(Expr.input(2, DType.BOOL), Expr.input(3, t), sample);
                CONDITIONAL_SAMPLE[t.ordinal()] =
                        new MapKernel("conditionalSample", Program.of(List.of(t, t, DType.BOOL, t), position, chosen));
            }
        }
    }

    private BernoulliUnits() {}

    /** {@code max(x, 0) + log(1 + e^-|x|)}, which is {@code log(1 + e^x)} without overflow. */
    private static Expr softplus(Expr x) {
        return x.max(0).add(x.abs().neg().exp().log1p());
    }

    /** The probabilities {@code sigmoid(x @ w + bias)}; recorded if need be. */
    public static Tensor probability(Tensor x, Tensor w, Tensor bias) {
        if (Tape.needed(x, w, bias)) {
            return x.matmul(w).add(bias).sigmoid();
        }
        Operand[] extra = {check(x, w, bias)};
        return MatrixProducts.run("probability", x, w, 1, PROBABILITY[x.dtype().ordinal()], extra, new long[0]);
    }

    /** Samples of 0 and 1 with the probabilities {@code sigmoid(x @ w + bias)}; never recorded. */
    public static Tensor sample(Tensor x, Tensor w, Tensor bias, Generator generator) {
        Operand bound = check(x, w, bias);
        Operand[] extra = {bound};
        long[] scalars =
                Randoms.drawn(Executor.current(), generator, bound.layout().numel());
        return MatrixProducts.run("sample", x, w, 1, SAMPLE[x.dtype().ordinal()], extra, scalars);
    }

    /** Samples of 0 and 1 with the probabilities {@code sigmoid(logits)}, those of {@link #sample}; never recorded. */
    public static Tensor sample(Tensor logits, Generator generator) {
        Checks.floating("sample", logits);
        Operand in = Access.operand(logits);
        Executor executor = Executor.current();
        Operand out =
                executor.allocate(logits.dtype(), logits.shape(), in.storage().backend());
        Tensor result = Access.wrap(out);
        long[] scalars = Randoms.drawn(executor, generator, out.layout().numel());
        executor.map(LOGIT_SAMPLE[logits.dtype().ordinal()], new Operand[] {out}, new Operand[] {in}, scalars);
        return result;
    }

    /**
     * As {@link #sample}, but units that are known keep their values; the free ones are the same samples as without known ones.
     *
     * @param known bool, broadcasts to the result; true where the value is known
     * @param values of the type of {@code x}, broadcasts to the result; read where known
     */
    public static Tensor conditionalSample(
            Tensor x, Tensor w, Tensor bias, Tensor known, Tensor values, Generator generator) {
        Operand bound = check(x, w, bias);
        Checks.dtype(
                known.dtype() == DType.BOOL,
                "conditionalSample",
                "expected a bool mask, got " + known.dtype() + "; pass for example mask.ne(0)");
        MatrixProducts.sameType("conditionalSample", x, values);
        Shape shape = bound.layout().shape();
        Operand[] extra = {bound, stretched("mask", known, shape), stretched("tensor of values", values, shape)};
        Checks.sameDevice("conditionalSample", Access.operand(x), bound, extra[1], extra[2]);
        long[] scalars =
                Randoms.drawn(Executor.current(), generator, bound.layout().numel());
        MapKernel kernel = CONDITIONAL_SAMPLE[x.dtype().ordinal()];
        return MatrixProducts.run("conditionalSample", x, w, 1, kernel, extra, scalars);
    }

    private static Operand stretched(String what, Tensor t, Shape shape) {
        Operand o = Access.operand(t);
        Checks.shape(
                Shape.broadcast("sample", shape, t.shape()).equals(shape),
                "sample",
                "expected a " + what + " that broadcasts to the result's shape " + shape + ", got " + t.shape());
        return o.with(o.layout().expand(shape));
    }

    /** Returns the bias, stretched to the shape of the result. */
    private static Operand check(Tensor x, Tensor w, Tensor bias) {
        Checks.floating("sample", x);
        MatrixProducts.check("sample", x, w);
        MatrixProducts.sameType("sample", x, bias);
        Checks.shape(bias.dim() <= 1, "sample", "expected a vector of biases or a scalar, got shape " + bias.shape());
        return stretched("bias", bias, MatrixProducts.resultShape("sample", x, w));
    }

    /** The sum of {@code log(1 + e^x)} over the last dimension. */
    public static Tensor softplusSum(Tensor x) {
        Checks.floating("softplusSum", x);
        Checks.shape(x.dim() > 0, "softplusSum", "expected at least one dimension, got a scalar");
        int[] last = {x.dim() - 1};
        Operand[] in = {Access.operand(x)};
        Tensor result = SOFTPLUS_SUM.run(in, last, false, x.dtype(), x.dtype());
        Tensor[] inputs = {x};
        return Tape.attach("SoftplusSumBackward0", result, inputs, inputs, (g, s, needed) ->
                new Tensor[] {Elementwise.apply(SOFTPLUS_GRADIENT, new Object[] {g[0].unsqueeze(-1), s[0]})});
    }

    /** The inner product of each row {@code x[i]} with a vector: a sum like that of {@link #softplusSum}, which may be one launch with it. */
    public static Tensor innerProducts(Tensor x, Tensor vector) {
        Checks.floating("innerProducts", x);
        MatrixProducts.sameType("innerProducts", x, vector);
        Checks.shape(
                x.dim() > 0 && vector.dim() == 1 && x.size(-1) == vector.size(0),
                "innerProducts",
                "expected a vector as long as the rows, got " + x.shape() + " and " + vector.shape());
        Operand w = Access.operand(vector);
        Operand[] in = {Access.operand(x), w.with(w.layout().expand(x.shape()))};
        Checks.sameDevice("innerProducts", in);
        int[] last = {x.dim() - 1};
        Tensor result = INNER_PRODUCT.run(in, last, false, x.dtype(), x.dtype());
        Tensor[] inputs = {x, vector};
        return Tape.attach("InnerProductsBackward0", result, inputs, inputs, (g, s, needed) -> {
            Tensor wide = g[0].unsqueeze(-1);
            int[] rows = java.util.stream.IntStream.range(0, s[0].dim() - 1).toArray();
            return new Tensor[] {
                needed[0] ? wide.mul(s[1]) : null,
                needed[1] ? (rows.length == 0 ? wide.mul(s[0]) : Reductions.sum(wide.mul(s[0]), rows, false)) : null
            };
        });
    }

    /** The cross-entropy in nats between targets in [0, 1] and {@code sigmoid(logits)}, summed over the last dimension. */
    public static Tensor crossEntropySum(Tensor logits, Tensor target) {
        Checks.floating("crossEntropySum", logits);
        MatrixProducts.sameType("crossEntropySum", logits, target);
        Checks.shape(
                logits.dim() > 0 && logits.shape().equals(target.shape()),
                "crossEntropySum",
                "expected logits and targets of one shape, got " + logits.shape() + " and " + target.shape());
        int[] last = {logits.dim() - 1};
        Operand[] in = {Access.operand(logits), Access.operand(target)};
        Checks.sameDevice("crossEntropySum", in);
        Tensor result = CROSS_ENTROPY_SUM.run(in, last, false, logits.dtype(), logits.dtype());
        Tensor[] inputs = {logits, target};
        return Tape.attach("LogitCrossEntropySumBackward0", result, inputs, inputs, (g, s, needed) -> new Tensor[] {
            needed[0] ? Elementwise.apply(CROSS_ENTROPY_GRADIENT, new Object[] {g[0].unsqueeze(-1), s[0], s[1]}) : null,
            needed[1] ? g[0].unsqueeze(-1).mul(s[0]).neg() : null
        });
    }
}
