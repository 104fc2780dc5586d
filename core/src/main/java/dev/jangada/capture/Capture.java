package dev.jangada.capture;

import dev.jangada.ops.Executor;
import java.util.Objects;
import java.util.function.Supplier;

/** Whole programs of tensor operations as one plan. */
public final class Capture {
    private Capture() {}

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
