package dev.jangada.optim;

import dev.jangada.DType;
import dev.jangada.DeviceException;
import dev.jangada.FusedUpdate;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.capture.Capture;
import dev.jangada.kernel.Expr;
import dev.jangada.ops.Access;
import dev.jangada.ops.Executor;
import dev.jangada.ops.GradState;
import dev.jangada.ops.Gradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * An optimiser that changes each parameter, and what it remembers of it, by one element-wise kernel.
 *
 * <p>One kernel call per parameter, and not one for all of them: a step of Adam takes 0.7 microseconds per small parameter on the CPU, half
 * of it arithmetic, so that a common call would gain little. A captured program launches them together.
 *
 * <p>A subclass says three things: which kernel its options ask for ({@link #rule}), the run-time numbers of that kernel at a step
 * ({@link #scalars}), and what is remembered of a parameter: tensors of its shape and plain numbers, named in the constructor. Step counts,
 * the order of things and the state dict are here.
 *
 * <pre>{@code
 * public final class SignDescent extends FusedOptimizer<SignDescent.Options> {
 *     private static final Rule RULE = rule("SignDescent", 1, (x, s) -> new Expr[] {x[0].sub(x[1].sign().mul(s[0]))});
 *
 *     public SignDescent(List<Tensor> parameters, Options options) {
 *         super(parameters, options, List.of(), List.of());
 *     }
 *
 *     protected Rule rule(Options o) {
 *         return RULE;
 *     }
 *
 *     protected double[] scalars(Options o, State state) {
 *         return new double[] {o.lr()};
 *     }
 * }
 * }</pre>
 *
 * @param <O> the options
 */
public abstract class FusedOptimizer<O extends Optimizer.Options<O>> extends Optimizer<O> {
    /** Moments below this magnitude become 0: subnormal numbers would make an optimiser many times slower. */
    private static final double SMALLEST_MOMENT = 1e-30;

    /** The kernel for one choice of options, and which of the remembered tensors it changes. */
    protected static final class Rule {
        private final FusedUpdate update;
        private final int[] slots;

        private Rule(FusedUpdate update, int[] slots) {
            this.update = update;
            this.slots = slots;
        }
    }

    /** Choices that rules are numbered by; further ones of an optimiser begin at 4. */
    static final int MAXIMIZE = 1;

    static final int DECAY = 2;

    /** What is remembered of one parameter. */
    protected static final class State {
        private final Tensor[] slots;
        private final double[] numbers;
        private long step;

        private State(int slots, double[] numbers) {
            this.slots = new Tensor[slots];
            this.numbers = numbers;
        }

        /** Returns the number of the step that is being made: 1 at the first one. */
        public long step() {
            return step;
        }

        /** Returns a remembered number. */
        public double number(int i) {
            return numbers[i];
        }

        /** Returns what undoes all steps that are counted from now on. */
        private Runnable wayBack() {
            long before = step;
            double[] values = numbers.clone();
            return () -> {
                step = before;
                System.arraycopy(values, 0, numbers, 0, values.length);
            };
        }

        /** Replaces a remembered number. */
        public void setNumber(int i, double value) {
            numbers[i] = value;
        }
    }

    /** One parameter's part of a step: all is found and allocated before the first parameter changes. */
    private record Change<O extends Options<O>>(
            Group<O> group, Tensor parameter, Tensor grad, Rule rule, State state) {}

    private final List<String> slots;
    private final List<String> numbers;
    private final Map<Tensor, State> states = new IdentityHashMap<>();

    /**
     * Creates an optimiser with one group of parameters.
     *
     * @param slots names of the tensors remembered of a parameter; a rule names them by position
     * @param numbers names of the numbers remembered of a parameter
     */
    protected FusedOptimizer(List<Tensor> parameters, O options, List<String> slots, List<String> numbers) {
        super(parameters, options);
        this.slots = List.copyOf(slots);
        this.numbers = List.copyOf(numbers);
    }

    // ---- what a subclass says

    /** Returns the kernel for these options: the only place where options choose what is computed, not with which numbers. */
    protected abstract Rule rule(O options);

    /**
     * Returns the run-time numbers of the kernel, in the order of its scalars; called once for each step of a parameter, after its step was
     * counted. Remembered numbers change here.
     */
    protected abstract double[] scalars(O options, State state);

    /** Returns what a remembered tensor is filled with before the parameter's first step; 0 unless a subclass says otherwise. */
    protected double initialSlot(int slot, O options) {
        return 0;
    }

    /** Returns a remembered number before the parameter's first step; 0 unless a subclass says otherwise. */
    protected double initialNumber(int number, O options) {
        return 0;
    }

    /**
     * Returns a rule; make it once, in a static field.
     *
     * @param name shown in profiles
     * @param scalars how many run-time numbers the kernel takes
     * @param body the kernel: x[0] is the parameter, then come the remembered tensors, at last the gradient; the result has one expression
     *     for the parameter and one for each remembered tensor
     * @param slots the remembered tensors, by position
     */
    protected static Rule rule(String name, int scalars, FusedUpdate.Body body, int... slots) {
        return new Rule(FusedUpdate.of(name, 1 + slots.length, 1, scalars, body), slots.clone());
    }

    /** Returns the rules for all choices, by their numbers. */
    static Rule[] rules(int count, IntFunction<Rule> rule) {
        Rule[] all = new Rule[count];
        Arrays.setAll(all, rule);
        return all;
    }

    static int choices(boolean maximize, double weightDecay) {
        return (maximize ? MAXIMIZE : 0) | (weightDecay != 0 ? DECAY : 0);
    }

    /** Returns 0 where a moment is too small to matter. */
    protected static Expr flushed(Expr moment) {
        return Expr.select(moment.abs().lt(SMALLEST_MOMENT), Expr.constant(0.0, moment.type()), moment);
    }

    /**
     * Returns 0 where a mean of squares is subnormal, and so slow. The bound of other moments would be wrong here: a gradient of 1e-14 has a
     * square of 1e-28, and a 0 in the denominator would make the step infinite where eps is 0.
     */
    protected static Expr flushedSquare(Expr square) {
        double smallest = square.type() == DType.FLOAT64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
        return Expr.select(square.lt(smallest), Expr.constant(0.0, square.type()), square);
    }

    /** Returns the gradient to descend along, with the L2 penalty if there is one. */
    static Expr gradient(Expr parameter, Expr grad, Expr weightDecay, int choices) {
        Expr g = (choices & MAXIMIZE) != 0 ? grad.neg() : grad;
        return (choices & DECAY) != 0 ? g.add(parameter.mul(weightDecay)) : g;
    }

    // ---- a step

    @Override
    public void step() {
        Capture.guard(() -> groups().size());
        try (Autograd.Mode off = Autograd.noGrad()) {
            List<Change<O>> changes = new ArrayList<>();
            for (Group<O> group : groups()) {
                Rule rule = Capture.guard(() -> rule(group.options()));
                for (Tensor p : group.parameters()) {
                    GradState state = Access.state(p);
                    if (Gradients.hasGrad(state)) { // a captured program asks again in each run
                        Tensor grad = state.grad; // not grad(), which makes a handle
                        changes.add(new Change<>(group, p, grad, rule, remembered(p, rule, group.options())));
                    }
                }
            }
            changes.forEach(this::change);
        }
    }

    /** State outlives a program that is traced meanwhile, and starts as it is made. */
    private State remembered(Tensor p, Rule rule, O options) {
        State state = states.computeIfAbsent(p, any -> new State(slots.size(), initialNumbers(options)));
        for (int slot : rule.slots) {
            if (state.slots[slot] == null) {
                state.slots[slot] = Executor.current().outside(() -> filled(p, initialSlot(slot, options)));
            } else if (!state.slots[slot].device().equals(p.device())) {
                throw new DeviceException(
                        "[" + name() + "] expected parameters to stay on " + state.slots[slot].device()
                                + ", where their state is, got one on " + p.device()
                                + "; move the model before its first step, or load the state into a new optimizer");
            }
        }
        return state;
    }

    private static Tensor filled(Tensor p, double value) {
        return Access.unscoped(Tensor.fullLike(p, value));
    }

    private double[] initialNumbers(O options) {
        double[] initial = new double[numbers.size()];
        for (int i = 0; i < initial.length; i++) {
            initial[i] = initialNumber(i, options);
        }
        return initial;
    }

    private void change(Change<O> c) {
        Tensor[] changed = new Tensor[1 + c.rule.slots.length];
        changed[0] = c.parameter;
        for (int i = 1; i < changed.length; i++) {
            changed[i] = c.state.slots[c.rule.slots[i - 1]];
        }
        Group<O> group = c.group; // not the change itself: a captured program keeps what the scalars are made of
        State state = c.state;
        c.rule.update.apply(changed, new Tensor[] {c.grad}, () -> advance(group, state), state::wayBack);
    }

    /** Counts a step of a parameter and returns its numbers; in a captured program at every run, and so nothing else changes with time. */
    private double[] advance(Group<O> group, State state) {
        state.step++;
        return scalars(group.options(), state);
    }

    // ---- state

    @Override
    final void saveState(Map<String, Tensor> out) {
        for (int i = 0; i < parameters().size(); i++) {
            State state = states.get(parameters().get(i));
            if (state != null) {
                String prefix = statePrefix(i);
                out.put(prefix + "step", StateDict.tensor(state.step));
                for (int n = 0; n < numbers.size(); n++) {
                    out.put(prefix + numbers.get(n), StateDict.tensor(state.numbers[n]));
                }
                for (int s = 0; s < slots.size(); s++) {
                    if (state.slots[s] != null) {
                        out.put(prefix + slots.get(s), state.slots[s].detach());
                    }
                }
            }
        }
    }

    @Override
    final Runnable loadState(StateDict.Reader reader, List<O> options) {
        List<Runnable> loads = new ArrayList<>();
        int index = 0;
        for (int g = 0; g < groups().size(); g++) {
            for (Tensor p : groups().get(g).parameters()) {
                O o = options.get(g);
                String prefix = statePrefix(index++);
                loads.add(reader.has(prefix + "step") ? load(reader, prefix, p, o) : () -> forget(p, o));
            }
        }
        return () -> {
            try (Autograd.Mode off = Autograd.noGrad()) {
                loads.forEach(Runnable::run);
            }
        };
    }

    /** Reads the state of a parameter; a tensor may be missing if the rule of these options does without it. */
    private Runnable load(StateDict.Reader reader, String prefix, Tensor p, O options) {
        long step = reader.whole(prefix + "step");
        reader.require(step >= 0, step + " for " + prefix + "step");
        double[] loaded = new double[numbers.size()];
        for (int n = 0; n < loaded.length; n++) {
            loaded[n] = reader.number(prefix + numbers.get(n));
        }
        for (int slot : rule(options).slots) {
            reader.expect(prefix + slots.get(slot));
        }
        Tensor[] values = new Tensor[slots.size()];
        for (int s = 0; s < values.length; s++) {
            String name = prefix + slots.get(s);
            values[s] = reader.has(name) ? reader.find(name, p.shape()) : null;
        }
        return () -> set(p, options, step, loaded, values);
    }

    private void forget(Tensor p, O options) {
        if (states.containsKey(p)) {
            set(p, options, 0, initialNumbers(options), new Tensor[slots.size()]);
        }
    }

    /** Changes what is there in place: captured programs refer to it. A tensor without a value begins anew. */
    private void set(Tensor p, O options, long step, double[] loaded, Tensor[] values) {
        State state = states.computeIfAbsent(p, any -> new State(slots.size(), new double[numbers.size()]));
        state.step = step;
        System.arraycopy(loaded, 0, state.numbers, 0, loaded.length);
        for (int s = 0; s < values.length; s++) {
            if (values[s] != null) {
                state.slots[s] = state.slots[s] == null ? filled(p, 0) : state.slots[s];
                state.slots[s].copy_(values[s]);
            } else if (state.slots[s] != null) {
                state.slots[s].fill_(initialSlot(s, options));
            }
        }
    }
}
