package dev.jangada.nn;

import dev.jangada.Tensor;
import dev.jangada.ops.Checks;
import dev.jangada.ops.Recurrence;
import java.util.List;

/**
 * Plain recurrent layers: {@code h' = f(x @ W_i^T + b_i + h @ W_h^T + b_h)}, f tanh or ReLU.
 *
 * <p>Shapes, with L = layers times directions and H = {@code hiddenSize}: input {@code [time, batch, inputSize]} ({@code [batch, time, ..]}
 * with {@code batchFirst}, {@code [time, inputSize]} without a batch), states {@code [L, batch, H]} (without a batch {@code [L, H]}), output
 * as the input with {@code directions * H} features.
 *
 * <p>Parameters of layer k: {@code weight_ih_lk [H, in]}, {@code weight_hh_lk [H, H]}, {@code bias_ih_lk}, {@code bias_hh_lk}; those of the
 * second direction end in {@code _reverse}. All start uniform in {@code [-1/sqrt(H), 1/sqrt(H)]}.
 *
 * <p>The backward pass reads the output: to change it in place before, {@code clone()} it.
 *
 * <p>Source: {@code torch.nn.RNN}; Elman, "Finding structure in time", 1990.
 */
public final class RNN extends RecurrentModule {
    /**
     * Results.
     *
     * @param output the hidden state of the last layer after each step
     * @param h the hidden states of all layers and directions after their last step
     */
    public record Output(Tensor output, Tensor h) {}

    /**
     * Results for packed sequences.
     *
     * @param output the hidden state of the last layer after each step, packed
     * @param h the hidden states of all layers and directions after the last step of each sequence
     */
    public record PackedOutput(PackedSequence output, Tensor h) {}

    /** Creates one layer with tanh and biases, time first. */
    public RNN(long inputSize, long hiddenSize) {
        this(inputSize, hiddenSize, RecurrentOptions.DEFAULT);
    }

    /** Creates layers with tanh. */
    public RNN(long inputSize, long hiddenSize, RecurrentOptions options) {
        this(inputSize, hiddenSize, "tanh", options);
    }

    /**
     * Creates layers.
     *
     * @param inputSize number of features of an input, above 0
     * @param hiddenSize number of features of the state, above 0
     * @param nonlinearity {@code tanh} or {@code relu}
     * @throws dev.jangada.ArgumentException if a size or setting is out of range, or the nonlinearity another
     */
    public RNN(long inputSize, long hiddenSize, String nonlinearity, RecurrentOptions options) {
        super(kind("RNN", nonlinearity), inputSize, hiddenSize, 0, options);
    }

    static Recurrence.Kind kind(String op, String nonlinearity) {
        boolean tanh = nonlinearity.equals("tanh");
        Checks.value(
                tanh || nonlinearity.equals("relu"),
                op,
                "expected nonlinearity tanh or relu, got '" + nonlinearity + "'");
        return tanh ? Recurrence.Kind.RNN_TANH : Recurrence.Kind.RNN_RELU;
    }

    /** As {@link #forward(Tensor, Tensor)} with an initial state of zeros. */
    public Output forward(Tensor input) {
        return output(run(input, List.of()));
    }

    /**
     * Returns the results for sequences of one length; the last state, given to the next call, continues them.
     *
     * @param input the sequences, at least one of at least one element
     * @param h the initial hidden states
     * @throws dev.jangada.ShapeException if a shape is not as the class describes
     * @throws dev.jangada.DTypeException if types differ from those of the weights
     */
    public Output forward(Tensor input, Tensor h) {
        return output(run(input, List.of(h)));
    }

    private static Output output(Padded y) {
        return new Output(y.output(), y.states().get(0));
    }

    /** As {@link #forward(PackedSequence, Tensor)} with an initial state of zeros. */
    public PackedOutput forward(PackedSequence input) {
        return output(run(input, List.of()));
    }

    /** As {@link #forward(Tensor, Tensor)} for sequences of several lengths. */
    public PackedOutput forward(PackedSequence input, Tensor h) {
        return output(run(input, List.of(h)));
    }

    private static PackedOutput output(Packed y) {
        return new PackedOutput(y.output(), y.states().get(0));
    }
}
