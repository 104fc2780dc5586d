package dev.jangada.nn;

/**
 * Settings of {@link RNN}, {@link GRU} and {@link LSTM}.
 *
 * @param numLayers layers on top of each other, each reading the outputs of the one below; default 1
 * @param bias whether the layers have biases; default true
 * @param batchFirst whether batches are {@code [batch, time, features]} instead of {@code [time, batch, features]}; states are never
 * @param dropout probability with which an output of a layer, except of the last one, is set to 0 in training; default 0
 * @param bidirectional whether a second layer reads each sequence from its end, its outputs behind those of the first; default false
 */
public record RecurrentOptions(int numLayers, boolean bias, boolean batchFirst, double dropout, boolean bidirectional) {
    /** PyTorch's defaults: one layer with biases, time first, no dropout, one direction. */
    public static final RecurrentOptions DEFAULT = new RecurrentOptions(1, true, false, 0, false);

    /** Returns these settings with a number of layers. */
    public RecurrentOptions withNumLayers(int value) {
        return new RecurrentOptions(value, bias, batchFirst, dropout, bidirectional);
    }

    /** Returns these settings with or without biases. */
    public RecurrentOptions withBias(boolean value) {
        return new RecurrentOptions(numLayers, value, batchFirst, dropout, bidirectional);
    }

    /** Returns these settings with batches {@code [batch, time, features]} or {@code [time, batch, features]}. */
    public RecurrentOptions withBatchFirst(boolean value) {
        return new RecurrentOptions(numLayers, bias, value, dropout, bidirectional);
    }

    /** Returns these settings with a probability of dropout between layers. */
    public RecurrentOptions withDropout(double value) {
        return new RecurrentOptions(numLayers, bias, batchFirst, value, bidirectional);
    }

    /** Returns these settings for one or both directions. */
    public RecurrentOptions withBidirectional(boolean value) {
        return new RecurrentOptions(numLayers, bias, batchFirst, dropout, value);
    }
}
