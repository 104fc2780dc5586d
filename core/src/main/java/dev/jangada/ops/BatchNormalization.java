package dev.jangada.ops;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;

/** Batch normalization: statistics of each channel over the batch and all further dimensions, or given ones; and their running means. */
public final class BatchNormalization {
    private static final String OP = "batchNorm";
    private static final String NODE = "NativeBatchNormBackward0";

    /** Mean, reciprocal standard deviation and unbiased variance; parameters number of elements and eps. */
    private static final ReductionOp STATISTICS =
            ReductionOp.of("batchNormStatistics", ReduceOp.VARIANCE, 2, (x, p) -> x[0], (r, p) ->
                    new Expr[] {r[1], r[0].div(p[0]).add(p[1]).rsqrt(), r[0].div(p[0].sub(1))});

    /** Operands running mean, new value and its share. */
    private static final ElementwiseOp RUNNING = ElementwiseOp.of(
            "BatchNormRunning",
            3,
            0,
            ElementwiseOp.Result.SAME,
            (x, p) -> x[2].mul(x[1]).add(x[2].neg().add(1).mul(x[0])));

    private static final ElementwiseOp RSTD = ElementwiseOp.of(
            "BatchNormRsqrt",
            1,
            1,
            ElementwiseOp.Result.SAME,
            (x, p) -> x[0].add(p[0]).rsqrt());

    private BatchNormalization() {}

    /**
     * {@code (x - mean) / sqrt(var + eps) * weight + bias} per channel.
     *
     * @param runningMean used if not training, else moved towards the mean of the batch; null for none, then runningVar too
     * @param runningVar the same for the variance; it moves towards the unbiased one
     * @param weight one number per channel, or null
     * @param bias one number per channel, or null
     * @param training whether to use the statistics of the batch
     * @param momentum share of the new statistics in the running ones: a {@link Scalar}, or a tensor without dimensions
     */
    public static Tensor batchNorm(
            Tensor x,
            Tensor runningMean,
            Tensor runningVar,
            Tensor weight,
            Tensor bias,
            boolean training,
            Object momentum,
            double eps) {
        Normalization.checkChannels(OP, x, runningMean, runningVar, weight, bias);
        if (runningMean == null != (runningVar == null) || !training && runningMean == null) {
            throw new ArgumentException("[" + OP + "] expected a running mean and a running variance"
                    + (training ? ", or none of both" : " outside of training") + ", got only "
                    + (runningMean == null ? runningVar == null ? "none" : "a variance" : "a mean"));
        }
        long[] sizes = Normalization.channelSizes(x);
        Tensor w = Normalization.view(weight, sizes);
        Tensor b = Normalization.view(bias, sizes);
        if (!training) {
            return given(x, runningMean, runningVar, w, b, sizes, eps);
        }
        long count = x.numel() / Math.max(1, x.size(1));
        Checks.value(
                count != 1,
                OP,
                "expected more than one value per channel in training, got shape " + x.shape()
                        + "; use a larger batch, or eval()");
        if (count == 0) {
            return empty(x, w, b); // no statistics: the running ones stay
        }
        if (runningMean != null) {
            Checks.floating(OP, runningMean); // both before one of them moves
            Checks.floating(OP, runningVar);
            Tape.checkInPlace(OP, runningMean);
            Tape.checkInPlace(OP, runningVar);
        }
        int[] axes = new int[x.dim() - 1];
        for (int i = 1; i < axes.length; i++) {
            axes[i] = i + 1;
        }
        DType c = x.dtype().compute();
        Tensor[] statistics = STATISTICS.run(
                new Operand[] {Access.operand(x)},
                axes,
                true,
                c,
                new DType[] {c, c, c},
                Double.doubleToRawLongBits(count),
                Double.doubleToRawLongBits(eps));
        try (Tensor mean = statistics[0];
                Tensor rstd = statistics[1];
                Tensor var = statistics[2]) {
            Tensor y = Normalization.normalized(NODE, x, mean, rstd, w, b, axes, eps);
            if (runningMean != null) {
                move(runningMean, mean, momentum);
                move(runningVar, var, momentum);
            }
            return y;
        }
    }

    private static void move(Tensor running, Tensor now, Object momentum) {
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor flat = Movement.view(now, running.size(0));
            Elementwise.applyInPlace(OP, RUNNING, new Object[] {running, flat, momentum});
        }
    }

    private static Tensor empty(Tensor x, Tensor w, Tensor b) {
        Tensor y = w == null ? x.clone() : x.mul(w);
        return b == null ? y : y.add(b);
    }

    /** With statistics that are not of the batch, and so without a gradient. */
    private static Tensor given(
            Tensor x, Tensor runningMean, Tensor runningVar, Tensor weight, Tensor bias, long[] sizes, double eps) {
        Tensor scale =
                weight == null && bias != null ? Creation.full(bias.shape(), 1.0, bias.dtype(), bias.device()) : weight;
        Tensor mean;
        Tensor rstd;
        Tensor y;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            // copies, as training between this pass and the backward pass moves the running statistics
            mean = scope.keep(Movement.view(runningMean, sizes).clone());
            rstd = scope.keep(Elementwise.apply(RSTD, Movement.view(runningVar, sizes), Scalar.of(eps)));
            y = scope.keep(Normalization.forward(x, mean, rstd, scale, bias));
        }
        boolean weighted = scale != null;
        Tensor[] inputs =
                !weighted ? new Tensor[] {x} : bias == null ? new Tensor[] {x, scale} : new Tensor[] {x, scale, bias};
        Tensor[] save = weighted ? new Tensor[] {x, mean, rstd, scale} : new Tensor[] {x, mean, rstd};
        Shape biasShape = bias == null ? null : bias.shape();
        return Tape.attach(NODE, y, inputs, save, (g, s, needed) -> {
            Tensor[] out = new Tensor[needed.length];
            if (needed[0]) {
                Tensor factor = weighted ? s[3].mul(s[2]) : s[2];
                out[0] = g[0].mul(factor).to(g[0].dtype());
            }
            if (needed.length > 1 && needed[1]) {
                out[1] = Normalization.weightGradient(g[0], s[0], s[1], s[2], s[3].shape());
            }
            if (needed.length > 2 && needed[2]) {
                out[2] = Shapes.sumTo(g[0], biasShape);
            }
            return out;
        });
    }
}
