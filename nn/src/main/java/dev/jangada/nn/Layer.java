package dev.jangada.nn;

import dev.jangada.Tensor;

/**
 * A module that turns one tensor into one tensor, so that {@link Sequential} can chain it.
 *
 * <pre>{@code
 * final class Net extends Layer {
 *     private final Linear hidden = module("hidden", new Linear(784, 512));
 *     private final Linear output = module("output", new Linear(512, 10));
 *
 *     @Override
 *     public Tensor forward(Tensor x) {
 *         return output.forward(hidden.forward(x).relu());
 *     }
 * }
 * }</pre>
 *
 * <p>Modules with several inputs or results extend {@link Module} and declare a {@code forward} of their own.
 */
public abstract class Layer extends Module {
    /** Creates a layer without parameters; subclasses register theirs. */
    protected Layer() {}

    /** Returns the result for an input. */
    public abstract Tensor forward(Tensor input);
}
