package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.AutogradException;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.ops.Executor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

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
 * gradient is left alone. Most optimisers are a {@link FusedOptimizer}.
 *
 * <p>Source: {@code torch.optim.Optimizer}.
 *
 * @param <O> the options
 */
public abstract class Optimizer<O extends Optimizer.Options<O>> {
    /** Settings that every optimiser has: a public record of numbers and booleans, which checks them when it is made. */
    public interface Options<O> {
        /** Returns the learning rate. */
        double lr();

        /** Returns a copy with another learning rate. */
        O withLr(double lr);
    }

    /** Settings with a momentum, which {@link OneCycleLR} and {@link CyclicLR} move against the learning rate; in Adam it is beta1. */
    public interface MomentumOptions<O> extends Options<O> {
        /** Returns the share of the former steps. */
        double momentum();

        /** Returns a copy with another momentum. */
        O withMomentum(double momentum);
    }

    /** Parameters that share options. */
    public static final class Group<O extends Options<O>> {
        private final List<Tensor> parameters;
        private O options;
        private double firstLr = Double.NaN;

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
            requireEager("setOptions");
            this.options = Objects.requireNonNull(options, "options is null");
        }

        private static void requireEager(String op) {
            Executor.requireEager(op, "options that change", "step a schedule after the run, which sees the new value");
        }

        /** Returns the learning rate. */
        public double lr() {
            return options.lr();
        }

        /** Replaces the learning rate from the next step on. */
        public void setLr(double lr) {
            requireEager("setLr");
            options = options.withLr(lr);
        }

        /** Returns the learning rate before any schedule changed it, which is noted at the first call. */
        double firstLr() {
            if (Double.isNaN(firstLr)) {
                firstLr = options.lr();
            }
            return firstLr;
        }

        /** Tells whether the options are {@link MomentumOptions}. */
        public boolean hasMomentum() {
            return options instanceof MomentumOptions<?>;
        }

        /**
         * Returns the momentum.
         *
         * @throws ArgumentException if the options have none
         */
        public double momentum() {
            return momentumOptions().momentum();
        }

        /**
         * Replaces the momentum from the next step on.
         *
         * @throws ArgumentException if the options have none
         */
        public void setMomentum(double momentum) {
            requireEager("setMomentum");
            options = momentumOptions().withMomentum(momentum);
        }

        @SuppressWarnings("unchecked") // O is the type of the record itself, so a copy of its options is an O
        private MomentumOptions<O> momentumOptions() {
            if (!hasMomentum()) {
                throw new ArgumentException("[momentum] expected an optimiser with momentum or beta1, got the options "
                        + options + "; use SGD, RMSprop or Adam, or leave the momentum alone");
            }
            return (MomentumOptions<O>) options;
        }
    }

    private final List<Group<O>> groups = new ArrayList<>();
    private final List<Tensor> known = new ArrayList<>();

    /**
     * Creates an optimiser with one group of parameters; see {@link #addGroup}.
     *
     * @throws dev.jangada.CaptureException if a captured function does it, whose later runs would go on with its state
     */
    protected Optimizer(List<Tensor> parameters, O options) {
        Executor.requireEager(name(), "an optimiser made", "make it before, and change it by the function");
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
        Executor.requireEager("addGroup", "parameters added", "add them before");
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

    final String name() {
        return getClass().getSimpleName();
    }

    /** Returns the parameters of all groups, in order. */
    final List<Tensor> parameters() {
        return known;
    }

    /** Returns the groups, in the order in which they were added. */
    public List<Group<O>> groups() {
        return Collections.unmodifiableList(groups);
    }

    /** Returns the learning rate of the first group. */
    public double lr() {
        return groups.get(0).lr();
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
    public abstract void step();

    /**
     * Computes the loss and its gradients by a function, then changes the parameters.
     *
     * @param closure drops the old gradients, computes the loss, calls {@code backward()} and returns the loss
     * @return the loss before the step
     */
    public Tensor step(Supplier<Tensor> closure) {
        Tensor loss = called(closure);
        step();
        return loss;
    }

    static Tensor called(Supplier<Tensor> closure) {
        try (Autograd.Mode on = Autograd.enableGrad()) {
            return closure.get();
        }
    }

    // ---- state

    /**
     * Returns all that is needed to go on as if nothing had happened: the options of the groups, step counts, and the tensors remembered of
     * each parameter, under names such as {@code Adam.groups.0.lr} and {@code Adam.state.2.exp_avg} (of the third parameter, counted through
     * all groups).
     *
     * <p>Tensors of the state share memory with the optimiser, as those of a module do: save or clone them before the next step. Numbers are
     * tensors without dimensions, made by this call.
     *
     * <p>{@code dev.jangada.train.Checkpoint} writes it to a file, together with the model and the schedule.
     *
     * <p>Source: {@code torch.optim.Optimizer.state_dict}.
     */
    public final Map<String, Tensor> stateDict() {
        Map<String, Tensor> out = new LinkedHashMap<>();
        for (int i = 0; i < groups.size(); i++) {
            String prefix = groupPrefix(i);
            out.put(
                    prefix + "parameters",
                    StateDict.tensor(groups.get(i).parameters.size()));
            RecordValues.of(groups.get(i).options).forEach((name, value) -> out.put(prefix + name, value));
        }
        saveState(out);
        return out;
    }

    /**
     * Takes over a state: options, step counts and copies of the tensors, converted to the type and device of the parameters. Nothing is
     * changed if an exception is thrown. Values are read, so it waits for the device.
     *
     * <p>Source: {@code torch.optim.Optimizer.load_state_dict}.
     *
     * @param state as {@link #stateDict()} returned it, of an optimiser of this class with the same groups
     * @throws ArgumentException if the names, the numbers of parameters or the shapes are others; the message lists what differs
     */
    public final void loadStateDict(Map<String, Tensor> state) {
        StateDict.Reader reader = new StateDict.Reader(name(), state);
        List<O> options = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            String prefix = groupPrefix(i);
            Group<O> group = groups.get(i);
            double count = reader.number(prefix + "parameters");
            reader.require(
                    count == group.parameters.size(),
                    "a group of " + (long) count + " parameters instead of " + group.parameters.size());
            options.add(RecordValues.read(group.options, name -> option(reader, prefix + name)));
        }
        Runnable load = loadState(reader, options);
        reader.finish();
        for (int i = 0; i < groups.size(); i++) {
            groups.get(i).options = options.get(i);
        }
        load.run();
    }

    private static double option(StateDict.Reader reader, String name) {
        double value = reader.number(name);
        reader.require(!Double.isNaN(value) || !reader.has(name), "NaN for " + name);
        return value;
    }

    private String groupPrefix(int i) {
        return name() + ".groups." + i + ".";
    }

    /** Returns the start of the names of what is remembered of a parameter. */
    final String statePrefix(int parameter) {
        return name() + ".state." + parameter + ".";
    }

    /** Adds what is remembered of the parameters. */
    abstract void saveState(Map<String, Tensor> out);

    /** Reads what {@link #saveState} wrote; the result takes it over once all has been found right. */
    abstract Runnable loadState(StateDict.Reader reader, List<O> options);

    static void require(boolean ok, String optimizer, String what, double value) {
        if (!ok) {
            throw new ArgumentException(
                    "[" + optimizer + "] expected " + what + ", got " + value + "; pass another value");
        }
    }
}
