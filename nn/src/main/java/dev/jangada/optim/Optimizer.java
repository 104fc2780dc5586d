package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.AutogradException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.kernel.Expr;
import dev.jangada.ops.Access;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Changes parameters by their gradients.
 *
 * <pre>{@code
 * var optimizer = new Adam(model.parameters(), 1e-3);
 * optimizer.zeroGrad();
 * loss.backward();
 * optimizer.step();
 * }</pre>
 *
 * <p>Parameters stand in groups, each with its own options; options may change between steps. Whatever an optimiser remembers of a parameter
 * (its <em>state</em>) is made at the parameter's first step, belongs to the optimiser and is closed by no scope. A parameter without a
 * gradient is left alone.
 *
 * <p>Source: {@code torch.optim.Optimizer}.
 *
 * @param <O> the options
 * @param <S> the state of one parameter
 */
public abstract class Optimizer<O extends Optimizer.Options<O>, S> {
    /** Moments below this magnitude become 0: subnormal numbers would make an optimiser many times slower. */
    private static final double SMALLEST_MOMENT = 1e-30;

    /** Settings that every optimiser has. Checked when they are made. */
    public interface Options<O> {
        /** Returns the learning rate. */
        double lr();

        /** Returns a copy with another learning rate. */
        O withLr(double lr);
    }

    /** Parameters that share options. */
    public static final class Group<O extends Options<O>> {
        private final List<Tensor> parameters;
        private O options;

        private Group(List<Tensor> parameters, O options) {
            this.parameters = List.copyOf(parameters);
            this.options = options;
        }

        /** Returns the parameters. */
        public List<Tensor> parameters() {
            return parameters;
        }

        /** Returns the options. */
        public O options() {
            return options;
        }

        /** Replaces the options from the next step on. */
        public void setOptions(O options) {
            this.options = Objects.requireNonNull(options, "options is null");
        }

        /** Replaces the learning rate from the next step on. */
        public void setLr(double lr) {
            options = options.withLr(lr);
        }
    }

    private final List<Group<O>> groups = new ArrayList<>();
    private final Map<Tensor, S> states = new IdentityHashMap<>();
    private final List<Tensor> known = new ArrayList<>();

    /** Creates an optimiser with one group of parameters; see {@link #addGroup}. */
    protected Optimizer(List<Tensor> parameters, O options) {
        if (parameters.isEmpty()) {
            throw new ArgumentException(
                    "[" + name() + "] expected at least one parameter, got none;" + " pass model.parameters()");
        }
        add(parameters, options);
    }

    /**
     * Adds parameters with options of their own.
     *
     * @throws AutogradException if one is not a leaf
     * @throws ArgumentException if one stands in a group already
     */
    public void addGroup(List<Tensor> parameters, O options) {
        add(parameters, options);
    }

    private void add(List<Tensor> parameters, O options) {
        Objects.requireNonNull(options, "options is null");
        List<Tensor> all = new ArrayList<>(known);
        for (Tensor p : parameters) {
            if (!p.isLeaf()) {
                throw new AutogradException(
                        "[" + name() + "] expected parameters that are leaves, got a tensor made by "
                                + p.gradFn().orElseThrow().name() + "; pass the tensor it was computed from");
            }
            if (all.stream().anyMatch(other -> other == p)) {
                throw new ArgumentException("[" + name() + "] expected each parameter once, got one of shape "
                        + p.shape() + " twice; a parameter belongs to one group");
            }
            all.add(p);
        }
        groups.add(new Group<>(parameters, options));
        known.clear();
        known.addAll(all);
    }

    private String name() {
        return getClass().getSimpleName();
    }

    /** Returns the groups, in the order in which they were added. */
    public List<Group<O>> groups() {
        return Collections.unmodifiableList(groups);
    }

    /** Returns the learning rate of the first group. */
    public double lr() {
        return groups.get(0).options().lr();
    }

    /** Replaces the learning rate of every group from the next step on. */
    public void setLr(double lr) {
        groups.forEach(g -> g.setLr(lr));
    }

    /** Drops the gradients of all parameters. */
    public void zeroGrad() {
        zeroGrad(true);
    }

    /**
     * Resets the gradients of all parameters.
     *
     * @param setToNone whether the gradients are dropped; else they stay and become 0
     */
    public void zeroGrad(boolean setToNone) {
        for (Tensor p : known) {
            if (setToNone) {
                p.zeroGrad();
            } else if (p.hasGrad()) {
                try (Tensor grad = p.grad().detach_()) {
                    grad.zero_();
                }
            }
        }
    }

    /** Changes every parameter that has a gradient. */
    public void step() {
        try (Autograd.Mode off = Autograd.noGrad()) {
            for (Group<O> group : groups) {
                for (Tensor p : group.parameters) {
                    if (p.hasGrad()) {
                        try (Tensor grad = p.grad()) {
                            states.put(p, update(p, grad, states.get(p), group.options));
                        }
                    }
                }
            }
        }
    }

    /**
     * Changes one parameter; runs without recording.
     *
     * @param state what was returned at the parameter's last step, null at its first
     * @return the state for the next step
     */
    protected abstract S update(Tensor parameter, Tensor grad, S state, O options);

    /** Returns a new tensor of zeros, of the shape, type and device of a parameter, that no scope closes. */
    static Tensor zerosLike(Tensor parameter) {
        return Access.unscoped(Tensor.zerosLike(parameter));
    }

    /** Returns 0 where a moment is too small to matter. */
    static Expr flushed(Expr moment) {
        return Expr.select(moment.abs().lt(SMALLEST_MOMENT), Expr.constant(0.0, moment.type()), moment);
    }

    static void require(boolean ok, String optimizer, String what, double value) {
        if (!ok) {
            throw new ArgumentException("[" + optimizer + "] expected " + what + ", got " + value);
        }
    }
}
