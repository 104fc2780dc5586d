package dev.jangada.optim;

import dev.jangada.DType;
import dev.jangada.FusedUpdate;
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
public final class Adam extends Optimizer<Adam.Options, Adam.State> {
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
            implements Optimizer.Options<Options> {
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

    /** Moments and step count of one parameter. */
    static final class State {
        private final Tensor mean;
        private final Tensor square;
        private Tensor largest;
        private long step;

        private State(Tensor p) {
            mean = zerosLike(p);
            square = zerosLike(p);
        }
    }

    private static final int MAXIMIZE = 1;
    private static final int DECAY = 2;
    private static final int AMSGRAD = 4;
    /** By flags, which choose what the expressions contain; values of options are run-time scalars. */
    private static final FusedUpdate[] UPDATES = new FusedUpdate[8];

    static {
        for (int i = 0; i < UPDATES.length; i++) {
            int flags = i;
            int changed = (flags & AMSGRAD) != 0 ? 4 : 3;
            UPDATES[i] = FusedUpdate.of("Adam", changed, 1, 8, (x, s) -> update(x, s, flags));
        }
    }

    /** Scalars: -lr / bias1, 1 / sqrt(bias2) (a division per element less), eps, weight decay, beta1, 1 - beta1, beta2, 1 - beta2. */
    private static Expr[] update(Expr[] x, Expr[] s, int flags) {
        Expr p = x[0];
        Expr grad = x[x.length - 1];
        Expr g = (flags & MAXIMIZE) != 0 ? grad.neg() : grad;
        g = (flags & DECAY) != 0 ? g.add(p.mul(s[3])) : g;
        Expr mean = flushed(x[1].mul(s[4]).add(g.mul(s[5])));
        Expr square = flushedSquare(x[2].mul(s[6]).add(g.mul(s[7]).mul(g)));
        Expr used = (flags & AMSGRAD) != 0 ? x[3].max(square) : square;
        Expr denominator = used.sqrt().mul(s[1]).add(s[2]);
        Expr next = p.add(mean.mul(s[0]).div(denominator));
        return (flags & AMSGRAD) != 0 ? new Expr[] {next, mean, square, used} : new Expr[] {next, mean, square};
    }

    /**
     * Returns 0 where a mean of squares is subnormal, and so slow. The bound of other moments would be wrong here: a gradient of 1e-14 has a
     * square of 1e-28, and a 0 in the denominator would make the step infinite where eps is 0.
     */
    private static Expr flushedSquare(Expr square) {
        double smallest = square.type() == DType.FLOAT64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
        return Expr.select(square.lt(smallest), Expr.constant(0.0, square.type()), square);
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
        super(parameters, options);
    }

    @Override
    protected State update(Tensor p, Tensor grad, State former, Options o) {
        State state = former == null ? new State(p) : former;
        state.step++;
        int flags = (o.maximize ? MAXIMIZE : 0) | (o.weightDecay != 0 ? DECAY : 0) | (o.amsgrad ? AMSGRAD : 0);
        if (o.amsgrad && state.largest == null) {
            state.largest = zerosLike(p);
        }
        Tensor[] changed = o.amsgrad
                ? new Tensor[] {p, state.mean, state.square, state.largest}
                : new Tensor[] {p, state.mean, state.square};
        double bias1 = 1 - Math.pow(o.beta1, state.step);
        double bias2 = 1 - Math.pow(o.beta2, state.step);
        UPDATES[flags].apply(
                changed,
                new Tensor[] {grad},
                -(o.lr / bias1),
                1 / Math.sqrt(bias2),
                o.eps,
                o.weightDecay,
                o.beta1,
                1 - o.beta1,
                o.beta2,
                1 - o.beta2);
        return state;
    }
}
