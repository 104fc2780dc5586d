package dev.jangada.optim;

import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import java.util.List;

/**
 * Averaged stochastic gradient descent, with the running average of the parameter in its state.
 *
 * <pre>
 * g = grad + weightDecay * p                        (-grad if maximize)
 * p = p * (1 - lambd * eta) - eta * g               eta is lr at first
 * a = a + (p - a) / max(1, t - 1 - t0)
 * eta = lr / (1 + lambd * lr * t)^alpha             at the parameter's step t = 1, 2, …
 * </pre>
 *
 * <p>The average is {@code ASGD.state.N.ax} in {@link #stateDict()}.
 * <p>Source: {@code torch.optim.ASGD}; Polyak, Juditsky, "Acceleration of Stochastic Approximation by Averaging", SIAM J. Control 1992.
 */
public final class ASGD extends FusedOptimizer<ASGD.Options> {
    /**
     * Settings of {@link ASGD}.
     *
     * @param lr learning rate, at least 0, default 1e-2
     * @param lambd decay of the parameter, default 1e-4
     * @param alpha power of the decay of eta, default 0.75
     * @param t0 the step after which the average begins, default 1e6
     * @param weightDecay factor of the L2 penalty, at least 0, default 0
     * @param maximize whether to climb instead of descend, default false
     */
    public record Options(double lr, double lambd, double alpha, double t0, double weightDecay, boolean maximize)
            implements Optimizer.Options<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "ASGD", "a learning rate >= 0", lr);
            require(weightDecay >= 0, "ASGD", "a weight decay >= 0", weightDecay);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(1e-2, 1e-4, 0.75, 1e6, 0, false);
        }

        /** Returns the defaults with a learning rate. */
        public static Options of(double lr) {
            return defaults().withLr(lr);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, lambd, alpha, t0, weightDecay, maximize);
        }

        /** Returns a copy with another decay of the parameter. */
        public Options withLambd(double value) {
            return new Options(lr, value, alpha, t0, weightDecay, maximize);
        }

        /** Returns a copy with another power of the decay of eta. */
        public Options withAlpha(double value) {
            return new Options(lr, lambd, value, t0, weightDecay, maximize);
        }

        /** Returns a copy with another step after which the average begins. */
        public Options withT0(double value) {
            return new Options(lr, lambd, alpha, value, weightDecay, maximize);
        }

        /** Returns a copy with another weight decay. */
        public Options withWeightDecay(double value) {
            return new Options(lr, lambd, alpha, t0, value, maximize);
        }

        /** Returns a copy that climbs or descends. */
        public Options withMaximize(boolean value) {
            return new Options(lr, lambd, alpha, t0, weightDecay, value);
        }
    }

    private static final Rule[] RULES = rules(4, choices -> rule("ASGD", 4, (x, s) -> update(x, s, choices), 0));

    private static final int ETA = 0;

    /** Scalars: eta, weight decay, 1 - lambd * eta, share of the parameter in the average. */
    private static Expr[] update(Expr[] x, Expr[] s, int choices) {
        Expr g = gradient(x[0], x[2], s[1], choices);
        Expr next = x[0].mul(s[2]).sub(g.mul(s[0]));
        Expr average = Expr.select(s[3].eq(1), next, x[1].add(next.sub(x[1]).mul(s[3])));
        return new Expr[] {next, average};
    }

    /** Creates an optimiser with the default options. */
    public ASGD(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public ASGD(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public ASGD(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("ax"), List.of("eta"));
    }

    @Override
    protected Rule rule(Options o) {
        return RULES[choices(o.maximize, o.weightDecay)];
    }

    @Override
    protected double initialNumber(int number, Options o) {
        return o.lr;
    }

    @Override
    protected double[] scalars(Options o, State state) {
        double eta = state.number(ETA);
        long t = state.step();
        state.setNumber(ETA, o.lr / Math.pow(1 + o.lambd * o.lr * t, o.alpha));
        return new double[] {eta, o.weightDecay, 1 - o.lambd * eta, 1 / Math.max(1, t - 1 - o.t0)};
    }
}
