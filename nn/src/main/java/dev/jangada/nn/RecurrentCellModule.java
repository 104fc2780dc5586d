package dev.jangada.nn;

import dev.jangada.Tensor;
import dev.jangada.nn.init.Init;
import dev.jangada.ops.Checks;
import dev.jangada.ops.Recurrence;
import dev.jangada.ops.SequenceSteps;
import java.util.ArrayList;
import java.util.List;

/** What {@link RNNCell}, {@link GRUCell} and {@link LSTMCell} have in common: weights and one step. */
abstract class RecurrentCellModule extends Module {
    private final Recurrence.Kind kind;
    private final long inputSize;
    private final long hiddenSize;
    private final List<Tensor> weights = new ArrayList<>();

    RecurrentCellModule(Recurrence.Kind kind, long inputSize, long hiddenSize, boolean bias) {
        this.kind = kind;
        this.inputSize = inputSize;
        this.hiddenSize = hiddenSize;
        Checks.value(
                inputSize > 0 && hiddenSize > 0,
                op(),
                "expected sizes > 0, got inputSize " + inputSize + " and hiddenSize " + hiddenSize);
        long rows = kind.gates() * hiddenSize;
        weights.add(parameter("weight_ih", Tensor.empty(rows, inputSize)));
        weights.add(parameter("weight_hh", Tensor.empty(rows, hiddenSize)));
        if (bias) {
            weights.add(parameter("bias_ih", Tensor.empty(rows)));
            weights.add(parameter("bias_hh", Tensor.empty(rows)));
        }
        resetParameters();
    }

    /** Draws all weights and biases anew, uniform in {@code [-1/sqrt(hiddenSize), 1/sqrt(hiddenSize)]}, from the global generator. */
    public final void resetParameters() {
        double bound = 1 / Math.sqrt(hiddenSize);
        weights.forEach(w -> Init.uniform_(w, -bound, bound));
    }

    private String op() {
        return getClass().getSimpleName();
    }

    /** Returns the new states. */
    final List<Tensor> step(Tensor input, List<Tensor> states) {
        int rank = input.dim();
        Checks.shape(
                (rank == 1 || rank == 2) && input.size(-1) == inputSize,
                op(),
                "expected an input [batch, " + inputSize + "] or [" + inputSize + "], got shape " + input.shape());
        Tensor x = rank == 1 ? input.unsqueeze(0) : input;
        long batch = x.size(0);
        Checks.shape(
                batch > 0, op(), "expected at least one row, got shape " + input.shape() + "; leave empty batches out");
        List<Tensor> rows = new ArrayList<>();
        for (Tensor s : states) {
            Checks.shape(
                    s.dim() == rank && s.size(-1) == hiddenSize && (rank == 1 || s.size(0) == batch),
                    op(),
                    "expected a state [" + (rank == 1 ? "" : batch + ", ") + hiddenSize + "], got shape " + s.shape());
            rows.add(rank == 1 ? s.unsqueeze(0) : s);
        }
        while (rows.size() < kind.states()) {
            rows.add(Tensor.zeros(x.dtype(), x.device(), batch, hiddenSize));
        }
        Tensor[] made = Recurrence.run(op(), kind, SequenceSteps.uniform(1, batch, false), x, rows, weights);
        List<Tensor> next = List.of(made).subList(1, made.length);
        return rank == 1 ? next.stream().map(s -> s.squeeze(0)).toList() : next;
    }

    @Override
    protected String extraRepr() {
        return inputSize + ", " + hiddenSize + (weights.size() == 2 ? ", bias=False" : "");
    }
}
