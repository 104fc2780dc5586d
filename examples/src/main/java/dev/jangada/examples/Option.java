package dev.jangada.examples;

import java.util.Locale;

/** An option that some programs understand and others don't. */
public enum Option {
    /** How often the training data are gone through. */
    EPOCHS,
    /** How many training steps are made, over all epochs; if epochs are given too, whichever ends first. */
    ITERATIONS,
    /** How many examples a training step sees. */
    BATCH,
    /** The learning rate. */
    LR,
    /** Whether training steps run eagerly or captured. */
    MODE,
    /** The number of Gibbs steps of contrastive divergence. */
    K,
    /** The number of Gibbs steps of a chain that makes samples. */
    STEPS,
    /** Where such a chain starts. */
    START,
    /** A file of weights, instead of training. */
    LOAD,
    /** The folder of the data set. */
    DATA,
    /** The folder that pictures and weights are written to. */
    OUT;

    /** Returns the option as it is written on the command line, such as {@code --epochs}. */
    public String flag() {
        return "--" + name().toLowerCase(Locale.ROOT);
    }
}
