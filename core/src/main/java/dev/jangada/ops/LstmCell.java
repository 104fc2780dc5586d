package dev.jangada.ops;

import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;

/**
 * Long short-term memory: {@code i, f, o = sigmoid(..)}, {@code g = tanh(..)}, {@code c' = f * c + i * g}, {@code h' = o * tanh(c')}.
 *
 * <p>A step is one product that adds to the input's part of the gates where it lies, and one kernel. The gates stay, after their functions,
 * for the backward pass, which computes {@code tanh(c')} again. Source: Hochreiter, Schmidhuber, "Long short-term memory", 1997.
 */
final class LstmCell implements RecurrentCell {
    static final LstmCell INSTANCE = new LstmCell();

    /** Gates i, f, g, o and the old c; gives the gates after their functions, c and h. */
    private static final MapKernel[] FORWARD = RecurrentKernels.of("lstmCell", 5, x -> {
        Expr i = x[0].sigmoid();
        Expr f = x[1].sigmoid();
        Expr g = x[2].tanh();
        Expr o = x[3].sigmoid();
        Expr c = f.mul(x[4]).add(i.mul(g));
        return new Expr[] {i, f, g, o, c, o.mul(c.tanh())};
    });

    /** Gradients of h from outside and from the next step, that of c, gates i, f, g, o, old c, new c; gives those of the gates and of the old c. */
    private static final MapKernel[] BACKWARD = RecurrentKernels.of("lstmCellBackward", 9, x -> {
        Expr i = x[3];
        Expr f = x[4];
        Expr g = x[5];
        Expr o = x[6];
        Expr h = x[0].add(x[1]);
        Expr squashed = x[8].tanh();
        Expr c = x[2].add(h.mul(o).mul(RecurrentKernels.tanhSlope(squashed)));
        return new Expr[] {
            c.mul(g).mul(RecurrentKernels.sigmoidSlope(i)),
            c.mul(x[7]).mul(RecurrentKernels.sigmoidSlope(f)),
            c.mul(i).mul(RecurrentKernels.tanhSlope(g)),
            h.mul(squashed).mul(RecurrentKernels.sigmoidSlope(o)),
            c.mul(f)
        };
    });

    private LstmCell() {}

    @Override
    public String node() {
        return "LstmBackward0";
    }

    @Override
    public int gates() {
        return 4;
    }

    @Override
    public boolean addsBiases() {
        return true;
    }

    @Override
    public Tensor[] step(Tensor input, Tensor hidden, Tensor[] states) {
        Tensor[] gate = input.add(hidden).chunk(4, 1);
        Tensor c = gate[1].sigmoid().mul(states[1]).add(gate[0].sigmoid().mul(gate[2].tanh()));
        return new Tensor[] {gate[3].sigmoid().mul(c.tanh()), c};
    }

    @Override
    public Forward forward(SequenceSteps steps, Tensor gates, Tensor[] states, Tensor weight, Tensor bias) {
        StateTrace h = StateTrace.start(steps, states[0]);
        StateTrace c = StateTrace.start(steps, states[1]);
        Operand all = Access.operand(gates);
        Operand recurrent = RecurrentKernels.transposed(weight);
        for (int i = 0; i < steps.count(); i++) {
            int t = steps.step(i);
            Operand now = steps.block(all, t);
            RecurrentKernels.product(now, h.enter(t), recurrent, 1);
            Operand[] g = RecurrentKernels.gates(now, 4);
            Operand[] outs = {g[0], g[1], g[2], g[3], c.result(t), h.result(t)};
            RecurrentKernels.run(FORWARD, outs, g[0], g[1], g[2], g[3], c.enter(t));
            h.leave(t);
            c.leave(t);
        }
        Tensor[] saved = {gates, h.before(), c.before(), c.after()};
        return new Forward(h.after(), new Tensor[] {h.last(), c.last()}, saved);
    }

    @Override
    public Backward backward(SequenceSteps steps, Tensor output, Tensor[] last, Tensor[] saved, Tensor weight) {
        Tensor gates = saved[0];
        long hidden = weight.size(1);
        Tensor change = RecurrentKernels.matrix(gates, steps.rows(), 4 * hidden);
        Tensor h = RecurrentKernels.gradient(last[0], gates, steps.batch(), hidden);
        Tensor c = RecurrentKernels.gradient(last[1], gates, steps.batch(), hidden);
        Operand out = RecurrentKernels.gradientRows(output, gates, steps.rows(), hidden);
        for (int i = steps.count() - 1; i >= 0; i--) {
            int t = steps.step(i);
            Operand now = steps.block(Access.operand(change), t);
            Operand hNow = steps.active(Access.operand(h), t);
            Operand cNow = steps.active(Access.operand(c), t);
            Operand[] d = RecurrentKernels.gates(now, 4);
            Operand[] g = RecurrentKernels.gates(steps.block(Access.operand(gates), t), 4);
            Operand old = steps.block(Access.operand(saved[2]), t);
            Operand made = steps.block(Access.operand(saved[3]), t);
            Operand[] outs = {d[0], d[1], d[2], d[3], cNow};
            RecurrentKernels.run(BACKWARD, outs, steps.block(out, t), hNow, cNow, g[0], g[1], g[2], g[3], old, made);
            RecurrentKernels.product(hNow, now, Access.operand(weight), 0);
        }
        return new Backward(change, change, saved[1], new Tensor[] {h, c});
    }
}
