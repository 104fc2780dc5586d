package dev.jangada.nn;

import dev.jangada.Tensor;
import dev.jangada.ops.Recurrence;
import java.util.List;

/**
 * Long short-term memory: {@code i, f, o = sigmoid(..)}, {@code g = tanh(..)}, {@code c' = f * c + i * g}, {@code h' = o * tanh(c')}, where
 * each {@code ..} is {@code x @ W_i^T + b_i + h @ W_h^T + b_h} with weights of its own.
 *
 * <p>Shapes, with L = layers times directions and H = {@code hiddenSize}: input {@code [time, batch, inputSize]} ({@code [batch, time, ..]}
 * with {@code batchFirst}, {@code [time, inputSize]} without a batch), states {@code [L, batch, H]} (without a batch {@code [L, H]}), output
 * as the input with {@code directions * H} features. With a projection h and the outputs have {@code projSize} features instead of H.
 *
 * <p>Parameters of layer k: {@code weight_ih_lk [4 * H, in]}, {@code weight_hh_lk [4 * H, H]}, {@code bias_ih_lk}, {@code bias_hh_lk} in the
 * order i, f, g, o, {@code weight_hr_lk [projSize, H]}; those of the second direction end in {@code _reverse}. All start uniform in
 * {@code [-1/sqrt(H), 1/sqrt(H)]}.
 *
 * <pre>{@code
 * LSTM lstm = new LSTM(28, 128, RecurrentOptions.DEFAULT.withBatchFirst(true));
 * LSTM.Output y = lstm.forward(images);                // images [batch, 28, 28]
 * Tensor scores = classifier.forward(y.h().select(0, -1));
 * }</pre>
 *
 * <p>The backward pass reads the output: to change it in place before, {@code clone()} it.
 *
 * <p>Source: {@code torch.nn.LSTM}; Hochreiter, Schmidhuber, "Long short-term memory", 1997; projection: Sak et al., arXiv 1402.1128.
 */
public final class LSTM extends RecurrentModule {
    /**
     * Results.
     *
     * @param output the hidden state of the last layer after each step
     * @param h the hidden states of all layers and directions after their last step
     * @param c the cell states of all layers and directions after their last step
     */
    public record Output(Tensor output, Tensor h, Tensor c) {}

    /**
     * Results for packed sequences.
     *
     * @param output the hidden state of the last layer after each step, packed
     * @param h the hidden states of all layers and directions after the last step of each sequence
     * @param c the cell states of all layers and directions after the last step of each sequence
     */
    public record PackedOutput(PackedSequence output, Tensor h, Tensor c) {}

    /** Creates one layer with biases, time first. */
    public LSTM(long inputSize, long hiddenSize) {
        this(inputSize, hiddenSize, RecurrentOptions.DEFAULT);
    }

    /** Creates layers without projection. */
    public LSTM(long inputSize, long hiddenSize, RecurrentOptions options) {
        this(inputSize, hiddenSize, options, 0);
    }

    /**
     * Creates layers.
     *
     * @param inputSize number of features of an input, above 0
     * @param hiddenSize number of features of the states, above 0
     * @param projSize number of features that h is projected to, below {@code hiddenSize}; 0 for none
     * @throws dev.jangada.ArgumentException if a size or setting is out of range
     */
    public LSTM(long inputSize, long hiddenSize, RecurrentOptions options, long projSize) {
        super(Recurrence.Kind.LSTM, inputSize, hiddenSize, projSize, options);
    }

    /** As {@link #forward(Tensor, Tensor, Tensor)} with initial states of zeros. */
    public Output forward(Tensor input) {
        return output(run(input, List.of()));
    }

    /**
     * Returns the results for sequences of one length; the last states, given to the next call, continue them.
     *
     * @param input the sequences, at least one of at least one element
     * @param h the initial hidden states
     * @param c the initial cell states
     * @throws dev.jangada.ShapeException if a shape is not as the class describes
     * @throws dev.jangada.DTypeException if types differ from those of the weights
     */
    public Output forward(Tensor input, Tensor h, Tensor c) {
        return output(run(input, List.of(h, c)));
    }

    private static Output output(Padded y) {
        return new Output(y.output(), y.states().get(0), y.states().get(1));
    }

    /** As {@link #forward(PackedSequence, Tensor, Tensor)} with initial states of zeros. */
    public PackedOutput forward(PackedSequence input) {
        return output(run(input, List.of()));
    }

    /** As {@link #forward(Tensor, Tensor, Tensor)} for sequences of several lengths. */
    public PackedOutput forward(PackedSequence input, Tensor h, Tensor c) {
        return output(run(input, List.of(h, c)));
    }

    private static PackedOutput output(Packed y) {
        return new PackedOutput(y.output(), y.states().get(0), y.states().get(1));
    }
}
