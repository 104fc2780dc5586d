package dev.jangada.optim;

import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import java.util.List;

/**
 * Adam with the decayed largest gradient in the place of the root of the mean square.
 *
 * <pre>
 * g = grad + weightDecay * p                        (-grad if maximize)
 * m = beta1 * m + (1 - beta1) * g
 * u = max(beta2 * u, |g| + eps)
 * p = p - lr / (1 - beta1^t) * m / u                at the parameter's step t = 1, 2, …
 * </pre>
 *
 * <p>Source: {@code torch.optim.Adamax}; Kingma, Ba, "Adam: A Method for Stochastic Optimization", arXiv 1412.6980, section 7.
 */
public final class Adamax extends FusedOptimizer<Adamax.Options> {
    /**
     * Settings of {@link Adamax}.
     *
     * @param lr learning rate, at least 0, default 2e-3
     * @param beta1 decay of the mean of gradients, in [0, 1), default 0.9
     * @param beta2 decay of the largest gradient, in [0, 1), default 0.999
     * @param eps added to the magnitude of gradients, at least 0, default 1e-8
     * @param weightDecay factor of the L2 penalty, at least 0, default 0
     * @param maximize whether to climb instead of descend, default false
     */
    public record Options(double lr, double beta1, double beta2, double eps, double weightDecay, boolean maximize)
            implements Optimizer.MomentumOptions<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "Adamax", "a learning rate >= 0", lr);
            require(beta1 >= 0 && beta1 < 1, "Adamax", "beta1 in [0, 1)", beta1);
            require(beta2 >= 0 && beta2 < 1, "Adamax", "beta2 in [0, 1)", beta2);
            require(eps >= 0, "Adamax", "eps >= 0", eps);
            require(weightDecay >= 0, "Adamax", "a weight decay >= 0", weightDecay);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(2e-3, 0.9, 0.999, 1e-8, 0, false);
        }

        /** Returns the defaults with a learning rate. */
        public static Options of(double lr) {
            return defaults().withLr(lr);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, beta1, beta2, eps, weightDecay, maximize);
        }

        /** Returns beta1. */
        @Override
        public double momentum() {
            return beta1;
        }

        /** Returns a copy with another beta1. */
        @Override
        public Options withMomentum(double value) {
            return new Options(lr, value, beta2, eps, weightDecay, maximize);
        }

        /** Returns a copy with other decays. */
        public Options withBetas(double first, double second) {
            return new Options(lr, first, second, eps, weightDecay, maximize);
        }

        /** Returns a copy with another addition to the magnitude of gradients. */
        public Options withEps(double value) {
            return new Options(lr, beta1, beta2, value, weightDecay, maximize);
        }

        /** Returns a copy with another weight decay. */
        public Options withWeightDecay(double value) {
            return new Options(lr, beta1, beta2, eps, value, maximize);
        }

        /** Returns a copy that climbs or descends. */
        public Options withMaximize(boolean value) {
            return new Options(lr, beta1, beta2, eps, weightDecay, value);
        }
    }

    private static final Rule[] RULES = rules(4, choices -> rule("Adamax", 6, (x, s) -> update(x, s, choices), 0, 1));

    /** Scalars: lr / bias1, weight decay, beta1, 1 - beta1, beta2, eps. */
    private static Expr[] update(Expr[] x, Expr[] s, int choices) {
        Expr g = gradient(x[0], x[3], s[1], choices);
        Expr mean = flushed(x[1].mul(s[2]).add(g.mul(s[3])));
        Expr largest = x[2].mul(s[4]).max(g.abs().add(s[5]));
        return new Expr[] {x[0].sub(mean.mul(s[0]).div(largest)), mean, largest};
    }

    /** Creates an optimiser with the default options. */
    public Adamax(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public Adamax(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public Adamax(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("exp_avg", "exp_inf"), List.of());
    }

    @Override
    protected Rule rule(Options o) {
        return RULES[choices(o.maximize, o.weightDecay)];
    }

    @Override
    protected double[] scalars(Options o, State state) {
        double bias = 1 - Math.pow(o.beta1, state.step());
        return new double[] {o.lr / bias, o.weightDecay, o.beta1, 1 - o.beta1, o.beta2, o.eps};
    }
}
