package dev.jangada.ops;

import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;

/**
 * Gated recurrent units: {@code r, z = sigmoid(..)}, {@code n = tanh(in + r * hn)}, {@code h' = (1 - z) * n + z * h}, where {@code in} and
 * {@code hn} are the input's and the hidden state's part of the third gate.
 *
 * <p>Source: Cho et al., "Learning phrase representations using RNN encoder-decoder", arXiv 1406.1078.
 */
final class GruCell implements RecurrentCell {
    static final GruCell INSTANCE = new GruCell();

    /** Input's r, z, n, hidden state's r, z, n, old h; gives r, z, n after their functions and h. */
    private static final MapKernel[] FORWARD = RecurrentKernels.of("gruCell", 7, x -> {
        Expr r = x[0].add(x[3]).sigmoid();
        Expr z = x[1].add(x[4]).sigmoid();
        Expr n = x[2].add(r.mul(x[5])).tanh();
        return new Expr[] {r, z, n, n.add(z.mul(x[6].sub(n)))};
    });

    /**
     * Gradients of h from outside and from the next step, r, z, n, hidden state's n, old h; gives the gradients of the input's r, z, n and
     * of the hidden state's r, z, n, and the part of that of the old h that does not go through the gates.
     */
    private static final MapKernel[] BACKWARD = RecurrentKernels.of("gruCellBackward", 7, x -> {
        Expr r = x[2];
        Expr z = x[3];
        Expr n = x[4];
        Expr h = x[0].add(x[1]);
        Expr dn = h.mul(z.neg().add(1)).mul(RecurrentKernels.tanhSlope(n));
        Expr dr = dn.mul(x[5]).mul(RecurrentKernels.sigmoidSlope(r));
        Expr dz = h.mul(x[6].sub(n)).mul(RecurrentKernels.sigmoidSlope(z));
        return new Expr[] {dr, dz, dn, dr, dz, dn.mul(r), h.mul(z)};
    });

    private GruCell() {}

    @Override
    public String node() {
        return "GruBackward0";
    }

    @Override
    public int gates() {
        return 3;
    }

    @Override
    public boolean addsBiases() {
        return false;
    }

    @Override
    public Tensor[] step(Tensor input, Tensor hidden, Tensor[] states) {
        Tensor[] x = input.chunk(3, 1);
        Tensor[] h = hidden.chunk(3, 1);
        Tensor r = x[0].add(h[0]).sigmoid();
        Tensor z = x[1].add(h[1]).sigmoid();
        Tensor n = x[2].add(r.mul(h[2])).tanh();
        return new Tensor[] {n.add(z.mul(states[0].sub(n)))};
    }

    @Override
    public Forward forward(SequenceSteps steps, Tensor gates, Tensor[] states, Tensor weight, Tensor bias) {
        StateTrace h = StateTrace.start(steps, states[0]);
        Tensor hidden = hiddenPart(gates, bias, steps.rows());
        Operand recurrent = RecurrentKernels.transposed(weight);
        for (int i = 0; i < steps.count(); i++) {
            int t = steps.step(i);
            Operand own = steps.block(Access.operand(hidden), t);
            Operand old = h.enter(t);
            RecurrentKernels.product(own, old, recurrent, bias == null ? 0 : 1);
            Operand[] x = RecurrentKernels.gates(steps.block(Access.operand(gates), t), 3);
            Operand[] y = RecurrentKernels.gates(own, 3);
            Operand[] outs = {x[0], x[1], x[2], h.result(t)};
            RecurrentKernels.run(FORWARD, outs, x[0], x[1], x[2], y[0], y[1], y[2], old);
            h.leave(t);
        }
        Tensor[] saved = {gates, hidden, h.before()};
        return new Forward(h.after(), new Tensor[] {h.last()}, saved);
    }

    /** The hidden state's part of the gates before its products are added: the bias in every row. */
    private static Tensor hiddenPart(Tensor gates, Tensor bias, long rows) {
        Tensor out = RecurrentKernels.matrix(gates, rows, gates.size(1));
        if (bias != null) {
            Operand b = Access.operand(bias);
            Copies.raw(Access.operand(out), b.with(b.layout().expand(out.shape())));
        }
        return out;
    }

    @Override
    public Backward backward(SequenceSteps steps, Tensor output, Tensor[] last, Tensor[] saved, Tensor weight) {
        Tensor gates = saved[0];
        long features = weight.size(1);
        long rows = steps.rows();
        Tensor input = RecurrentKernels.matrix(gates, rows, 3 * features);
        Tensor hidden = RecurrentKernels.matrix(gates, rows, 3 * features);
        Tensor h = RecurrentKernels.gradient(last[0], gates, steps.batch(), features);
        Operand out = RecurrentKernels.gradientRows(output, gates, rows, features);
        for (int i = steps.count() - 1; i >= 0; i--) {
            int t = steps.step(i);
            Operand own = steps.block(Access.operand(hidden), t);
            Operand hNow = steps.active(Access.operand(h), t);
            Operand[] x = RecurrentKernels.gates(steps.block(Access.operand(input), t), 3);
            Operand[] y = RecurrentKernels.gates(own, 3);
            Operand[] g = RecurrentKernels.gates(steps.block(Access.operand(gates), t), 3);
            Operand n = RecurrentKernels.gate(steps.block(Access.operand(saved[1]), t), 2, 3);
            Operand old = steps.block(Access.operand(saved[2]), t);
            Operand[] outs = {x[0], x[1], x[2], y[0], y[1], y[2], hNow};
            RecurrentKernels.run(BACKWARD, outs, steps.block(out, t), hNow, g[0], g[1], g[2], n, old);
            RecurrentKernels.product(hNow, own, Access.operand(weight), 1);
        }
        return new Backward(input, hidden, saved[2], new Tensor[] {h});
    }
}
