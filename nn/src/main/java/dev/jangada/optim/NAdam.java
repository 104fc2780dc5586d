package dev.jangada.optim;

import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import java.util.List;

/**
 * Adam with Nesterov's momentum.
 *
 * <pre>
 * g = grad + weightDecay * p
 * k(t) = beta1 * (1 - 0.5 * 0.96^(t * momentumDecay))
 * K = k(1) * … * k(t)
 * m, v as in {@link Adam}
 * d = sqrt(v / (1 - beta2^t)) + eps
 * p = p - lr * (1 - k(t)) / (1 - K) * g / d - lr * k(t + 1) / (1 - K * k(t) * k(t + 1)) * m / d      at step t = 1, 2, …
 * </pre>
 *
 * <p>The second factor {@code k(t)} is in PyTorch 1.13, whose numbers are reproduced, and left later releases.
 * <p>Source: {@code torch.optim.NAdam}; Dozat, "Incorporating Nesterov Momentum into Adam", ICLR workshop 2016.
 */
public final class NAdam extends FusedOptimizer<NAdam.Options> {
    /**
     * Settings of {@link NAdam}.
     *
     * @param lr learning rate, at least 0, default 2e-3
     * @param beta1 decay of the mean of gradients, in [0, 1), default 0.9
     * @param beta2 decay of the mean of squares, in [0, 1), default 0.999
     * @param eps added to the denominator, at least 0, default 1e-8
     * @param weightDecay factor of the L2 penalty, at least 0, default 0
     * @param momentumDecay how fast the momentum approaches beta1, at least 0, default 4e-3
     */
    public record Options(double lr, double beta1, double beta2, double eps, double weightDecay, double momentumDecay)
            implements Optimizer.MomentumOptions<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "NAdam", "a learning rate >= 0", lr);
            require(beta1 >= 0 && beta1 < 1, "NAdam", "beta1 in [0, 1)", beta1);
            require(beta2 >= 0 && beta2 < 1, "NAdam", "beta2 in [0, 1)", beta2);
            require(eps >= 0, "NAdam", "eps >= 0", eps);
            require(weightDecay >= 0, "NAdam", "a weight decay >= 0", weightDecay);
            require(momentumDecay >= 0, "NAdam", "a momentum decay >= 0", momentumDecay);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(2e-3, 0.9, 0.999, 1e-8, 0, 4e-3);
        }

        /** Returns the defaults with a learning rate. */
        public static Options of(double lr) {
            return defaults().withLr(lr);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, beta1, beta2, eps, weightDecay, momentumDecay);
        }

        /** Returns beta1. */
        @Override
        public double momentum() {
            return beta1;
        }

        /** Returns a copy with another beta1. */
        @Override
        public Options withMomentum(double value) {
            return new Options(lr, value, beta2, eps, weightDecay, momentumDecay);
        }

        /** Returns a copy with other decays. */
        public Options withBetas(double first, double second) {
            return new Options(lr, first, second, eps, weightDecay, momentumDecay);
        }

        /** Returns a copy with another addition to the denominator. */
        public Options withEps(double value) {
            return new Options(lr, beta1, beta2, value, weightDecay, momentumDecay);
        }

        /** Returns a copy with another weight decay. */
        public Options withWeightDecay(double value) {
            return new Options(lr, beta1, beta2, eps, value, momentumDecay);
        }

        /** Returns a copy with another decay of the momentum. */
        public Options withMomentumDecay(double value) {
            return new Options(lr, beta1, beta2, eps, weightDecay, value);
        }
    }

    private static final Rule PLAIN = rule("NAdam", 9, (x, s) -> update(x, s, 0), 0, 1);
    private static final Rule DECAYING = rule("NAdam", 9, (x, s) -> update(x, s, DECAY), 0, 1);

    private static final int MU_PRODUCT = 0;

    /** Scalars: factor of the gradient, weight decay, factor of the mean, 1 / sqrt(bias2), eps, both betas with their complements. */
    private static Expr[] update(Expr[] x, Expr[] s, int choices) {
        Expr g = gradient(x[0], x[3], s[1], choices);
        Expr mean = flushed(x[1].mul(s[5]).add(g.mul(s[6])));
        Expr square = flushedSquare(x[2].mul(s[7]).add(g.mul(s[8]).mul(g)));
        Expr denominator = square.sqrt().mul(s[3]).add(s[4]);
        Expr next = x[0].sub(g.mul(s[0]).div(denominator)).sub(mean.mul(s[2]).div(denominator));
        return new Expr[] {next, mean, square};
    }

    private static double mu(Options o, long step) {
        return o.beta1 * (1 - 0.5 * Math.pow(0.96, step * o.momentumDecay));
    }

    /** Creates an optimiser with the default options. */
    public NAdam(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public NAdam(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public NAdam(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("exp_avg", "exp_avg_sq"), List.of("mu_product"));
    }

    @Override
    protected Rule rule(Options o) {
        return o.weightDecay != 0 ? DECAYING : PLAIN;
    }

    @Override
    protected double initialNumber(int number, Options o) {
        return 1;
    }

    @Override
    protected double[] scalars(Options o, State state) {
        double mu = mu(o, state.step());
        double muNext = mu(o, state.step() + 1);
        double product = state.number(MU_PRODUCT) * mu;
        state.setNumber(MU_PRODUCT, product);
        return new double[] {
            o.lr * (1 - mu) / (1 - product),
            o.weightDecay,
            o.lr * muNext / (1 - product * mu * muNext),
            1 / Math.sqrt(1 - Math.pow(o.beta2, state.step())),
            o.eps,
            o.beta1,
            1 - o.beta1,
            o.beta2,
            1 - o.beta2
        };
    }
}
