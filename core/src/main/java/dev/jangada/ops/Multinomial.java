package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Generator;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.ReduceOp;

/** Samples of class numbers by their weights. */
public final class Multinomial {
    private static final String OP = "multinomial";

    /** How many partial sums are not above a number. */
    private static final ReductionOp COUNT =
            ReductionOp.of(OP, ReduceOp.SUM, 0, (x, p) -> x[0].le(x[1]).cast(DType.INT64));

    private Multinomial() {}

    /**
     * Class numbers, int64, drawn by weights {@code [K]} or {@code [N, K]}, which need not add up to 1.
     *
     * <p>With replacement a uniform number is looked up in the partial sums; without, the classes of the largest {@code weight / e} win with
     * exponentially distributed numbers e.
     */
    public static Tensor multinomial(Tensor weights, long samples, boolean replacement, Generator g) {
        Checks.floating(OP, weights);
        Checks.shape(
                (weights.dim() == 1 || weights.dim() == 2) && weights.size(-1) > 0,
                OP,
                "expected weights [K] or [N, K] of at least one class, got shape " + weights.shape());
        long classes = weights.size(-1);
        Checks.value(
                samples > 0 && (replacement || samples <= classes),
                OP,
                "expected a number of samples from 1" + (replacement ? "" : " to " + classes) + ", got " + samples
                        + (replacement ? "" : "; or draw with replacement"));
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor w = weights.to(DType.FLOAT64);
            checkWeights(w, replacement ? 1 : samples);
            if (!replacement) {
                Tensor keys = w.div(Randoms.exponentialInPlace(Creation.emptyLike(w, DType.FLOAT64), 1, g));
                return scope.keep(keys.topk(Math.toIntExact(samples)).indices());
            }
            Tensor sums = w.cumsum(-1);
            long[] sizes = sums.shape().toArray();
            sizes[sizes.length - 1] = samples;
            Tensor drawn = Randoms.rand(g, DType.FLOAT64, w.device(), sizes).mul(sums.narrow(-1, classes - 1, 1));
            Tensor row = sums.unsqueeze(-2);
            Tensor column = drawn.unsqueeze(-1);
            Shape all = Shape.broadcast(OP, row.shape(), column.shape()); // (N, samples, K)
            Operand[] ins = {Axes.wide(row, all), Axes.wide(column, all)};
            return scope.keep(COUNT.run(ins, new int[] {all.rank() - 1}, false, DType.FLOAT64, DType.INT64));
        }
    }

    private static void checkWeights(Tensor w, long least) {
        if (w.numel() == 0 || Executor.current().isTracing()) {
            return;
        }
        Checks.value(
                w.ge(0L).logicalAnd(w.lt(Double.POSITIVE_INFINITY)).all().itemBoolean(),
                OP,
                "expected finite weights >= 0, got a negative, infinite or NaN one");
        Checks.value(
                w.gt(0L)
                        .to(DType.INT64)
                        .sum(new int[] {-1}, false)
                        .ge(least)
                        .all()
                        .itemBoolean(),
                OP,
                "expected at least " + least + " classes of a weight above 0 in each row, got fewer");
    }
}
