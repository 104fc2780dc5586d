package dev.jangada.ops;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.ReduceOp;
import java.util.Arrays;
import java.util.Optional;

/**
 * A loss that is an element-wise expression, then the mean or sum: one reduction forwards, one map per gradient backwards.
 */
public final class PointwiseLoss {
    private final ElementwiseOp op;
    private final ElementwiseOp lost;
    private final ReductionOp reduction;

    private PointwiseLoss(
            String name, int arity, int params, ElementwiseOp.Body body, ElementwiseOp.Gradient... gradients) {
        this.op = ElementwiseOp.of(name, arity, params, ElementwiseOp.Result.SAME, body, gradients);
        this.lost = ElementwiseOp.ofLostResult(name, arity, params, ElementwiseOp.Result.SAME, body, gradients);
        this.reduction = ReductionOp.of(
                name, ReduceOp.SUM, params + 1, (x, p) -> body.apply(x, Arrays.copyOf(p, params)), (r, p) ->
                        new Expr[] {r[0].div(p[params])});
    }

    /**
     * Returns a loss.
     *
     * @param name PyTorch's name of the node without {@code Backward0}
     * @param arity number of tensors
     * @param params number of plain numbers
     * @param gradients one per tensor if they are not to be derived; they must not use the result
     */
    static PointwiseLoss of(
            String name, int arity, int params, ElementwiseOp.Body body, ElementwiseOp.Gradient... gradients) {
        return new PointwiseLoss(name, arity, params, body, gradients);
    }

    /** Requires one of the three reductions. */
    static void checkReduction(String op, String reduction) {
        if (!reduction.equals("mean") && !reduction.equals("sum") && !reduction.equals("none")) {
            throw new ArgumentException("[" + op + "] expected reduction mean, sum or none, got '" + reduction + "'");
        }
    }

    /** Returns the loss of tensors that broadcast. */
    Tensor apply(String reduction, Tensor[] tensors, Scalar... params) {
        if (reduction.equals("none")) {
            return Elementwise.apply(op, tensors, params);
        }
        Shape shape = tensors[0].shape();
        for (Tensor t : tensors) {
            shape = Shape.broadcast(op.name(), shape, t.shape());
        }
        return reduced(shape, reduction.equals("mean") ? shape.numel() : 1, tensors, params);
    }

    /** Returns the sum over all elements divided by {@code divisor}. */
    Tensor reduced(Shape shape, double divisor, Tensor[] tensors, Scalar... params) {
        DType type = Promotion.resultType(tensors, 0);
        Checks.dtype(
                type.isFloatingPoint(), op.name(), "expected floating point tensors, got " + type + "; convert them");
        Operand[] ins = new Operand[tensors.length];
        for (int i = 0; i < ins.length; i++) {
            Operand o = Access.operand(tensors[i]);
            ins[i] = o.with(o.layout().expand(shape));
        }
        Checks.sameDevice(op.name(), ins);
        long[] scalars = new long[params.length + 1];
        for (int i = 0; i < params.length; i++) {
            scalars[i] = Elementwise.bits(params[i], type);
        }
        scalars[params.length] = Double.doubleToRawLongBits(divisor);
        int[] all = Reductions.axes(op.name(), new int[0], shape.rank());
        Tensor result = reduction.run(ins, all, false, type, type, scalars);
        if (!Tape.needed(tensors)) {
            return result;
        }
        return Tape.attach(op.name() + "Backward0", result, tensors, tensors, (g, s, needed) -> {
            Tensor scaled = divisor == 1 ? g[0] : g[0].div(divisor);
            Tensor[] out = new Tensor[s.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = needed[i] ? gradient(i, scaled, s, shape, params) : null;
            }
            return out;
        });
    }

    private Tensor gradient(int i, Tensor g, Tensor[] saved, Shape shape, Scalar[] params) {
        Optional<ElementwiseOp.GradientOp> found = lost.gradients().get(i);
        if (found.isEmpty()) {
            return null;
        }
        ElementwiseOp.GradientOp gradient = found.get();
        Tensor out = g;
        if (!gradient.passes()) {
            Object[] args = new Object[1 + gradient.operands().length];
            args[0] = g;
            for (int k = 1; k < args.length; k++) {
                args[k] = saved[gradient.operands()[k - 1]];
            }
            out = Elementwise.apply(gradient.op(), args, params);
        }
        return out.shape().equals(shape) ? out : out.expand(shape.toArray());
    }
}
