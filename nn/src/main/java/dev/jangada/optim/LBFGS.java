package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.ops.Access;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Limited-memory BFGS: steps by an approximation of the inverse Hessian made of the last changes of parameters and gradients. For small
 * problems with exact gradients.
 *
 * <pre>{@code
 * Tensor loss = optimizer.step(() -> {
 *     optimizer.zeroGrad();
 *     Tensor l = model.forward(x).sub(y).square().mean();
 *     l.backward();
 *     return l;
 * });
 * }</pre>
 *
 * <p>It has one group. One step calls the closure up to {@code maxEval} times and reads values at each, so it waits for the device and can't
 * be captured. {@link #step()} without a closure makes a single iteration by the gradients at hand.
 *
 * <p>Source: {@code torch.optim.LBFGS}; Nocedal, Wright, "Numerical Optimization", chapter 7.
 */
public final class LBFGS extends Optimizer<LBFGS.Options> {
    /**
     * Settings of {@link LBFGS}.
     *
     * @param lr length of a step, or where the line search begins, at least 0, default 1
     * @param maxIter iterations of a step, at least 1, default 20
     * @param maxEval calls of the closure after which a step ends, at least 1, default 5/4 of maxIter
     * @param toleranceGrad a step ends when no gradient is larger, default 1e-7
     * @param toleranceChange a step ends when loss and parameters change less, default 1e-9
     * @param historySize changes that are remembered, at least 1, default 100
     * @param strongWolfe whether the length of a step is searched by the strong Wolfe conditions, default false
     */
    public record Options(
            double lr,
            int maxIter,
            int maxEval,
            double toleranceGrad,
            double toleranceChange,
            int historySize,
            boolean strongWolfe)
            implements Optimizer.Options<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "LBFGS", "a learning rate >= 0", lr);
            require(maxIter >= 1, "LBFGS", "at least one iteration", maxIter);
            require(maxEval >= 1, "LBFGS", "at least one evaluation", maxEval);
            require(historySize >= 1, "LBFGS", "a history of at least one change", historySize);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(1, 20, 25, 1e-7, 1e-9, 100, false);
        }

        /** Returns the defaults with a learning rate. */
        public static Options of(double lr) {
            return defaults().withLr(lr);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, strongWolfe);
        }

        /** Returns a copy with another number of iterations, and 5/4 as many evaluations. */
        public Options withMaxIter(int value) {
            int eval = Math.max(1, (int) (value * 5L / 4));
            return new Options(lr, value, eval, toleranceGrad, toleranceChange, historySize, strongWolfe);
        }

        /** Returns a copy with another number of evaluations. */
        public Options withMaxEval(int value) {
            return new Options(lr, maxIter, value, toleranceGrad, toleranceChange, historySize, strongWolfe);
        }

        /** Returns a copy with other tolerances. */
        public Options withTolerances(double grad, double change) {
            return new Options(lr, maxIter, maxEval, grad, change, historySize, strongWolfe);
        }

        /** Returns a copy with another number of remembered changes. */
        public Options withHistorySize(int value) {
            return new Options(lr, maxIter, maxEval, toleranceGrad, toleranceChange, value, strongWolfe);
        }

        /** Returns a copy with or without the line search. */
        public Options withStrongWolfe(boolean value) {
            return new Options(lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, value);
        }
    }

    /** A change that was made, and what it taught about the curvature. */
    private record Memory(Tensor change, Tensor gradChange, double rho) {
        private void close() {
            change.close();
            gradChange.close();
        }
    }

    private final List<Memory> history = new ArrayList<>();
    private Tensor direction;
    private Tensor formerGrad;
    private double length;
    private double diagonal = 1;
    private long iterations;
    private long evaluations;

    /** Creates an optimiser with the default options. */
    public LBFGS(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public LBFGS(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of all parameters. */
    public LBFGS(List<Tensor> parameters, Options options) {
        super(parameters, options);
    }

    /**
     * Refuses a second group.
     *
     * @throws ArgumentException always
     */
    @Override
    public void addGroup(List<Tensor> parameters, Options options) {
        throw new ArgumentException("[LBFGS] expected one group of parameters, got another one;"
                + " pass all parameters to the constructor, since one curvature is estimated for all");
    }

    // ---- a step

    /**
     * Makes one iteration by the gradients at hand.
     *
     * @throws ArgumentException with a line search, which must compute the loss: call {@code step(closure)}
     */
    @Override
    public void step() {
        Options o = groups().get(0).options();
        if (o.strongWolfe) {
            throw new ArgumentException("[LBFGS] expected a closure for the line search, got none;"
                    + " call step(closure) with a function that computes the loss and its gradients");
        }
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor grad = flatGrad();
            if (largest(grad) > o.toleranceGrad) {
                double slope = turn(grad, o);
                if (slope <= -o.toleranceChange) {
                    move(length, direction);
                }
            }
        }
    }

    @Override
    public Tensor step(Supplier<Tensor> closure) {
        Options o = groups().get(0).options();
        Tensor first = called(closure);
        evaluations++;
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            iterate(closure, first.item(), flatGrad(), o);
        }
        return first;
    }

    private void iterate(Supplier<Tensor> closure, double firstLoss, Tensor firstGrad, Options o) {
        double loss = firstLoss;
        Tensor grad = firstGrad;
        long limit = evaluations + o.maxEval - 1;
        for (int i = 1; largest(grad) > o.toleranceGrad; i++) {
            double slope = turn(grad, o);
            if (slope > -o.toleranceChange) {
                return;
            }
            double before = loss;
            if (o.strongWolfe) {
                StrongWolfe.Point found = search(closure, new StrongWolfe.Point(0, loss, grad, slope), o);
                length = found.t();
                loss = found.loss();
                grad = found.grad();
                move(length, direction);
            } else {
                move(length, direction);
                if (i < o.maxIter) {
                    StrongWolfe.Point now = evaluate(closure, length);
                    loss = now.loss();
                    grad = now.grad();
                }
            }
            boolean still =
                    length * largest(direction) <= o.toleranceChange || Math.abs(loss - before) < o.toleranceChange;
            if (i >= o.maxIter || evaluations >= limit || still) {
                return;
            }
        }
    }

    /** Remembers the last change and chooses a new direction and the length to begin with; returns the slope along it. */
    private double turn(Tensor grad, Options o) {
        iterations++;
        Tensor next = iterations == 1 ? grad.neg() : quasiNewton(grad, o);
        direction = replaced(direction, next);
        formerGrad = replaced(formerGrad, grad.clone());
        length = o.lr * (iterations == 1 ? Math.min(1, 1 / grad.abs().sum().item()) : 1);
        return dot(grad, direction);
    }

    /** The product of the estimated inverse Hessian and the negative gradient, by the two loops over the history. */
    private Tensor quasiNewton(Tensor grad, Options o) {
        remember(grad, o);
        Tensor q = grad.neg();
        double[] alpha = new double[history.size()];
        for (int i = alpha.length - 1; i >= 0; i--) {
            Memory m = history.get(i);
            alpha[i] = dot(m.change, q) * m.rho;
            q = q.sub(m.gradChange.mul(alpha[i]));
        }
        Tensor r = q.mul(diagonal);
        for (int i = 0; i < alpha.length; i++) {
            Memory m = history.get(i);
            r = r.add(m.change.mul(alpha[i] - dot(m.gradChange, r) * m.rho));
        }
        return r;
    }

    private void remember(Tensor grad, Options o) {
        Tensor gradChange = grad.sub(formerGrad);
        Tensor change = direction.mul(length);
        double curvature = dot(gradChange, change);
        if (curvature > 1e-10) {
            while (history.size() >= o.historySize) {
                history.remove(0).close();
            }
            history.add(new Memory(Access.unscoped(change), Access.unscoped(gradChange), 1 / curvature));
            diagonal = curvature / dot(gradChange, gradChange);
        }
    }

    private StrongWolfe.Point search(Supplier<Tensor> closure, StrongWolfe.Point start, Options o) {
        List<Tensor> origin = parameters().stream().map(Tensor::clone).toList();
        double shortest = o.toleranceChange / largest(direction);
        return StrongWolfe.search(
                t -> {
                    try {
                        move(t, direction);
                        return evaluate(closure, t);
                    } finally {
                        for (int i = 0; i < origin.size(); i++) {
                            parameters().get(i).copy_(origin.get(i));
                        }
                    }
                },
                start,
                length,
                shortest);
    }

    private StrongWolfe.Point evaluate(Supplier<Tensor> closure, double t) {
        try (TensorScope scope = new TensorScope()) {
            double loss = called(closure).item();
            Tensor grad = scope.keep(flatGrad());
            evaluations++;
            return new StrongWolfe.Point(t, loss, grad, dot(grad, direction));
        }
    }

    // ---- all parameters as one vector

    private Tensor flatGrad() {
        Tensor[] flat = new Tensor[parameters().size()];
        for (int i = 0; i < flat.length; i++) {
            Tensor p = parameters().get(i);
            flat[i] = p.hasGrad()
                    ? p.grad().detach().reshape(-1)
                    : Tensor.zerosLike(p.detach()).reshape(-1);
        }
        return Tensor.cat(0, flat);
    }

    private void move(double t, Tensor along) {
        long at = 0;
        for (Tensor p : parameters()) {
            Tensor part = along.narrow(0, at, p.numel()).reshape(p.shape().toArray());
            p.add_(part.mul(t));
            at += p.numel();
        }
    }

    private static double dot(Tensor a, Tensor b) {
        return a.mul(b).sum().item();
    }

    private static double largest(Tensor t) {
        return t.norm(Double.POSITIVE_INFINITY).item();
    }

    private static Tensor replaced(Tensor old, Tensor next) {
        if (old != null) {
            old.close();
        }
        return Access.unscoped(next);
    }

    // ---- state

    @Override
    void saveState(Map<String, Tensor> out) {
        String prefix = name() + ".state.";
        out.put(prefix + "n_iter", StateDict.tensor(iterations));
        if (iterations == 0) {
            return;
        }
        out.put(prefix + "func_evals", StateDict.tensor(evaluations));
        out.put(prefix + "t", StateDict.tensor(length));
        out.put(prefix + "H_diag", StateDict.tensor(diagonal));
        out.put(prefix + "d", direction.detach());
        out.put(prefix + "prev_flat_grad", formerGrad.detach());
        out.put(prefix + "history", StateDict.tensor(history.size()));
        for (int i = 0; i < history.size(); i++) {
            out.put(prefix + "old_stps." + i, history.get(i).change.detach());
            out.put(prefix + "old_dirs." + i, history.get(i).gradChange.detach());
            out.put(prefix + "ro." + i, StateDict.tensor(history.get(i).rho));
        }
    }

    @Override
    Runnable loadState(StateDict.Reader reader, List<Options> options) {
        String prefix = name() + ".state.";
        long count = reader.whole(prefix + "n_iter");
        if (count == 0) {
            return () -> restore(0, 0, 0, 1, null, null, List.of());
        }
        Shape flat = Shape.of(parameters().stream().mapToLong(Tensor::numel).sum());
        long calls = reader.whole(prefix + "func_evals");
        double t = reader.number(prefix + "t");
        double diag = reader.number(prefix + "H_diag");
        Tensor d = reader.find(prefix + "d", flat);
        Tensor g = reader.find(prefix + "prev_flat_grad", flat);
        List<Memory> loaded = new ArrayList<>();
        for (long i = reader.whole(prefix + "history"), k = 0; k < i; k++) {
            Tensor change = reader.find(prefix + "old_stps." + k, flat);
            if (change == null) {
                break; // noted; a number from a file must not make this loop long
            }
            Tensor gradChange = reader.find(prefix + "old_dirs." + k, flat);
            loaded.add(new Memory(change, gradChange, reader.number(prefix + "ro." + k)));
        }
        return () -> restore(count, calls, t, diag, d, g, loaded);
    }

    private void restore(long count, long calls, double t, double diag, Tensor d, Tensor g, List<Memory> loaded) {
        List<Memory> copies = new ArrayList<>();
        loaded.forEach(m -> copies.add(new Memory(copy(m.change), copy(m.gradChange), m.rho)));
        Tensor nextDirection = d == null ? null : copy(d);
        Tensor nextGrad = g == null ? null : copy(g);
        history.forEach(Memory::close);
        history.clear();
        history.addAll(copies);
        if (direction != null) {
            direction.close();
            formerGrad.close();
        }
        direction = nextDirection;
        formerGrad = nextGrad;
        iterations = count;
        evaluations = calls;
        length = t;
        diagonal = diag;
    }

    private Tensor copy(Tensor value) {
        Tensor first = parameters().get(0);
        return Access.unscoped(
                value.detach().to(first.device()).to(first.dtype()).clone());
    }
}
