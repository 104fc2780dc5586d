package dev.jangada.optim;

import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import java.util.List;

/**
 * Resilient propagation: each element has a step size of its own, which grows while the gradient keeps its sign and shrinks when it turns.
 *
 * <pre>
 * g = grad                                          (-grad if maximize)
 * c = g * former g
 * s = clamp(s * (etaPlus if c &gt; 0, etaMinus if c &lt; 0, else 1), minStep, maxStep)       s is lr at first
 * g = 0 where c &lt; 0
 * p = p - sign(g) * s
 * </pre>
 *
 * <p>For gradients of the whole training set, not of mini-batches.
 * <p>Source: {@code torch.optim.Rprop}; Riedmiller, Braun, "A Direct Adaptive Method for Faster Backpropagation Learning", ICNN 1993.
 */
public final class Rprop extends FusedOptimizer<Rprop.Options> {
    /**
     * Settings of {@link Rprop}.
     *
     * @param lr the first step size, at least 0, default 1e-2
     * @param etaMinus factor where the gradient turned, in (0, 1), default 0.5
     * @param etaPlus factor where it kept its sign, above 1, default 1.2
     * @param minStep smallest step size, default 1e-6
     * @param maxStep largest step size, default 50
     * @param maximize whether to climb instead of descend, default false
     */
    public record Options(double lr, double etaMinus, double etaPlus, double minStep, double maxStep, boolean maximize)
            implements Optimizer.Options<Options> {
        /** Checks the values. */
        public Options {
            require(lr >= 0, "Rprop", "a learning rate >= 0", lr);
            require(etaMinus > 0 && etaMinus < 1, "Rprop", "etaMinus in (0, 1)", etaMinus);
            require(etaPlus > 1, "Rprop", "etaPlus above 1", etaPlus);
        }

        /** Returns the defaults. */
        public static Options defaults() {
            return new Options(1e-2, 0.5, 1.2, 1e-6, 50, false);
        }

        /** Returns the defaults with a learning rate. */
        public static Options of(double lr) {
            return defaults().withLr(lr);
        }

        @Override
        public Options withLr(double value) {
            return new Options(value, etaMinus, etaPlus, minStep, maxStep, maximize);
        }

        /** Returns a copy with other factors of the step sizes. */
        public Options withEtas(double first, double second) {
            return new Options(lr, first, second, minStep, maxStep, maximize);
        }

        /** Returns a copy with other bounds of the step sizes. */
        public Options withStepSizes(double first, double second) {
            return new Options(lr, etaMinus, etaPlus, first, second, maximize);
        }

        /** Returns a copy that climbs or descends. */
        public Options withMaximize(boolean value) {
            return new Options(lr, etaMinus, etaPlus, minStep, maxStep, value);
        }
    }

    private static final Rule DESCENDING = rule("Rprop", 4, (x, s) -> update(x, x[3], s), 0, 1);
    private static final Rule CLIMBING = rule("Rprop", 4, (x, s) -> update(x, x[3].neg(), s), 0, 1);

    /** Scalars: both etas, smallest and largest step. */
    private static Expr[] update(Expr[] x, Expr grad, Expr[] s) {
        Expr agreement = grad.mul(x[1]);
        Expr one = Expr.constant(1.0, grad.type());
        Expr factor = Expr.select(agreement.gt(0), s[1], Expr.select(agreement.lt(0), s[0], one));
        Expr size = x[2].mul(factor).max(s[2]).min(s[3]);
        Expr g = Expr.select(agreement.lt(0), Expr.constant(0.0, grad.type()), grad);
        return new Expr[] {x[0].sub(g.sign().mul(size)), g, size};
    }

    /** Creates an optimiser with the default options. */
    public Rprop(List<Tensor> parameters) {
        this(parameters, Options.defaults());
    }

    /** Creates an optimiser with a learning rate. */
    public Rprop(List<Tensor> parameters, double lr) {
        this(parameters, Options.of(lr));
    }

    /** Creates an optimiser of one group. */
    public Rprop(List<Tensor> parameters, Options options) {
        super(parameters, options, List.of("prev", "step_size"), List.of());
    }

    @Override
    protected Rule rule(Options o) {
        return o.maximize ? CLIMBING : DESCENDING;
    }

    @Override
    protected double initialSlot(int slot, Options o) {
        return slot == 1 ? o.lr : 0;
    }

    @Override
    protected double[] scalars(Options o, State state) {
        return new double[] {o.etaMinus, o.etaPlus, o.minStep, o.maxStep};
    }
}
