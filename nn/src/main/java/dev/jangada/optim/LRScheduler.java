package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import java.util.Map;

/**
 * Changes the learning rates of an optimiser with time; {@link #step()} is called once per epoch (or per batch, as one likes), after the
 * optimiser's own steps.
 *
 * <pre>{@code
 * var scheduler = new StepLR(optimizer, 30, 0.1);
 * for (int epoch = 0; epoch < 100; epoch++) {
 *     train(model, optimizer);
 *     scheduler.step();
 * }
 * }</pre>
 *
 * <p>A schedule only sets {@link Optimizer.Group#setLr}: a number, which no kernel or plan depends on. Several schedulers of one optimiser
 * multiply their effects. Their first learning rate is set when they are made.
 *
 * <p>Source: {@code torch.optim.lr_scheduler}. {@link ReduceLROnPlateau} follows a measured value and so is no such scheduler.
 */
public interface LRScheduler {
    /** Sets the learning rates of the next epoch. */
    void step();

    /** Returns the learning rates last set, one per group. */
    double[] lastLr();

    /**
     * Returns where in its course the schedule is. Its settings are those of its constructor, the present learning rates are in the state of
     * the optimiser.
     */
    Map<String, Tensor> stateDict();

    /**
     * Takes over a state of {@link #stateDict()}; load that of the optimiser too. Nothing is changed if an exception is thrown.
     *
     * @param state as {@link #stateDict()} returned it
     * @throws ArgumentException if it is that of another scheduler or of another number of groups
     */
    void loadStateDict(Map<String, Tensor> state);
}
