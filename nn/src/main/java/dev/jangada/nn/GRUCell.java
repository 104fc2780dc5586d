package dev.jangada.nn;

import dev.jangada.Tensor;
import dev.jangada.ops.Recurrence;
import java.util.List;

/**
 * One step of a {@link GRU} layer.
 *
 * <p>Shapes: input {@code [batch, inputSize]} or {@code [inputSize]}, state {@code [batch, hiddenSize]} or {@code [hiddenSize]}. Parameters
 * {@code weight_ih}, {@code weight_hh}, {@code bias_ih}, {@code bias_hh} as those of a layer. Source: {@code torch.nn.GRUCell}.
 */
public final class GRUCell extends RecurrentCellModule {
    /** Creates a cell with biases. */
    public GRUCell(long inputSize, long hiddenSize) {
        this(inputSize, hiddenSize, true);
    }

    /**
     * Creates a cell.
     *
     * @throws dev.jangada.ArgumentException if a size is not above 0
     */
    public GRUCell(long inputSize, long hiddenSize, boolean bias) {
        super(Recurrence.Kind.GRU, inputSize, hiddenSize, bias);
    }

    /** Returns the hidden state after a first step from zeros. */
    public Tensor forward(Tensor input) {
        return step(input, List.of()).get(0);
    }

    /**
     * Returns the hidden state after a step.
     *
     * @throws dev.jangada.ShapeException if a shape is not as the class describes
     */
    public Tensor forward(Tensor input, Tensor h) {
        return step(input, List.of(h)).get(0);
    }
}
