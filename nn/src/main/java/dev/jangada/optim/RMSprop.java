package dev.jangada.optim;

import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradients divided by the root of their running mean square.
 *
 * <pre>
 * g = grad + weightDecay * p                        (-grad if maximize)
 * v = alpha * v + (1 - alpha) * g^2
 * a = sqrt(v) + eps, centered: m = alpha * m + (1 - alpha) * g, a = sqrt(v - m^2) + eps
 * p = p - lr * d,  d = g / a, with momentum b = momentum * b + g / a, d = b
 * </pre>
 *
 * <p>Source: {@code torch.optim.RMSprop}; Hinton, "Neural Networks for Machine Learning", lecture 6; Graves, "Generating Sequences With
 * Recurrent Neural Networks", arXiv 1308.0850 (centered).
 */
public final class RMSprop extends FusedOptimizer<RMSprop.Options> {
    /**
     * Settings of {@link RMSprop}.
     *
     * @param lr learning rate, at least 0, default 1e-2
     * @param alpha decay of the mean of squares, at least 0, default 0.99
     * @param eps added to the denominator, at least 0, default 1e-8
     * @param weightDecay factor of the L2 penalty, at least 0, default 0
     * @param momentum share of the former step, at least 0, default 0
     * @param centered whether the variance takes the place of the mean square, default false
     * @param maximize whether to climb instead of descend, default false
     */
    public record Options(
            double lr,
            double alpha,
            double eps,
            double weightDecay,
            double momentum,
            boolean centered,
            boolean maximize)
            implements Optimizer.MomentumOptions<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "RMSprop", "a learning rate >= 0", lr);
            require(alpha >= 0, "RMSprop", "alpha >= 0", alpha);
            require(eps >= 0, "RMSprop", "eps >= 0", eps);
            require(weightDecay >= 0, "RMSprop", "a weight decay >= 0", weightDecay);
            require(momentum >= 0, "RMSprop", "a momentum >= 0", momentum);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(1e-2, 0.99, 1e-8, 0, 0, false, false);
        }

        /** Returns the defaults with a learning rate. */
        public static Options of(double lr) {
            return defaults().withLr(lr);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, alpha, eps, weightDecay, momentum, centered, maximize);
        }

        /** Returns a copy with another decay of the mean of squares. */
        public Options withAlpha(double value) {
            return new Options(lr, value, eps, weightDecay, momentum, centered, maximize);
        }

        /** Returns a copy with another addition to the denominator. */
        public Options withEps(double value) {
            return new Options(lr, alpha, value, weightDecay, momentum, centered, maximize);
        }

        /** Returns a copy with another weight decay. */
        public Options withWeightDecay(double value) {
            return new Options(lr, alpha, eps, value, momentum, centered, maximize);
        }

        /** Returns a copy with another momentum. */
        @Override
        public Options withMomentum(double value) {
            return new Options(lr, alpha, eps, weightDecay, value, centered, maximize);
        }

        /** Returns a copy with or without centering. */
        public Options withCentered(boolean value) {
            return new Options(lr, alpha, eps, weightDecay, momentum, value, maximize);
        }

        /** Returns a copy that climbs or descends. */
        public Options withMaximize(boolean value) {
            return new Options(lr, alpha, eps, weightDecay, momentum, centered, value);
        }
    }

    private static final int CENTERED = 4;
    private static final int MOMENTUM = 8;
    private static final Rule[] RULES =
            rules(16, choices -> rule("RMSprop", 6, (x, s) -> update(x, s, choices), slots(choices)));

    private static int[] slots(int choices) {
        return switch (choices & (CENTERED | MOMENTUM)) {
            case 0 -> new int[] {0};
            case CENTERED -> new int[] {0, 1};
            case MOMENTUM -> new int[] {0, 2};
            default -> new int[] {0, 1, 2};
        };
    }

    /** Scalars: lr, weight decay, alpha, 1 - alpha, eps, momentum. */
    private static Expr[] update(Expr[] x, Expr[] s, int choices) {
        List<Expr> out = new ArrayList<>();
        Expr g = gradient(x[0], x[x.length - 1], s[1], choices);
        Expr square = flushedSquare(x[1].mul(s[2]).add(g.mul(g).mul(s[3])));
        out.add(square);
        Expr variance = square;
        if ((choices & CENTERED) != 0) {
            Expr mean = flushed(x[2].mul(s[2]).add(g.mul(s[3])));
            out.add(mean);
            variance = square.sub(mean.mul(mean));
        }
        Expr d = g.div(variance.sqrt().add(s[4]));
        if ((choices & MOMENTUM) != 0) {
            d = flushed(x[x.length - 2].mul(s[5]).add(d));
            out.add(d);
        }
        out.add(0, x[0].sub(d.mul(s[0])));
        return out.toArray(new Expr[0]);
    }

    /** Creates an optimiser with the default options. */
    public RMSprop(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public RMSprop(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public RMSprop(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("square_avg", "grad_avg", "momentum_buffer"), List.of());
    }

    @Override
    protected Rule rule(Options o) {
        return RULES[
                choices(o.maximize, o.weightDecay) | (o.centered ? CENTERED : 0) | (o.momentum > 0 ? MOMENTUM : 0)];
    }

    @Override
    protected double[] scalars(Options o, State state) {
        return new double[] {o.lr, o.weightDecay, o.alpha, 1 - o.alpha, o.eps, o.momentum};
    }
}
