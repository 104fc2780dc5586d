package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceOp;
import java.util.List;

/**
 * Softmax and its logarithm along one dimension: largest value, sum of {@code e^(x - max)}, one map.
 *
 * <p>Sums are accumulated in float32 or wider.
 */
public final class Softmax {
    private static final int TYPES = DType.values().length;
    private static final ReductionOp LARGEST = ReductionOp.of("softmaxMax", ReduceOp.MAX, 0, (x, p) -> x[0]);
    private static final ReductionOp SUM_EXP = ReductionOp.of(
            "softmaxSum", ReduceOp.SUM, 0, (x, p) -> x[0].sub(x[1]).exp());
    private static final ReductionOp LOG_SUM_EXP = ReductionOp.of(
            "logSoftmaxSum", ReduceOp.SUM, 0, (x, p) -> x[0].sub(x[1]).exp(), (r, p) -> new Expr[] {r[0].log()});
    private static final ReductionOp SUM = ReductionOp.of("softmaxBackwardSum", ReduceOp.SUM, 0, (x, p) -> x[0]);
    private static final ReductionOp SUM_PRODUCT =
            ReductionOp.of("softmaxBackwardSum", ReduceOp.SUM, 0, (x, p) -> x[0].mul(x[1]));
    private static final MapKernel[] SOFTMAX = new MapKernel[TYPES];
    private static final MapKernel[] LOG_SOFTMAX = new MapKernel[TYPES];
    private static final MapKernel[] SOFTMAX_BACKWARD = new MapKernel[TYPES];
    private static final MapKernel[] LOG_SOFTMAX_BACKWARD = new MapKernel[TYPES];

    static {
        for (DType t : DType.values()) {
            if (!t.isFloatingPoint()) {
                continue;
            }
            DType c = t.compute();
            Expr x = Expr.input(0, t).cast(c);
            Expr y = Expr.input(1, t).cast(c);
            Expr max = Expr.input(1, c);
            Expr sum = Expr.input(2, c);
            List<DType> forward = List.of(t, c, c);
            SOFTMAX[t.ordinal()] =
                    kernel("softmax", forward, x.sub(max).exp().div(sum).cast(t));
            LOG_SOFTMAX[t.ordinal()] =
                    kernel("logSoftmax", forward, x.sub(max).sub(sum).cast(t));
            List<DType> backward = List.of(t, t, c);
            SOFTMAX_BACKWARD[t.ordinal()] =
                    kernel("softmaxBackward", backward, x.sub(sum).mul(y).cast(t));
            LOG_SOFTMAX_BACKWARD[t.ordinal()] = kernel(
                    "logSoftmaxBackward", backward, x.sub(y.exp().mul(sum)).cast(t));
        }
    }

    private Softmax() {}

    private static MapKernel kernel(String name, List<DType> inputs, Expr out) {
        return new MapKernel(name, Program.of(inputs, List.of(), out));
    }

    /** {@code e^x / sum(e^x)} along a dimension. */
    public static Tensor softmax(Tensor t, int dim) {
        int d = Checks.dim("softmax", dim, t.dim());
        Checks.floating("softmax", t);
        Tensor out = forward(t, d, SUM_EXP, SOFTMAX);
        return Tape.attachWithResult("SoftmaxBackward0", out, new Tensor[] {t}, new Tensor[0], (g, s, n) ->
                new Tensor[] {softmaxBackward(g[0], s[0], d)});
    }

    /** {@code x - log(sum(e^x))} along a dimension. */
    public static Tensor logSoftmax(Tensor t, int dim) {
        int d = Checks.dim("logSoftmax", dim, t.dim());
        Checks.floating("logSoftmax", t);
        Tensor out = forward(t, d, LOG_SUM_EXP, LOG_SOFTMAX);
        return Tape.attachWithResult("LogSoftmaxBackward0", out, new Tensor[] {t}, new Tensor[0], (g, s, n) ->
                new Tensor[] {logSoftmaxBackward(g[0], s[0], d)});
    }

    private static Tensor forward(Tensor t, int d, ReductionOp sum, MapKernel[] last) {
        Operand in = Access.operand(t);
        DType c = t.dtype().compute();
        Operand out =
                Executor.current().allocate(t.dtype(), t.shape(), in.storage().backend());
        Tensor result = Access.wrap(out);
        if (t.numel() == 0) {
            return result;
        }
        Operand x = Axes.atLeast1d(in);
        Shape shape = x.layout().shape();
        int[] axes = {d};
        try (Tensor max = LARGEST.run(new Operand[] {x}, axes, true, c, c)) {
            Operand m = Axes.wide(max, shape);
            try (Tensor total = sum.run(new Operand[] {x, m}, axes, true, c, c)) {
                map(last[t.dtype().ordinal()], out, x, m, Axes.wide(total, shape));
            }
        }
        return result;
    }

    private static void map(MapKernel kernel, Operand out, Operand... ins) {
        Executor.current().map(kernel, new Operand[] {Axes.atLeast1d(out)}, ins, new long[0]);
    }

    private static Tensor softmaxBackward(Tensor g, Tensor y, int d) {
        if (Tape.needed(g, y)) {
            return y.mul(g.sub(g.mul(y).sum(new int[] {d}, true)));
        }
        return backward(g, y, d, SUM_PRODUCT, SOFTMAX_BACKWARD);
    }

    private static Tensor logSoftmaxBackward(Tensor g, Tensor y, int d) {
        if (Tape.needed(g, y)) {
            return g.sub(y.exp().mul(g.sum(new int[] {d}, true)));
        }
        return backward(g, y, d, SUM, LOG_SOFTMAX_BACKWARD);
    }

    private static Tensor backward(Tensor grad, Tensor y, int d, ReductionOp sum, MapKernel[] last) {
        Operand g = Axes.atLeast1d(Access.operand(grad));
        Operand saved = Axes.atLeast1d(Access.operand(y));
        DType type = grad.dtype();
        DType c = type.compute();
        Operand out =
                Executor.current().allocate(type, grad.shape(), g.storage().backend());
        Tensor result = Access.wrap(out);
        Operand[] summed = sum == SUM ? new Operand[] {g} : new Operand[] {g, saved};
        try (Tensor total = sum.run(summed, new int[] {d}, true, c, c)) {
            map(last[type.ordinal()], out, g, saved, Axes.wide(total, g.layout().shape()));
        }
        return result;
    }
}
