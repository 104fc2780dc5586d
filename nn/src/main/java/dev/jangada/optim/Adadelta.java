package dev.jangada.optim;

import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import java.util.List;

/**
 * Steps as large as the former ones were, in relation to the gradients: without a learning rate to choose.
 *
 * <pre>
 * g = grad + weightDecay * p                        (-grad if maximize)
 * v = rho * v + (1 - rho) * g^2
 * d = sqrt(u + eps) / sqrt(v + eps) * g
 * u = rho * u + (1 - rho) * d^2
 * p = p - lr * d
 * </pre>
 *
 * <p>Source: {@code torch.optim.Adadelta}; Zeiler, "ADADELTA: An Adaptive Learning Rate Method", arXiv 1212.5701.
 */
public final class Adadelta extends FusedOptimizer<Adadelta.Options> {
    /**
     * Settings of {@link Adadelta}.
     *
     * @param lr learning rate, at least 0, default 1.0
     * @param rho decay of the mean squares, in [0, 1], default 0.9
     * @param eps added to the denominator, at least 0, default 1e-6
     * @param weightDecay factor of the L2 penalty, at least 0, default 0
     * @param maximize whether to climb instead of descend, default false
     */
    public record Options(double lr, double rho, double eps, double weightDecay, boolean maximize)
            implements Optimizer.Options<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "Adadelta", "a learning rate >= 0", lr);
            require(rho >= 0 && rho <= 1, "Adadelta", "rho in [0, 1]", rho);
            require(eps >= 0, "Adadelta", "eps >= 0", eps);
            require(weightDecay >= 0, "Adadelta", "a weight decay >= 0", weightDecay);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(1.0, 0.9, 1e-6, 0, false);
        }

        /** Returns the defaults with a learning rate. */
        public static Options of(double lr) {
            return defaults().withLr(lr);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, rho, eps, weightDecay, maximize);
        }

        /** Returns a copy with another decay of the mean squares. */
        public Options withRho(double value) {
            return new Options(lr, value, eps, weightDecay, maximize);
        }

        /** Returns a copy with another addition to the denominator. */
        public Options withEps(double value) {
            return new Options(lr, rho, value, weightDecay, maximize);
        }

        /** Returns a copy with another weight decay. */
        public Options withWeightDecay(double value) {
            return new Options(lr, rho, eps, value, maximize);
        }

        /** Returns a copy that climbs or descends. */
        public Options withMaximize(boolean value) {
            return new Options(lr, rho, eps, weightDecay, value);
        }
    }

    private static final Rule[] RULES = rules(4, choices -> rule("Adadelta", 5, (x, s) -> update(x, s, choices), 0, 1));

    /** Scalars: lr, weight decay, rho, 1 - rho, eps. */
    private static Expr[] update(Expr[] x, Expr[] s, int choices) {
        Expr g = gradient(x[0], x[3], s[1], choices);
        Expr square = flushedSquare(x[1].mul(s[2]).add(g.mul(g).mul(s[3])));
        Expr delta = x[2].add(s[4]).sqrt().div(square.add(s[4]).sqrt()).mul(g);
        Expr deltas = flushedSquare(x[2].mul(s[2]).add(delta.mul(delta).mul(s[3])));
        return new Expr[] {x[0].sub(delta.mul(s[0])), square, deltas};
    }

    /** Creates an optimiser with the default options. */
    public Adadelta(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public Adadelta(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public Adadelta(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("square_avg", "acc_delta"), List.of());
    }

    @Override
    protected Rule rule(Options o) {
        return RULES[choices(o.maximize, o.weightDecay)];
    }

    @Override
    protected double[] scalars(Options o, State state) {
        return new double[] {o.lr, o.weightDecay, o.rho, 1 - o.rho, o.eps};
    }
}
