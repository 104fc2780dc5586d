package dev.jangada.nn;

import dev.jangada.Tensor;
import dev.jangada.ops.Recurrence;
import java.util.List;

/**
 * One step of an {@link LSTM} layer.
 *
 * <p>Shapes: input {@code [batch, inputSize]} or {@code [inputSize]}, states {@code [batch, hiddenSize]} or {@code [hiddenSize]}. Parameters
 * {@code weight_ih}, {@code weight_hh}, {@code bias_ih}, {@code bias_hh} as those of a layer. Source: {@code torch.nn.LSTMCell}.
 */
public final class LSTMCell extends RecurrentCellModule {
    /**
     * The states after a step.
     *
     * @param h hidden state
     * @param c cell state
     */
    public record State(Tensor h, Tensor c) {}

    /** Creates a cell with biases. */
    public LSTMCell(long inputSize, long hiddenSize) {
        this(inputSize, hiddenSize, true);
    }

    /**
     * Creates a cell.
     *
     * @throws dev.jangada.ArgumentException if a size is not above 0
     */
    public LSTMCell(long inputSize, long hiddenSize, boolean bias) {
        super(Recurrence.Kind.LSTM, inputSize, hiddenSize, bias);
    }

    /** Returns the states after a first step from states of zeros. */
    public State forward(Tensor input) {
        return state(step(input, List.of()));
    }

    /**
     * Returns the states after a step.
     *
     * @throws dev.jangada.ShapeException if a shape is not as the class describes
     */
    public State forward(Tensor input, Tensor h, Tensor c) {
        return state(step(input, List.of(h, c)));
    }

    private static State state(List<Tensor> states) {
        return new State(states.get(0), states.get(1));
    }
}
