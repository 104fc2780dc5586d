package dev.jangada.optim;

import dev.jangada.Tensor;
import java.util.List;

/**
 * Adam whose weight decay shrinks the parameter itself, apart from the gradient.
 *
 * <pre>
 * p = p - lr * weightDecay * p
 * then a step of {@link Adam} without decay
 * </pre>
 *
 * <p>Source: {@code torch.optim.AdamW}; Loshchilov, Hutter, "Decoupled Weight Decay Regularization", arXiv 1711.05101.
 */
public final class AdamW extends FusedOptimizer<AdamW.Options> {
    /**
     * Settings of {@link AdamW}.
     *
     * @param lr learning rate, at least 0, default 1e-3
     * @param beta1 decay of the mean of gradients, in [0, 1), default 0.9
     * @param beta2 decay of the mean of squares, in [0, 1), default 0.999
     * @param eps added to the denominator, at least 0, default 1e-8
     * @param weightDecay share of the parameter that a step of size 1 takes away, at least 0, default 1e-2
     * @param amsgrad whether the largest mean of squares counts, default false
     * @param maximize whether to climb instead of descend, default false
     */
    public record Options(
            double lr, double beta1, double beta2, double eps, double weightDecay, boolean amsgrad, boolean maximize)
            implements Optimizer.MomentumOptions<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "AdamW", "a learning rate >= 0", lr);
            require(beta1 >= 0 && beta1 < 1, "AdamW", "beta1 in [0, 1)", beta1);
            require(beta2 >= 0 && beta2 < 1, "AdamW", "beta2 in [0, 1)", beta2);
            require(eps >= 0, "AdamW", "eps >= 0", eps);
            require(weightDecay >= 0, "AdamW", "a weight decay >= 0", weightDecay);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(1e-3, 0.9, 0.999, 1e-8, 1e-2, false, false);
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

    private static final Rule[] RULES = Adam.rules("AdamW", true);

    /** Creates an optimiser with the default options. */
    public AdamW(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public AdamW(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public AdamW(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq"), List.of());
    }

    @Override
    protected Rule rule(Options o) {
        return RULES[Adam.choices(o.maximize, o.weightDecay, o.amsgrad)];
    }

    @Override
    protected double[] scalars(Options o, State state) {
        return Adam.scalars(o.lr, o.beta1, o.beta2, o.eps, state.step(), 1 - o.lr * o.weightDecay);
    }
}
