package dev.jangada.optim;

import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import java.util.List;

/**
 * Gradients divided by the root of the sum of all their squares: often changed elements move less and less.
 *
 * <pre>
 * g = grad + weightDecay * p                        (-grad if maximize)
 * h = h + g^2                                       h is initialAccumulatorValue at first
 * p = p - lr / (1 + (t - 1) * lrDecay) * g / (sqrt(h) + eps)      at the parameter's step t = 1, 2, …
 * </pre>
 *
 * <p>Source: {@code torch.optim.Adagrad}; Duchi, Hazan, Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
 * Optimization", JMLR 2011.
 */
public final class Adagrad extends FusedOptimizer<Adagrad.Options> {
    /**
     * Settings of {@link Adagrad}.
     *
     * @param lr learning rate, at least 0, default 1e-2
     * @param lrDecay decay of the learning rate per step, at least 0, default 0
     * @param weightDecay factor of the L2 penalty, at least 0, default 0
     * @param initialAccumulatorValue what the sums of squares begin with, at least 0, default 0
     * @param eps added to the denominator, at least 0, default 1e-10
     * @param maximize whether to climb instead of descend, default false
     */
    public record Options(
            double lr, double lrDecay, double weightDecay, double initialAccumulatorValue, double eps, boolean maximize)
            implements Optimizer.Options<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "Adagrad", "a learning rate >= 0", lr);
            require(lrDecay >= 0, "Adagrad", "a decay of the learning rate >= 0", lrDecay);
            require(weightDecay >= 0, "Adagrad", "a weight decay >= 0", weightDecay);
            require(
                    initialAccumulatorValue >= 0,
                    "Adagrad",
                    "an initial accumulator value >= 0",
                    initialAccumulatorValue);
            require(eps >= 0, "Adagrad", "eps >= 0", eps);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(1e-2, 0, 0, 0, 1e-10, false);
        }

        /** Returns the defaults with a learning rate. */
        public static Options of(double lr) {
            return defaults().withLr(lr);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize);
        }

        /** Returns a copy with another decay of the learning rate. */
        public Options withLrDecay(double value) {
            return new Options(lr, value, weightDecay, initialAccumulatorValue, eps, maximize);
        }

        /** Returns a copy with another weight decay. */
        public Options withWeightDecay(double value) {
            return new Options(lr, lrDecay, value, initialAccumulatorValue, eps, maximize);
        }

        /** Returns a copy with sums of squares that begin with another value. */
        public Options withInitialAccumulatorValue(double value) {
            return new Options(lr, lrDecay, weightDecay, value, eps, maximize);
        }

        /** Returns a copy with another addition to the denominator. */
        public Options withEps(double value) {
            return new Options(lr, lrDecay, weightDecay, initialAccumulatorValue, value, maximize);
        }

        /** Returns a copy that climbs or descends. */
        public Options withMaximize(boolean value) {
            return new Options(lr, lrDecay, weightDecay, initialAccumulatorValue, eps, value);
        }
    }

    private static final Rule[] RULES = rules(4, choices -> rule("Adagrad", 3, (x, s) -> update(x, s, choices), 0));

    /** Scalars: the decayed lr, weight decay, eps. */
    private static Expr[] update(Expr[] x, Expr[] s, int choices) {
        Expr g = gradient(x[0], x[2], s[1], choices);
        Expr sum = x[1].add(g.mul(g));
        return new Expr[] {x[0].sub(g.mul(s[0]).div(sum.sqrt().add(s[2]))), sum};
    }

    /** Creates an optimiser with the default options. */
    public Adagrad(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public Adagrad(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public Adagrad(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("sum"), List.of());
    }

    @Override
    protected Rule rule(Options o) {
        return RULES[choices(o.maximize, o.weightDecay)];
    }

    @Override
    protected double initialSlot(int slot, Options o) {
        return o.initialAccumulatorValue;
    }

    @Override
    protected double[] scalars(Options o, State state) {
        return new double[] {o.lr / (1 + (state.step() - 1) * o.lrDecay), o.weightDecay, o.eps};
    }
}
