package dev.jangada.ops;

import dev.jangada.Tensor;

/** What one kind of recurrent layer computes; {@link Recurrence} does what is common to all. */
interface RecurrentCell {
    /**
     * Results of the forward pass.
     *
     * @param output the hidden state after each step, all rows
     * @param last the states of each sequence after its last step
     * @param saved what the backward pass reads
     */
    record Forward(Tensor output, Tensor[] last, Tensor[] saved) {}

    /**
     * Gradients of the quantities from which those of the inputs follow by matrix products.
     *
     * @param input gradient of {@code x @ inputWeight^T + inputBias}, all rows
     * @param hidden gradient of {@code h @ hiddenWeight^T + hiddenBias}, all rows; the same tensor where both are only added
     * @param before the hidden state before each step, all rows
     * @param states gradients of the initial states
     */
    record Backward(Tensor input, Tensor hidden, Tensor before, Tensor[] states) {}

    /** Returns the name of the node. */
    String node();

    /** Returns the number of gates: how many times the hidden size the weights have as rows. */
    int gates();

    /** Returns whether {@link #forward} wants both biases added to the input's part. */
    boolean addsBiases();

    /**
     * Returns the new states of one step, composed of differentiable operations.
     *
     * @param input the input's part of the gates
     * @param hidden the hidden state's part of the gates
     */
    Tensor[] step(Tensor input, Tensor hidden, Tensor[] states);

    /**
     * Computes all steps, without recording.
     *
     * @param gates the input's part of the gates, all rows; may be overwritten
     * @param weight of the hidden state
     * @param bias of the hidden state; null if there is none, or if it was added to the input's part
     */
    Forward forward(SequenceSteps steps, Tensor gates, Tensor[] states, Tensor weight, Tensor bias);

    /**
     * Goes back through all steps, without recording.
     *
     * @param output gradient of the output, all rows, or null for zeros
     * @param last gradients of the last states, each null for zeros
     * @param saved what {@link #forward} saved
     * @param weight of the hidden state
     */
    Backward backward(SequenceSteps steps, Tensor output, Tensor[] last, Tensor[] saved, Tensor weight);
}
