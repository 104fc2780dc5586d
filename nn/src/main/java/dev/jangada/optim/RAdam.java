package dev.jangada.optim;

import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import java.util.List;

/**
 * Adam that begins as momentum and turns adaptive once the mean of squares has seen enough gradients.
 *
 * <pre>
 * g = grad + weightDecay * p
 * m, v as in {@link Adam}
 * n = 2 / (1 - beta2) - 1,  r = n - 2 t beta2^t / (1 - beta2^t)
 * p = p - lr * m / (1 - beta1^t)                                                          while r is at most 5
 * p = p - lr * m / (1 - beta1^t) * sqrt(1 - beta2^t) / (sqrt(v) + eps) * rectification     then, with
 * rectification = sqrt((r - 4) (r - 2) n / ((n - 4) (n - 2) r))                           at step t = 1, 2, …
 * </pre>
 *
 * <p>Source: {@code torch.optim.RAdam}; Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", arXiv 1908.03265.
 */
public final class RAdam extends FusedOptimizer<RAdam.Options> {
    /**
     * Settings of {@link RAdam}.
     *
     * @param lr learning rate, at least 0, default 1e-3
     * @param beta1 decay of the mean of gradients, in [0, 1), default 0.9
     * @param beta2 decay of the mean of squares, in [0, 1), default 0.999
     * @param eps added to the denominator, at least 0, default 1e-8
     * @param weightDecay factor of the L2 penalty, at least 0, default 0
     */
    public record Options(double lr, double beta1, double beta2, double eps, double weightDecay)
            implements Optimizer.MomentumOptions<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "RAdam", "a learning rate >= 0", lr);
            require(beta1 >= 0 && beta1 < 1, "RAdam", "beta1 in [0, 1)", beta1);
            require(beta2 >= 0 && beta2 < 1, "RAdam", "beta2 in [0, 1)", beta2);
            require(eps >= 0, "RAdam", "eps >= 0", eps);
            require(weightDecay >= 0, "RAdam", "a weight decay >= 0", weightDecay);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(1e-3, 0.9, 0.999, 1e-8, 0);
        }

        /** Returns the defaults with a learning rate. */
        public static Options of(double lr) {
            return defaults().withLr(lr);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, beta1, beta2, eps, weightDecay);
        }

        /** Returns beta1. */
        @Override
        public double momentum() {
            return beta1;
        }

        /** Returns a copy with another beta1. */
        @Override
        public Options withMomentum(double value) {
            return new Options(lr, value, beta2, eps, weightDecay);
        }

        /** Returns a copy with other decays. */
        public Options withBetas(double first, double second) {
            return new Options(lr, first, second, eps, weightDecay);
        }

        /** Returns a copy with another addition to the denominator. */
        public Options withEps(double value) {
            return new Options(lr, beta1, beta2, value, weightDecay);
        }

        /** Returns a copy with another weight decay. */
        public Options withWeightDecay(double value) {
            return new Options(lr, beta1, beta2, eps, value);
        }
    }

    private static final Rule PLAIN = rule("RAdam", 8, (x, s) -> update(x, s, 0), 0, 1);
    private static final Rule DECAYING = rule("RAdam", 8, (x, s) -> update(x, s, DECAY), 0, 1);

    /**
     * Scalars: the step size with all corrections, weight decay, eps, both betas with their complements, whether the step is adaptive: a
     * number and no kernel of its own, so that steps of both kinds are one plan.
     */
    private static Expr[] update(Expr[] x, Expr[] s, int choices) {
        Expr g = gradient(x[0], x[3], s[1], choices);
        Expr mean = flushed(x[1].mul(s[3]).add(g.mul(s[4])));
        Expr square = flushedSquare(x[2].mul(s[5]).add(g.mul(s[6]).mul(g)));
        Expr one = Expr.constant(1.0, square.type());
        Expr denominator = Expr.select(s[7].ne(0), square.sqrt().add(s[2]), one);
        return new Expr[] {x[0].sub(mean.mul(s[0]).div(denominator)), mean, square};
    }

    /** Creates an optimiser with the default options. */
    public RAdam(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public RAdam(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public RAdam(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("exp_avg", "exp_avg_sq"), List.of());
    }

    @Override
    protected Rule rule(Options o) {
        return o.weightDecay != 0 ? DECAYING : PLAIN;
    }

    @Override
    protected double[] scalars(Options o, State state) {
        double t = state.step();
        double power = Math.pow(o.beta2, t);
        double most = 2 / (1 - o.beta2) - 1;
        double length = most - 2 * t * power / (1 - power);
        double size = o.lr / (1 - Math.pow(o.beta1, t));
        boolean adaptive = length > 5;
        if (adaptive) {
            double rectification = Math.sqrt((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length));
            size *= Math.sqrt(1 - power) * rectification;
        }
        return new double[] {size, o.weightDecay, o.eps, o.beta1, 1 - o.beta1, o.beta2, 1 - o.beta2, adaptive ? 1 : 0};
    }
}
