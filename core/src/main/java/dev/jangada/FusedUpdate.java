package dev.jangada;

import dev.jangada.kernel.Expr;
import dev.jangada.ops.UpdateOp;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * An element-wise change of several tensors at once, written by the user as expressions: one kernel that reads everything once and writes
 * everything once. Optimisers are made of it.
 *
 * <pre>{@code
 * static final FusedUpdate MOMENTUM = FusedUpdate.of("momentum", 2, 1, 2, (x, s) -> {
 *     Expr velocity = x[1].mul(s[1]).add(x[2]);
 *     return new Expr[] {x[0].sub(velocity.mul(s[0])), velocity};
 * });
 * MOMENTUM.apply(new Tensor[] {weight, velocity}, new Tensor[] {grad}, lr, 0.9);
 * }</pre>
 *
 * <p>All expressions see the old values. The change is not recorded for gradients: do it within {@code Autograd.noGrad()}. Scalars are
 * run-time values: another value compiles nothing. Keep one object per update, best in a static field.
 */
public final class FusedUpdate {
    /** What is computed for one element. */
    @FunctionalInterface
    public interface Body {
        /**
         * Returns the new values of the changed tensors.
         *
         * @param x the old values of the changed tensors, then the tensors that are only read, all of one type: that of the first tensor,
         *     float32 for half types
         * @param s the scalars, of the same type
         */
        Expr[] apply(Expr[] x, Expr[] s);
    }

    private final UpdateOp op;

    private FusedUpdate(UpdateOp op) {
        this.op = op;
    }

    /**
     * Returns an update.
     *
     * @param name shown in profiles
     * @param changed number of tensors that are changed, at least 1
     * @param read number of tensors that are only read
     * @param scalars number of run-time scalars
     * @param body what is computed for one element; called once per combination of types
     */
    public static FusedUpdate of(String name, int changed, int read, int scalars, Body body) {
        Objects.requireNonNull(body, "body is null");
        if (changed < 1 || read < 0 || scalars < 0) {
            throw new ArgumentException(
                    "[" + name + "] expected at least one changed tensor and no negative numbers, got " + changed + ", "
                            + read + " and " + scalars);
        }
        return new FusedUpdate(new UpdateOp(name, changed, read, scalars, body));
    }

    /**
     * Changes the tensors.
     *
     * @param changed floating point tensors of one shape, each with memory of its own
     * @param read tensors that broadcast to that shape
     * @param scalars run-time values
     * @throws AutogradException if gradients are recorded and one of the tensors requires one
     * @throws ShapeException if the changed tensors differ in shape, or a read one does not broadcast to it
     * @throws DeviceException if the tensors are not on one device
     * @throws ArgumentException if the numbers of arguments are wrong, or changed tensors share memory
     */
    public void apply(Tensor[] changed, Tensor[] read, double... scalars) {
        op.apply(changed, read, scalars);
    }

    /**
     * As {@link #apply(Tensor[], Tensor[], double...)} with scalars that change from step to step, such as those of an optimiser.
     *
     * @param scalars asked after all checks, just before the kernel runs; in a captured program at every run, so that it may count steps
     */
    public void apply(Tensor[] changed, Tensor[] read, Supplier<double[]> scalars) {
        op.apply(changed, read, Objects.requireNonNull(scalars, "scalars is null"), Optional::empty);
    }

    /**
     * As {@link #apply(Tensor[], Tensor[], Supplier)} with scalars whose supplier can be taken back: so a captured program may ask for them
     * before it knows that no kernel will fail, and need not stop in between.
     *
     * @param wayBack returns what brings the state behind the scalars from after their next call back to where it is now
     */
    public void apply(Tensor[] changed, Tensor[] read, Supplier<double[]> scalars, Supplier<Runnable> wayBack) {
        Objects.requireNonNull(wayBack, "wayBack is null");
        op.apply(changed, read, Objects.requireNonNull(scalars, "scalars is null"), () -> Optional.of(wayBack.get()));
    }
}
