package dev.jangada.optim;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import java.util.List;

/**
 * Stochastic gradient descent, with momentum if wanted.
 *
 * <pre>
 * g = grad + weightDecay * p                        (-grad if maximize)
 * b = g at the first step, then momentum * b + (1 - dampening) * g
 * p = p - lr * d,  d = g without momentum, g + momentum * b with nesterov, else b
 * </pre>
 *
 * <p>Source: {@code torch.optim.SGD}; Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013.
 */
public final class SGD extends FusedOptimizer<SGD.Options> {
    /**
     * Settings of {@link SGD}.
     *
     * @param lr learning rate, at least 0
     * @param momentum share of the former step, at least 0, default 0
     * @param dampening share of the gradient that does not enter the momentum, default 0
     * @param weightDecay factor of the L2 penalty, at least 0, default 0
     * @param nesterov whether the step looks ahead; needs momentum above 0 and dampening 0; default false
     * @param maximize whether to climb instead of descend, default false
     */
    public record Options(
            double lr, double momentum, double dampening, double weightDecay, boolean nesterov, boolean maximize)
            implements Optimizer.MomentumOptions<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "SGD", "a learning rate >= 0", lr);
            require(momentum >= 0, "SGD", "a momentum >= 0", momentum);
            require(weightDecay >= 0, "SGD", "a weight decay >= 0", weightDecay);
            if (nesterov && (momentum <= 0 || dampening != 0)) {
                throw new ArgumentException("[SGD] expected momentum > 0 and dampening 0 with nesterov, got momentum "
                        + momentum + " and dampening " + dampening + "; change one of them");
            }
        }

        /** Returns plain descent with a learning rate. */
        public static Options of(double lr) {
            return new Options(lr, 0, 0, 0, false, false);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, momentum, dampening, weightDecay, nesterov, maximize);
        }

        @Override
        public Options withMomentum(double value) {
            return new Options(lr, value, dampening, weightDecay, nesterov, maximize);
        }

        /** Returns a copy with another dampening. */
        public Options withDampening(double value) {
            return new Options(lr, momentum, value, weightDecay, nesterov, maximize);
        }

        /** Returns a copy with another weight decay. */
        public Options withWeightDecay(double value) {
            return new Options(lr, momentum, dampening, value, nesterov, maximize);
        }

        /** Returns a copy with or without Nesterov's look ahead. */
        public Options withNesterov(boolean value) {
            return new Options(lr, momentum, dampening, weightDecay, value, maximize);
        }

        /** Returns a copy that climbs or descends. */
        public Options withMaximize(boolean value) {
            return new Options(lr, momentum, dampening, weightDecay, nesterov, value);
        }
    }

    private static final int NESTEROV = 4;
    private static final Rule[] PLAIN = rules(
            4,
            choices -> rule("SGD", 4, (x, s) ->
                    new Expr[] {x[0].sub(descent(x, s, choices).mul(s[0]))}));
    private static final Rule[] WITH_MOMENTUM =
            rules(8, choices -> rule("SGD", 4, (x, s) -> withMomentum(x, s, choices), 0));

    /** Scalars: lr, weight decay, momentum, share of the gradient in the momentum. */
    private static Expr[] withMomentum(Expr[] x, Expr[] s, int choices) {
        Expr g = descent(x, s, choices);
        Expr b = x[1].mul(s[2]).add(g.mul(s[3]));
        Expr d = (choices & NESTEROV) != 0 ? g.add(b.mul(s[2])) : b;
        return new Expr[] {x[0].sub(d.mul(s[0])), flushed(b)};
    }

    private static Expr descent(Expr[] x, Expr[] s, int choices) {
        return gradient(x[0], x[x.length - 1], s[1], choices);
    }

    /** Creates plain descent. */
    public SGD(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public SGD(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("momentum_buffer"), List.of("momentum_steps"));
    }

    @Override
    protected Rule rule(Options o) {
        int choices = choices(o.maximize, o.weightDecay);
        return o.momentum == 0 ? PLAIN[choices] : WITH_MOMENTUM[choices | (o.nesterov ? NESTEROV : 0)];
    }

    /** At the first step with momentum, which may come late, the buffer is 0 and takes the whole gradient. */
    @Override
    protected double[] scalars(Options o, State state) {
        double before = state.number(0);
        state.setNumber(0, o.momentum == 0 ? before : before + 1);
        return new double[] {o.lr, o.weightDecay, o.momentum, before == 0 ? 1 : 1 - o.dampening};
    }
}
