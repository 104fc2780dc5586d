package dev.jangada.nn;

import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.nn.init.Init;
import dev.jangada.ops.Checks;
import dev.jangada.ops.Recurrence;
import dev.jangada.ops.SequenceSteps;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What {@link RNN}, {@link GRU} and {@link LSTM} have in common: weights, layers, directions, shapes of inputs and states. */
abstract class RecurrentModule extends Module {
    private final Recurrence.Kind kind;
    private final long inputSize;
    private final long hiddenSize;
    private final long projSize;
    private final RecurrentOptions options;
    /** The weights of each layer and direction, directions of a layer behind each other. */
    private final List<List<Tensor>> weights = new ArrayList<>();

    /**
     * Results for packed sequences.
     *
     * @param output the hidden states of the last layer, packed
     * @param states the last states of all layers and directions, {@code [layers * directions, batch, size]}
     */
    record Packed(PackedSequence output, List<Tensor> states) {}

    /**
     * Results for padded sequences.
     *
     * @param output the hidden states of the last layer, shaped as the input
     * @param states the last states of all layers and directions
     */
    record Padded(Tensor output, List<Tensor> states) {}

    RecurrentModule(Recurrence.Kind kind, long inputSize, long hiddenSize, long projSize, RecurrentOptions options) {
        this.kind = kind;
        this.inputSize = inputSize;
        this.hiddenSize = hiddenSize;
        this.projSize = projSize;
        this.options = Objects.requireNonNull(options, "options is null");
        String op = op();
        Checks.value(
                inputSize > 0 && hiddenSize > 0,
                op,
                "expected sizes > 0, got inputSize " + inputSize + " and hiddenSize " + hiddenSize);
        Checks.value(options.numLayers() > 0, op, "expected at least one layer, got " + options.numLayers());
        Checks.value(
                options.dropout() >= 0 && options.dropout() <= 1,
                op,
                "expected a dropout probability in [0, 1], got " + options.dropout());
        Checks.value(
                projSize >= 0 && projSize < hiddenSize,
                op,
                "expected 0 <= projSize < hiddenSize, got projSize " + projSize + " and hiddenSize " + hiddenSize);
        for (int layer = 0; layer < options.numLayers(); layer++) {
            for (int direction = 0; direction < directions(); direction++) {
                weights.add(makeWeights(layer, direction == 0 ? "" : "_reverse"));
            }
        }
        resetParameters();
    }

    private List<Tensor> makeWeights(int layer, String suffix) {
        String end = "_l" + layer + suffix;
        long rows = kind.gates() * hiddenSize;
        long columns = layer == 0 ? inputSize : outputSize() * directions();
        List<Tensor> out = new ArrayList<>();
        out.add(parameter("weight_ih" + end, Tensor.empty(rows, columns)));
        out.add(parameter("weight_hh" + end, Tensor.empty(rows, outputSize())));
        if (options.bias()) {
            out.add(parameter("bias_ih" + end, Tensor.empty(rows)));
            out.add(parameter("bias_hh" + end, Tensor.empty(rows)));
        }
        if (projSize > 0) {
            out.add(parameter("weight_hr" + end, Tensor.empty(projSize, hiddenSize)));
        }
        return out;
    }

    /** Draws all weights and biases anew, uniform in {@code [-1/sqrt(hiddenSize), 1/sqrt(hiddenSize)]}, from the global generator. */
    public final void resetParameters() {
        double bound = 1 / Math.sqrt(hiddenSize);
        weights.forEach(all -> all.forEach(w -> Init.uniform_(w, -bound, bound)));
    }

    final String op() {
        return getClass().getSimpleName();
    }

    /** Returns the number of features of an input. */
    public final long inputSize() {
        return inputSize;
    }

    /** Returns the number of features of the hidden state before a projection. */
    public final long hiddenSize() {
        return hiddenSize;
    }

    /** Returns the settings. */
    public final RecurrentOptions options() {
        return options;
    }

    private int directions() {
        return options.bidirectional() ? 2 : 1;
    }

    private long outputSize() {
        return projSize > 0 ? projSize : hiddenSize;
    }

    // ---- padded input

    /** Runs sequences of one length; without initial states they are zeros. */
    final Padded run(Tensor input, List<Tensor> initial) {
        checkInput(input);
        boolean batched = input.dim() == 3;
        int time = batched && options.batchFirst() ? 1 : 0;
        long length = input.size(time);
        long batch = batched ? input.size(1 - time) : 1;
        List<Tensor> states = initial;
        if (!batched) {
            checkStates(initial, 2, batch);
            states = initial.stream().map(s -> s.unsqueeze(1)).toList();
        }
        checkStates(states, 3, batch);
        Tensor rows = (time == 1 ? input.transpose(0, 1) : input).reshape(length * batch, inputSize);
        List<Tensor> last = new ArrayList<>();
        Tensor y = layers(rows, states, last, batch, reverse -> SequenceSteps.uniform(length, batch, reverse));
        if (!batched) {
            return new Padded(y, last.stream().map(s -> s.squeeze(1)).toList());
        }
        Tensor output = y.view(length, batch, y.size(1));
        return new Padded(time == 1 ? output.transpose(0, 1) : output, last);
    }

    private void checkInput(Tensor input) {
        if (input.dim() != 2 && input.dim() != 3) {
            String batched = options.batchFirst() ? "[batch, time, " : "[time, batch, ";
            Checks.shape(
                    false,
                    op(),
                    "expected an input " + batched + inputSize + "] or, without a batch, [time, " + inputSize
                            + "], got shape " + input.shape());
        }
        checkFeatures(input);
        if (input.numel() == 0) {
            Checks.shape(
                    false,
                    op(),
                    "expected at least one sequence of at least one element, got shape " + input.shape()
                            + "; leave empty batches out");
        }
    }

    private void checkFeatures(Tensor input) {
        if (input.size(-1) != inputSize) {
            Checks.shape(
                    false,
                    op(),
                    "expected inputSize " + inputSize + " features in the last dimension, got shape " + input.shape()
                            + "; transpose it, or make the layer for them");
        }
    }

    /** Requires states {@code [layers and directions, batch, features]}, of rank 2 without the batch. */
    private void checkStates(List<Tensor> states, int rank, long batch) {
        for (int i = 0; i < states.size(); i++) {
            long size = i == 0 ? outputSize() : hiddenSize;
            Shape expected = rank == 3 ? Shape.of(weights.size(), batch, size) : Shape.of(weights.size(), size);
            if (!states.get(i).shape().equals(expected)) {
                Checks.shape(
                        false,
                        op(),
                        "expected initial state " + (i == 0 ? "h" : "c") + " of shape " + expected
                                + (rank == 3 ? " (layers and directions, batch, features)" : "") + ", got "
                                + states.get(i).shape());
            }
        }
    }

    // ---- packed input

    /** Runs packed sequences; initial and last states are in the order of the sequences before packing. */
    final Packed run(PackedSequence input, List<Tensor> initial) {
        Checks.shape(
                input.data().dim() == 2,
                op(),
                "expected packed sequences of vectors, data [rows, " + inputSize + "], got shape "
                        + input.data().shape());
        checkFeatures(input.data());
        long[] sizes = input.batchSizes();
        checkStates(initial, 3, sizes[0]);
        List<Tensor> states = input.sortedIndices()
                .map(order -> initial.stream().map(s -> s.indexSelect(1, order)).toList())
                .orElse(initial);
        List<Tensor> sorted = new ArrayList<>();
        Tensor y = layers(input.data(), states, sorted, sizes[0], reverse -> SequenceSteps.of(sizes, reverse));
        List<Tensor> last = input.unsortedIndices()
                .map(order -> sorted.stream().map(s -> s.indexSelect(1, order)).toList())
                .orElse(sorted);
        return new Packed(input.with(y), last);
    }

    // ---- the layers

    private interface StepsFor {
        SequenceSteps direction(boolean reverse);
    }

    /** Runs all layers over rows and adds the last states to a list. */
    private Tensor layers(Tensor rows, List<Tensor> initial, List<Tensor> last, long batch, StepsFor steps) {
        List<List<Tensor>> ends = new ArrayList<>();
        Tensor x = rows;
        for (int layer = 0; layer < options.numLayers(); layer++) {
            Tensor[] outputs = new Tensor[directions()];
            for (int d = 0; d < outputs.length; d++) {
                int number = layer * outputs.length + d;
                List<Tensor> states = new ArrayList<>();
                for (int i = 0; i < kind.states(); i++) {
                    states.add(
                            initial.isEmpty()
                                    ? zeros(x, i, batch)
                                    : initial.get(i).select(0, number));
                }
                Tensor[] made = Recurrence.run(op(), kind, steps.direction(d == 1), x, states, weights.get(number));
                outputs[d] = made[0];
                ends.add(List.of(made).subList(1, made.length));
            }
            x = outputs.length == 1 ? outputs[0] : Tensor.cat(1, outputs);
            if (layer < options.numLayers() - 1) {
                x = Functional.dropout(x, options.dropout(), isTraining());
            }
        }
        for (int i = 0; i < kind.states(); i++) {
            int state = i;
            last.add(
                    ends.size() == 1
                            ? ends.get(0).get(i).unsqueeze(0)
                            : Tensor.stack(ends.stream().map(e -> e.get(state)).toList(), 0));
        }
        return x;
    }

    private Tensor zeros(Tensor like, int state, long batch) {
        return Tensor.zeros(like.dtype(), like.device(), batch, state == 0 ? outputSize() : hiddenSize);
    }

    @Override
    protected String extraRepr() {
        return inputSize + ", " + hiddenSize + (projSize > 0 ? ", proj_size=" + projSize : "")
                + (options.numLayers() > 1 ? ", num_layers=" + options.numLayers() : "")
                + (options.bias() ? "" : ", bias=False")
                + (options.batchFirst() ? ", batch_first=True" : "")
                + (options.dropout() > 0 ? ", dropout=" + number(options.dropout()) : "")
                + (options.bidirectional() ? ", bidirectional=True" : "");
    }

    private static String number(double value) {
        return value == 1 ? "1" : String.valueOf(value);
    }
}
