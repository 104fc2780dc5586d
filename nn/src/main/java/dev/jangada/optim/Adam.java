package dev.jangada.optim;

import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import java.util.List;

/**
 * Adam: steps scaled by running means of the gradient and of its square.
 *
 * <pre>
 * g = grad + weightDecay * p                        (-grad if maximize)
 * m = beta1 * m + (1 - beta1) * g
 * v = beta2 * v + (1 - beta2) * g^2
 * u = v, with amsgrad the largest v so far
 * p = p - lr / (1 - beta1^t) * m / (sqrt(u) / sqrt(1 - beta2^t) + eps)      at the parameter's step t = 1, 2, …
 * </pre>
 *
 * <p>Source: {@code torch.optim.Adam}; Kingma, Ba, "Adam: A Method for Stochastic Optimization", arXiv 1412.6980; Reddi, Kale, Kumar,
 * "On the Convergence of Adam and Beyond", ICLR 2018.
 */
public final class Adam extends FusedOptimizer<Adam.Options> {
    /**
     * Settings of {@link Adam}.
     *
     * @param lr learning rate, at least 0, default 1e-3
     * @param beta1 decay of the mean of gradients, in [0, 1), default 0.9
     * @param beta2 decay of the mean of squares, in [0, 1), default 0.999
     * @param eps added to the denominator, at least 0, default 1e-8
     * @param weightDecay factor of the L2 penalty, at least 0, default 0
     * @param amsgrad whether the largest mean of squares counts, default false
     * @param maximize whether to climb instead of descend, default false
     */
    public record Options(
            double lr, double beta1, double beta2, double eps, double weightDecay, boolean amsgrad, boolean maximize)
            implements Optimizer.MomentumOptions<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "Adam", "a learning rate >= 0", lr);
            require(beta1 >= 0 && beta1 < 1, "Adam", "beta1 in [0, 1)", beta1);
            require(beta2 >= 0 && beta2 < 1, "Adam", "beta2 in [0, 1)", beta2);
            require(eps >= 0, "Adam", "eps >= 0", eps);
            require(weightDecay >= 0, "Adam", "a weight decay >= 0", weightDecay);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(1e-3, 0.9, 0.999, 1e-8, 0, false, false);
        }

        /** Returns the defaults with a learning rate. */
        public static Options of(double lr) {
            return defaults().withLr(lr);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, beta1, beta2, eps, weightDecay, amsgrad, maximize);
        }

        /** Returns beta1. */
        @Override
        public double momentum() {
            return beta1;
        }

        /** Returns a copy with another beta1. */
        @Override
        public Options withMomentum(double value) {
            return new Options(lr, value, beta2, eps, weightDecay, amsgrad, maximize);
        }

        /** Returns a copy with other decays. */
        public Options withBetas(double first, double second) {
            return new Options(lr, first, second, eps, weightDecay, amsgrad, maximize);
        }

        /** Returns a copy with another addition to the denominator. */
        public Options withEps(double value) {
            return new Options(lr, beta1, beta2, value, weightDecay, amsgrad, maximize);
        }

        /** Returns a copy with another weight decay. */
        public Options withWeightDecay(double value) {
            return new Options(lr, beta1, beta2, eps, value, amsgrad, maximize);
        }

        /** Returns a copy with or without AMSGrad. */
        public Options withAmsgrad(boolean value) {
            return new Options(lr, beta1, beta2, eps, weightDecay, value, maximize);
        }

        /** Returns a copy that climbs or descends. */
        public Options withMaximize(boolean value) {
            return new Options(lr, beta1, beta2, eps, weightDecay, amsgrad, value);
        }
    }

    private static final int AMSGRAD = 4;
    private static final Rule[] RULES = rules("Adam", false);

    /** Rules by choices. With {@code decoupled} the parameter shrinks by a factor of its own, as in {@link AdamW}, else the gradient grows. */
    static Rule[] rules(String name, boolean decoupled) {
        return rules(8, choices -> {
            int[] slots = (choices & AMSGRAD) != 0 ? new int[] {0, 1, 2} : new int[] {0, 1};
            return rule(name, 8, (x, s) -> update(x, s, choices, decoupled), slots);
        });
    }

    private static Expr[] update(Expr[] x, Expr[] s, int choices, boolean decoupled) {
        boolean amsgrad = (choices & AMSGRAD) != 0;
        Expr p = decoupled && (choices & DECAY) != 0 ? x[0].mul(s[3]) : x[0];
        Expr g = gradient(p, x[x.length - 1], s[3], decoupled ? choices & ~DECAY : choices);
        Expr mean = flushed(x[1].mul(s[4]).add(g.mul(s[5])));
        Expr square = flushedSquare(x[2].mul(s[6]).add(g.mul(s[7]).mul(g)));
        Expr used = amsgrad ? x[3].max(square) : square;
        Expr denominator = used.sqrt().mul(s[1]).add(s[2]);
        Expr next = p.add(mean.mul(s[0]).div(denominator));
        return amsgrad ? new Expr[] {next, mean, square, used} : new Expr[] {next, mean, square};
    }

    static int choices(boolean maximize, double weightDecay, boolean amsgrad) {
        return choices(maximize, weightDecay) | (amsgrad ? AMSGRAD : 0);
    }

    /** Returns -lr / bias1, 1 / sqrt(bias2) (a division per element less), eps, the decay and both betas with their complements. */
    static double[] scalars(double lr, double beta1, double beta2, double eps, long step, double decay) {
        double bias1 = 1 - Math.pow(beta1, step);
        double bias2 = 1 - Math.pow(beta2, step);
        return new double[] {-(lr / bias1), 1 / Math.sqrt(bias2), eps, decay, beta1, 1 - beta1, beta2, 1 - beta2};
    }

    /** Creates an optimiser with the default options. */
    public Adam(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public Adam(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public Adam(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq"), List.of());
    }

    @Override
    protected Rule rule(Options o) {
        return RULES[choices(o.maximize, o.weightDecay, o.amsgrad)];
    }

    @Override
    protected double[] scalars(Options o, State state) {
        return scalars(o.lr, o.beta1, o.beta2, o.eps, state.step(), o.weightDecay);
    }
}
