package dev.jangada.nn.rbm;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Generator;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.capture.Capture;
import dev.jangada.nn.Functional;
import dev.jangada.nn.Module;
import dev.jangada.nn.init.Init;
import dev.jangada.ops.BernoulliUnits;
import dev.jangada.ops.Executor;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * A restricted Boltzmann machine of binary units, trained by contrastive divergence.
 *
 * <pre>
 * p(h | v) = sigmoid(v @ W^T + bh)            p(v | h) = sigmoid(h @ W + bv)
 * F(v) = -v . bv - sum_j log(1 + exp(v @ W^T + bh)_j)
 * loss = mean F(v) - mean F(vk),   vk the end of a Gibbs chain of k steps from v, taken as a constant
 * </pre>
 *
 * <pre>{@code
 * RBM rbm = new RBM(784, 512);
 * Adam adam = new Adam(rbm.parameters(), 1e-3);
 * rbm.contrastiveDivergence(v).backward();
 * adam.step();
 * }</pre>
 *
 * <p>Shapes: visible {@code [B, visible]}, hidden {@code [B, hidden]}, W {@code [hidden, visible]}, bv {@code [visible]}, bh
 * {@code [hidden]}. W starts normal with standard deviation 0.01, the biases at 0.
 *
 * <p>Source: G. Hinton, "Training products of experts by minimizing contrastive divergence", Neural Computation 14, 2002; G. Hinton, "A
 * practical guide to training restricted Boltzmann machines", 2010.
 */
public final class RBM extends Module {
    private final Tensor weight;
    private final Tensor visibleBias;
    private final Tensor hiddenBias;
    private final Generator generator;
    private Tensor chains; // null until they are started
    private int k;

    /** Creates a machine with {@code k} = 1 that draws from the global generator. */
    public RBM(long visible, long hidden) {
        this(visible, hidden, 1);
    }

    /** Creates a machine that draws from the global generator. */
    public RBM(long visible, long hidden, int k) {
        this(visible, hidden, k, Generator.global());
    }

    /**
     * Creates a machine.
     *
     * @param visible number of visible units, at least 1
     * @param hidden number of hidden units, at least 1
     * @param k Gibbs steps of contrastive divergence, at least 1
     * @param generator gives the first weights and all samples
     * @throws ArgumentException if a number is less than 1
     */
    public RBM(long visible, long hidden, int k, Generator generator) {
        if (visible < 1 || hidden < 1) {
            throw new ArgumentException(
                    "[RBM] expected at least 1 visible and 1 hidden unit, got " + visible + " and " + hidden);
        }
        this.generator = Objects.requireNonNull(generator, "generator is null");
        setK(k);
        weight = parameter("W", Tensor.empty(hidden, visible));
        visibleBias = parameter("bv", Tensor.zeros(visible));
        hiddenBias = parameter("bh", Tensor.zeros(hidden));
        Init.normal_(weight, 0, 0.01, generator);
    }

    /** Returns the weights {@code [hidden, visible]}: row j is the filter of hidden unit j. */
    public Tensor weight() {
        return weight;
    }

    /** Returns the bias of the visible units. */
    public Tensor visibleBias() {
        return visibleBias;
    }

    /** Returns the bias of the hidden units. */
    public Tensor hiddenBias() {
        return hiddenBias;
    }

    /** Returns the number of Gibbs steps of contrastive divergence. */
    public int k() {
        return Capture.guard(() -> k); // the one place where it is read
    }

    /**
     * Changes the number of Gibbs steps of contrastive divergence, also while training goes on.
     *
     * @throws ArgumentException if it is less than 1
     */
    public void setK(int k) {
        requireSteps("RBM", k);
        Executor.requireEager("setK", "a number of steps that changes", "change it between two runs");
        this.k = k;
    }

    private static void requireSteps(String op, int k) {
        if (k < 1) {
            throw new ArgumentException("[" + op + "] expected k >= 1 Gibbs steps, got " + k
                    + "; contrastive divergence compares the data with the end of a chain, so pass 1 or more");
        }
    }

    // ---- between the layers

    /** Returns {@code p(h | v)}. */
    public Tensor propUp(Tensor v) {
        return BernoulliUnits.probability(v, weight.transpose(0, 1), hiddenBias);
    }

    /** Returns {@code p(v | h)}. */
    public Tensor propDown(Tensor h) {
        return BernoulliUnits.probability(h, weight, visibleBias);
    }

    /** Returns samples of 0 and 1 from {@code p(h | v)}; never recorded. */
    public Tensor sampleHidden(Tensor v) {
        try (Autograd.Mode off = Autograd.noGrad()) {
            return BernoulliUnits.sample(v, weight.transpose(0, 1), hiddenBias, generator);
        }
    }

    /** Returns samples of 0 and 1 from {@code p(v | h)}; never recorded. */
    public Tensor sampleVisible(Tensor h) {
        try (Autograd.Mode off = Autograd.noGrad()) {
            return BernoulliUnits.sample(h, weight, visibleBias, generator);
        }
    }

    /** Returns samples of 0 and 1 from {@code p(v | h)} where the mask is false, and the values of {@code v} where it is true. */
    private Tensor sampleVisible(Tensor h, Tensor mask, Tensor v) {
        try (Autograd.Mode off = Autograd.noGrad()) {
            return BernoulliUnits.conditionalSample(h, weight, visibleBias, mask, v, generator);
        }
    }

    // ---- chains

    /**
     * Returns the visible units at the end of a Gibbs chain of {@code k} steps, each up and down once; never recorded.
     *
     * @throws ArgumentException if {@code k} is less than 1
     */
    public Tensor gibbs(Tensor v, int k) {
        requireSteps("gibbs", k);
        requireVisible("gibbs", v);
        return chain(v, k, this::sampleVisible);
    }

    /** As {@link #gibbs(Tensor, int)} with {@link #k()} steps. */
    public Tensor gibbs(Tensor v) {
        return gibbs(v, k());
    }

    /**
     * As {@link #gibbs(Tensor, int)}, conditional on some units: where the mask is true, each step has the value of {@code v}.
     *
     * @param v where the chain starts, {@code [B, visible]}
     * @param mask bool, {@code [visible]} for all rows or {@code [B, visible]}
     * @throws ArgumentException if {@code k} is less than 1
     * @throws DTypeException if the mask is not bool
     * @throws ShapeException if the mask has another shape
     */
    public Tensor gibbs(Tensor v, Tensor mask, int k) {
        requireSteps("gibbs", k);
        requireMask("gibbs", v, mask);
        return chain(v, k, h -> sampleVisible(h, mask, v));
    }

    private Tensor chain(Tensor v, int k, UnaryOperator<Tensor> down) {
        Tensor visible = v;
        for (int i = 0; i < k; i++) {
            try (TensorScope step = new TensorScope()) {
                Tensor next = step.keep(down.apply(sampleHidden(visible)));
                if (visible != v) {
                    visible.close(); // a long chain holds one state, whatever scope is open outside
                }
                visible = next;
            }
        }
        return visible;
    }

    /** As {@link #gibbs(Tensor, int)}, from {@code v @ W^T + bh} on. */
    private Tensor chain(Tensor hidden, int k) {
        try (TensorScope scope = new TensorScope()) {
            Tensor first = sampleVisible(BernoulliUnits.sample(hidden, generator));
            return scope.keep(chain(first, k - 1, this::sampleVisible));
        }
    }

    /** Where the free units of an image stand before it is filled in. */
    public enum Start {
        /** Each is 0 or 1 with probability 1/2. */
        RANDOM,
        /** All are 0. */
        ZERO
    }

    /**
     * Fills in what is missing of some images: returns samples of the free units given the known ones, at the end of a Gibbs chain. The known
     * ones keep their values; never recorded. A long chain holds one state only; {@link #gibbs(Tensor, Tensor, int)} goes on with one.
     *
     * <pre>{@code
     * Tensor top = Tensor.arange(784).lt(392);
     * Tensor whole = rbm.inpaint(images, top, 1_000, RBM.Start.RANDOM);
     * }</pre>
     *
     * @param v images {@code [B, visible]} with known values in [0, 1]; what stands at free units is not looked at
     * @param mask bool, true where a value is known, {@code [visible]} for all rows or {@code [B, visible]}
     * @param steps of the chain, at least 1
     * @throws ArgumentException if there are less steps than 1, or a known value is not in [0, 1]; a captured program does not look at values
     * @throws DTypeException if the mask is not bool
     * @throws ShapeException if {@code v} or the mask has another shape
     */
    public Tensor inpaint(Tensor v, Tensor mask, int steps, Start start) {
        requireSteps("inpaint", steps);
        requireMask("inpaint", v, mask);
        Objects.requireNonNull(start, "start is null");
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor free = Tensor.zerosLike(v);
            requireProbabilities("inpaint", Tensor.where(mask, v, free));
            if (start == Start.RANDOM) {
                free.bernoulli_(0.5, generator);
            }
            return scope.keep(gibbs(Tensor.where(mask, v, free), mask, steps));
        }
    }

    private void requireMask(String op, Tensor v, Tensor mask) {
        if (mask.dtype() != DType.BOOL) {
            throw new DTypeException("[" + op + "] expected a bool mask, true where a value is known, got "
                    + mask.dtype() + "; pass for example mask.ne(0)");
        }
        requireVisible(op, v);
        Shape row = Shape.of(v.size(1));
        if (!mask.shape().equals(row) && !mask.shape().equals(v.shape())) {
            throw new ShapeException(
                    "[" + op + "] expected a mask of shape " + row + " or " + v.shape() + ", got " + mask.shape());
        }
    }

    private void requireVisible(String op, Tensor v) {
        if (v.dim() != 2 || v.size(1) != weight.size(1)) {
            throw new ShapeException("[" + op + "] expected visible units of shape [B, " + weight.size(1) + "], got "
                    + v.shape() + "; reshape images to rows");
        }
        if (v.dtype() != weight.dtype()) {
            throw new DTypeException("[" + op + "] expected visible units of the weights' type " + weight.dtype()
                    + ", got " + v.dtype() + "; convert them with to(DType), or the machine");
        }
    }

    /** Requires at least one row, as the mean over none would make all weights NaN. */
    private void requireRows(String op, Tensor v) {
        requireVisible(op, v);
        if (v.size(0) == 0) {
            throw new ShapeException(
                    "[" + op + "] expected at least one row, got " + v.shape() + "; leave empty batches out");
        }
    }

    private static void requireProbabilities(String op, Tensor v) {
        boolean known = !Executor.current().isTracing();
        if (known && !v.ge(0).logicalAnd(v.le(1)).all().itemBoolean()) {
            throw new ArgumentException("[" + op + "] expected visible units in [0, 1], got others; divide grey values"
                    + " by 255, or replace NaN");
        }
    }

    // ---- persistent chains

    /**
     * Starts chains that {@link #persistentContrastiveDivergence} goes on with, from random states: each unit is 0 or 1 with probability
     * 1/2. They are the buffer {@code chains}, {@code [count, visible]}, part of the state; starting again replaces their values. A machine
     * that is to load a state with chains starts as many first.
     *
     * @param count at least 1; as many as there are samples in a batch is usual
     * @throws ArgumentException if it is less than 1, or chains of another number were started before
     */
    public void startChains(long count) {
        if (count < 1 || chains != null && chains.size(0) != count) {
            throw new ArgumentException("[startChains] expected "
                    + (chains == null ? "at least 1 chain" : chains.size(0) + " chains, as before") + ", got " + count);
        }
        if (chains == null) {
            chains = buffer("chains", Tensor.zeros(weight.dtype(), weight.device(), count, weight.size(1)));
        }
        try (Autograd.Mode off = Autograd.noGrad()) {
            chains.bernoulli_(0.5, generator);
        }
    }

    /**
     * Returns {@code mean F(v) - mean F(c)}, where c are the persistent chains after {@link #k()} more steps. They start where the last call
     * left them, not at the data, so that they come to all states that the model likes, and correct it there. Source: T. Tieleman, "Training
     * restricted Boltzmann machines using approximations to the likelihood gradient", ICML 2008.
     *
     * @throws IllegalStateException if {@link #startChains} was not called
     */
    public Tensor persistentContrastiveDivergence(Tensor v) {
        if (chains == null) {
            throw new IllegalStateException("[persistentContrastiveDivergence] expected chains, got none; call"
                    + " startChains(count) first, for example with the size of a batch");
        }
        requireRows("persistentContrastiveDivergence", v);
        Tensor vk = gibbs(chains);
        Tensor loss = contrastiveDivergence(v, vk); // before the chains move: it may fail
        try (Autograd.Mode off = Autograd.noGrad()) {
            chains.copy_(vk);
        }
        return loss;
    }

    // ---- energy

    /** Returns the free energy of each row, {@code [B]}. */
    public Tensor freeEnergy(Tensor v) {
        return freeEnergy(v, Functional.linear(v, weight, hiddenBias));
    }

    private Tensor freeEnergy(Tensor v, Tensor hidden) {
        return BernoulliUnits.innerProducts(v, visibleBias)
                .add(BernoulliUnits.softplusSum(hidden))
                .neg();
    }

    /** Returns {@code mean F(v) - mean F(vk)}, where vk is the end of a Gibbs chain of {@link #k()} steps from v. */
    public Tensor contrastiveDivergence(Tensor v) {
        requireRows("contrastiveDivergence", v);
        int steps = k();
        return contrast(v, hidden -> chain(hidden, steps));
    }

    /**
     * Returns {@code mean F(v) - mean F(vk)} for samples of the model, which are taken as constants.
     *
     * @throws ShapeException if {@code v} or {@code vk} is not {@code [B, visible]} with at least one row
     */
    public Tensor contrastiveDivergence(Tensor v, Tensor vk) {
        requireRows("contrastiveDivergence", v);
        requireRows("contrastiveDivergence", vk);
        return contrast(v, hidden -> vk.detach());
    }

    private Tensor contrast(Tensor v, UnaryOperator<Tensor> samples) {
        Tensor[] both = new Contrast(samples).apply(v, weight, hiddenBias);
        return freeEnergy(v, both[0]).mean().sub(freeEnergy(both[2], both[1]).mean());
    }

    /**
     * What {@link #contrastiveDivergence(Tensor, Tensor)} has for gradients, by formula.
     *
     * @param weight {@code [hidden, visible]}
     * @param visibleBias {@code [visible]}
     * @param hiddenBias {@code [hidden]}
     */
    public record Gradients(Tensor weight, Tensor visibleBias, Tensor hiddenBias) {}

    /**
     * Returns the gradients of {@link #contrastiveDivergence(Tensor, Tensor)} in closed form, without recording: for W
     * {@code p(h | vk)^T @ vk / Bk - p(h | v)^T @ v / B}, for bv {@code mean(vk) - mean(v)}, for bh {@code mean(p(h | vk)) - mean(p(h | v))}.
     * They are those of {@code backward()}, but for rounding.
     */
    public Gradients contrastiveDivergenceGradients(Tensor v, Tensor vk) {
        requireRows("contrastiveDivergenceGradients", v);
        requireRows("contrastiveDivergenceGradients", vk);
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor up = propUp(v);
            Tensor upK = propUp(vk);
            Tensor data = up.transpose(0, 1).matmul(v).div(v.size(0));
            Tensor model = upK.transpose(0, 1).matmul(vk).div(vk.size(0));
            return new Gradients(
                    scope.keep(model.sub(data)),
                    scope.keep(vk.mean(0).sub(v.mean(0))),
                    scope.keep(upK.mean(0).sub(up.mean(0))));
        }
    }

    /**
     * Returns an estimate of the pseudo-likelihood of each row in nats, {@code [B]}: {@code visible * log p(v_i | all other units)} for one
     * unit i, drawn for each row; never recorded. Its mean over i is {@code sum_i log p(v_i | others)}, which tells how training goes on
     * where the likelihood can't be computed.
     *
     * <p>Source: J. Besag, "Statistical analysis of non-lattice data", The Statistician 24, 1975.
     */
    public Tensor pseudoLikelihood(Tensor v) {
        requireVisible("pseudoLikelihood", v);
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            long[] column = {v.size(0), 1};
            Tensor unit =
                    Tensor.randint(0, v.size(1), column, DType.INT64, generator).to(v.device());
            Tensor flipped = v.scatter(1, unit, v.gather(1, unit).neg().add(1));
            Tensor logit = freeEnergy(flipped).sub(freeEnergy(v)); // of v_i against its opposite
            return scope.keep(Functional.logsigmoid(logit).mul(v.size(1)));
        }
    }

    /**
     * Returns how well each row comes back, {@code [B]}: the cross-entropy in nats between its values and {@code p(v | h)} for
     * {@code h = p(h | v)}, without sampling.
     */
    public Tensor reconstructionCrossEntropy(Tensor v) {
        Tensor logits = Functional.linear(propUp(v), weight.transpose(0, 1), visibleBias);
        return BernoulliUnits.crossEntropySum(logits, v);
    }

    @Override
    protected String extraRepr() {
        return "visible=" + weight.size(1) + ", hidden=" + weight.size(0) + ", k=" + k();
    }
}
