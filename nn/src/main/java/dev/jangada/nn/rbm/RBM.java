package dev.jangada.nn.rbm;

import dev.jangada.ArgumentException;
import dev.jangada.Generator;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.capture.Capture;
import dev.jangada.nn.Functional;
import dev.jangada.nn.Module;
import dev.jangada.nn.init.Init;
import dev.jangada.ops.BernoulliUnits;
import java.util.Objects;

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

    /**
     * Returns the visible units at the end of a Gibbs chain of {@code k} steps, each up and down once; never recorded.
     *
     * @throws ArgumentException if {@code k} is less than 1
     */
    public Tensor gibbs(Tensor v, int k) {
        requireSteps("gibbs", k);
        Tensor visible = v;
        for (int i = 0; i < k; i++) {
            try (TensorScope step = new TensorScope()) {
                Tensor next = step.keep(sampleVisible(sampleHidden(visible)));
                if (visible != v) {
                    visible.close(); // a long chain holds one state, whatever scope is open outside
                }
                visible = next;
            }
        }
        return visible;
    }

    /** As {@link #gibbs(Tensor, int)} with {@link #k()} steps. */
    public Tensor gibbs(Tensor v) {
        return gibbs(v, k());
    }

    // ---- energy

    /** Returns the free energy of each row, {@code [B]}. */
    public Tensor freeEnergy(Tensor v) {
        Tensor hidden = BernoulliUnits.softplusSum(Functional.linear(v, weight, hiddenBias));
        return v.matmul(visibleBias).add(hidden).neg();
    }

    /** Returns {@code mean F(v) - mean F(vk)}, where vk is the end of a Gibbs chain of {@link #k()} steps from v. */
    public Tensor contrastiveDivergence(Tensor v) {
        return contrastiveDivergence(v, gibbs(v));
    }

    /** Returns {@code mean F(v) - mean F(vk)} for samples of the model, which are taken as constants. */
    public Tensor contrastiveDivergence(Tensor v, Tensor vk) {
        long data = v.size(0);
        Tensor energy =
                freeEnergy(Tensor.cat(0, v, vk.detach())); // one matrix product for both, and one for the gradient
        return energy.narrow(0, 0, data)
                .mean()
                .sub(energy.narrow(0, data, vk.size(0)).mean());
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
