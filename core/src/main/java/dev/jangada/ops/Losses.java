package dev.jangada.ops;

import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;

/** Element-wise losses: each an expression in one line, fused with its mean or sum. */
public final class Losses {
    private static final PointwiseLoss MSE = PointwiseLoss.of(
            "MseLoss",
            2,
            0,
            (x, p) -> x[0].sub(x[1]).square(),
            (g, x, y, p) -> g.mul(x[0].sub(x[1]).mul(2)),
            (g, x, y, p) -> g.mul(x[1].sub(x[0]).mul(2)));

    private Losses() {}

    private static Tensor apply(String op, PointwiseLoss loss, String reduction, Tensor[] tensors, Scalar... params) {
        PointwiseLoss.checkReduction(op, reduction);
        return loss.apply(reduction, tensors, params);
    }

    /** {@code (x - y)^2}. */
    public static Tensor mse(Tensor x, Tensor y, String reduction) {
        return apply("mseLoss", MSE, reduction, new Tensor[] {x, y});
    }
}
