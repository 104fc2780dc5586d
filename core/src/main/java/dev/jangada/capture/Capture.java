package dev.jangada.capture;

import dev.jangada.Tensor;
import dev.jangada.ops.Executor;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Whole programs of tensor operations as one plan: write a training step as plain Java, and run it without coming back to Java between its
 * kernels.
 *
 * <pre>{@code
 * Captured step = Capture.of(args -> {
 *     Tensor loss = Functional.crossEntropy(model.forward(args.tensor(0)), args.tensor(1));
 *     optimizer.zeroGrad();
 *     loss.backward();
 *     optimizer.step();
 *     return loss;
 * });
 * for (Batch batch : loader) {
 *     step.run(batch.get(0), batch.get(1));
 * }
 * }</pre>
 *
 * <p>What a captured function may do stands at {@link Captured}.
 */
public final class Capture {
    private Capture() {}

    /** Returns a function with one result that runs as one plan. */
    public static Captured of(Function<Arguments, Tensor> function) {
        Objects.requireNonNull(function, "function is null");
        return new Captured(args -> Collections.singletonList(function.apply(args)));
    }

    /** Returns a function with any number of results that runs as one plan. */
    public static Captured all(Function<Arguments, List<Tensor>> function) {
        return new Captured(Objects.requireNonNull(function, "function is null"));
    }

    /**
     * Repeats steps: {@code state = body(state, index)} for {@code index} from 0. In a captured function the body is traced once, and the
     * number of turns and the index are asked for at each run; outside it is an ordinary loop with the same numbers.
     *
     * <pre>{@code
     * Tensor v = Capture.loop(args.count(1), start, (x, i) -> rbm.sampleVisible(rbm.sampleHidden(x)));
     * }</pre>
     *
     * <p>Not recorded for gradients. The state is copied before the first turn; every turn keeps its shape and type.
     *
     * @param turns how many, at least 0
     * @param body gets the state and the number of the turn (int64, no dimensions), and returns the new state
     */
    public static Tensor loop(LongSupplier turns, Tensor state, BinaryOperator<Tensor> body) {
        Objects.requireNonNull(body, "body is null");
        return loopAll(turns, List.of(state), (s, i) -> List.of(body.apply(s.get(0), i)))
                .get(0);
    }

    /** As {@link #loop(LongSupplier, Tensor, BinaryOperator)} with a number of turns that a captured function always has. */
    public static Tensor loop(long turns, Tensor state, BinaryOperator<Tensor> body) {
        return loop(() -> turns, state, body);
    }

    /** As {@link #loop(LongSupplier, Tensor, BinaryOperator)} with a state of several tensors. */
    public static List<Tensor> loopAll(
            LongSupplier turns, List<Tensor> state, BiFunction<List<Tensor>, Tensor, List<Tensor>> body) {
        Objects.requireNonNull(turns, "turns is null");
        Objects.requireNonNull(body, "body is null");
        return Loop.run(turns, state, body);
    }

    /**
     * Returns a value that decides what a program computes, such as a training flag or a number of steps: a captured program is traced once
     * for each of its values, and asks for it again at every run. Outside of captured programs it returns the value and does nothing else.
     *
     * <pre>{@code
     * int k = Capture.guard(() -> this.k);
     * }</pre>
     *
     * @param value reads the value; compared by {@code equals}. It must be quick and change nothing.
     */
    public static <T> T guard(Supplier<T> value) {
        return Executor.current().guard(Objects.requireNonNull(value, "value is null"));
    }
}
