package dev.jangada.ops;

import dev.jangada.Tensor;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;

/**
 * The plain recurrent layer: {@code h' = tanh(..)} or {@code relu(..)}. A step is one product with the function as its epilogue.
 *
 * <p>Source: Elman, "Finding structure in time", 1990.
 */
final class ElmanCell implements RecurrentCell {
    static final ElmanCell TANH = new ElmanCell(
            "RnnTanhBackward0",
            RecurrentKernels.of("rnnTanh", 2, x -> new Expr[] {x[0].add(x[1]).tanh()}),
            RecurrentKernels.of("rnnTanhBackward", 3, x ->
                    new Expr[] {x[0].add(x[1]).mul(RecurrentKernels.tanhSlope(x[2]))}));
    /** The gradient is 0 at 0. */
    static final ElmanCell RELU = new ElmanCell(
            "RnnReluBackward0",
            RecurrentKernels.of("rnnRelu", 2, x -> new Expr[] {x[0].add(x[1]).max(0)}),
            RecurrentKernels.of("rnnReluBackward", 3, x ->
                    new Expr[] {Expr.select(x[2].gt(0), x[0].add(x[1]), Expr.constant(0.0, x[2].type()))}));

    private final String node;
    /** From the hidden state's part and the input's part. */
    private final MapKernel[] forward;
    /** From the gradients of h from outside and from the next step, and h. */
    private final MapKernel[] backward;

    private ElmanCell(String node, MapKernel[] forward, MapKernel[] backward) {
        this.node = node;
        this.forward = forward;
        this.backward = backward;
    }

    @Override
    public String node() {
        return node;
    }

    @Override
    public int gates() {
        return 1;
    }

    @Override
    public boolean addsBiases() {
        return true;
    }

    @Override
    public Tensor[] step(Tensor input, Tensor hidden, Tensor[] states) {
        Tensor sum = input.add(hidden);
        return new Tensor[] {this == RELU ? sum.relu() : sum.tanh()};
    }

    @Override
    public Forward forward(SequenceSteps steps, Tensor gates, Tensor[] states, Tensor weight, Tensor bias) {
        StateTrace h = StateTrace.start(steps, states[0]);
        Operand recurrent = RecurrentKernels.transposed(weight);
        for (int i = 0; i < steps.count(); i++) {
            int t = steps.step(i);
            Operand input = steps.block(Access.operand(gates), t);
            RecurrentKernels.product(h.result(t), h.enter(t), recurrent, forward, input);
            h.leave(t);
        }
        return new Forward(h.after(), new Tensor[] {h.last()}, new Tensor[] {h.before(), h.after()});
    }

    @Override
    public Backward backward(SequenceSteps steps, Tensor output, Tensor[] last, Tensor[] saved, Tensor weight) {
        Tensor after = saved[1];
        long features = weight.size(1);
        Tensor change = RecurrentKernels.matrix(after, steps.rows(), features);
        Tensor h = RecurrentKernels.gradient(last[0], after, steps.batch(), features);
        Operand out = RecurrentKernels.gradientRows(output, after, steps.rows(), features);
        for (int i = steps.count() - 1; i >= 0; i--) {
            int t = steps.step(i);
            Operand now = steps.block(Access.operand(change), t);
            Operand hNow = steps.active(Access.operand(h), t);
            Operand made = steps.block(Access.operand(after), t);
            RecurrentKernels.run(backward, new Operand[] {now}, steps.block(out, t), hNow, made);
            RecurrentKernels.product(hNow, now, Access.operand(weight), 0);
        }
        return new Backward(change, change, saved[0], new Tensor[] {h});
    }
}
