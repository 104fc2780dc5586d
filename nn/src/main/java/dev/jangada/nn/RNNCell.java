package dev.jangada.nn;

import dev.jangada.Tensor;
import java.util.List;

/**
 * One step of an {@link RNN} layer.
 *
 * <p>Shapes: input {@code [batch, inputSize]} or {@code [inputSize]}, state {@code [batch, hiddenSize]} or {@code [hiddenSize]}. Parameters
 * {@code weight_ih}, {@code weight_hh}, {@code bias_ih}, {@code bias_hh} as those of a layer. Source: {@code torch.nn.RNNCell}.
 */
public final class RNNCell extends RecurrentCellModule {
    private final String nonlinearity;

    /** Creates a cell with biases and tanh. */
    public RNNCell(long inputSize, long hiddenSize) {
        this(inputSize, hiddenSize, true, "tanh");
    }

    /**
     * Creates a cell.
     *
     * @param nonlinearity {@code tanh} or {@code relu}
     * @throws dev.jangada.ArgumentException if a size is not above 0, or the nonlinearity another
     */
    public RNNCell(long inputSize, long hiddenSize, boolean bias, String nonlinearity) {
        super(RNN.kind("RNNCell", nonlinearity), inputSize, hiddenSize, bias);
        this.nonlinearity = nonlinearity;
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

    @Override
    protected String extraRepr() {
        return super.extraRepr() + (nonlinearity.equals("tanh") ? "" : ", nonlinearity=" + nonlinearity);
    }
}
