package dev.jangada.benchmarks;

import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.nn.CrossEntropyLoss;
import dev.jangada.nn.Functional;
import dev.jangada.nn.GELU;
import dev.jangada.nn.LSTM;
import dev.jangada.nn.Linear;
import dev.jangada.nn.ReLU;
import dev.jangada.nn.Sequential;
import dev.jangada.nn.Tanh;
import dev.jangada.nn.rbm.RBM;
import dev.jangada.optim.Adam;
import dev.jangada.optim.AdamW;
import dev.jangada.optim.Optimizer;
import dev.jangada.optim.SGD;
import java.util.function.Supplier;

/**
 * The programs that are measured: whole steps, the optimiser included, on data that is already there.
 *
 * <p>{@code peers/torch_steps.py} has the same ones, by the same names, in PyTorch.
 */
public enum Workload {
    /** Dense network 784-512-512-10 with ReLU, batch 128, cross-entropy, Adam. */
    MLP(() -> dense(1e-3)),
    /** Dense network 784-600-300-10 with GELU, batch 128, cross-entropy, AdamW: sizes that no kernel was tuned for. */
    GELU(Workload::denseGelu),
    /** Restricted Boltzmann machine 784-512, batch 64, sampled data, CD-1, Adam. */
    RBM(() -> contrastiveDivergence(1)),
    /** The same with CD-11. */
    RBM_CD11(() -> contrastiveDivergence(11)),
    /** LSTM 128-256 over 64 steps, batch 32, mean squared error of all outputs, Adam. */
    LSTM(Workload::recurrentLayer),
    /** A cell of LSTM written by hand, 16-32 over 16 steps, batch 8, mean square of the last output, SGD: many small operations. */
    LSTM_BY_HAND(Workload::recurrentByHand),
    /** Linear(1, 10), Tanh, Linear(10, 1), batch 1, mean squared error, SGD. */
    TINY_TANH(() -> tiny(new Sequential(new Linear(1, 10), new Tanh(), new Linear(10, 1)), 1, false)),
    /** Linear(13, 1), batch 25, mean squared error, Adam. */
    TINY_LINEAR(() -> tiny(new Sequential(new Linear(13, 1)), 25, true)),
    /** A Gibbs chain of 1,000 steps of a machine 784-128, batch 64, with the upper half of the images clamped. */
    GIBBS(Workload::chain),
    /** The dense network 784-512-512-10 without gradients, batch 1. */
    INFERENCE_1(() -> inference(1)),
    /** The same, batch 128. */
    INFERENCE_128(() -> inference(128));

    /** Turns of {@link #GIBBS}. */
    static final int CHAIN = 1_000;

    /**
     * A program.
     *
     * @param eager one run by single operations
     * @param body the same to be captured
     */
    record Forms(Supplier<Tensor> eager, Supplier<Tensor> body) {
        private static Forms same(Supplier<Tensor> program) {
            return new Forms(program, program);
        }

        /** Returns the program as one plan, which its first run makes. */
        Captured captured() {
            return Capture.of(args -> body.get());
        }

        /** Returns what runs it once. */
        Supplier<Tensor> in(Execution mode) {
            if (mode == Execution.EAGER) {
                return eager;
            }
            Captured step = captured();
            return () -> step.run();
        }
    }

    private final Supplier<Forms> forms;

    Workload(Supplier<Forms> forms) {
        this.forms = forms;
    }

    /** Makes models and data, the same each time, to be run in one of the two ways. */
    Forms forms() {
        Jangada.manualSeed(0);
        return forms.get();
    }

    private static Forms training(Optimizer<?> optimizer, Supplier<Tensor> loss) {
        return Forms.same(() -> {
            optimizer.zeroGrad();
            Tensor result = loss.get();
            result.backward();
            optimizer.step();
            return result;
        });
    }

    /** {@link #MLP} with another learning rate. */
    static Forms dense(double lr) {
        Sequential model = dense();
        return classifier(model, new Adam(model.parameters(), lr));
    }

    private static Sequential dense() {
        return new Sequential(new Linear(784, 512), new ReLU(), new Linear(512, 512), new ReLU(), new Linear(512, 10));
    }

    private static Forms denseGelu() {
        Sequential model =
                new Sequential(new Linear(784, 600), new GELU(), new Linear(600, 300), new GELU(), new Linear(300, 10));
        return classifier(model, new AdamW(model.parameters(), 1e-3));
    }

    private static Forms classifier(Sequential model, Optimizer<?> optimizer) {
        Tensor images = Tensor.rand(128, 784);
        Tensor labels = Tensor.randint(0, 10, new long[] {128});
        CrossEntropyLoss criterion = new CrossEntropyLoss();
        return training(optimizer, () -> criterion.forward(model.forward(images), labels));
    }

    private static Forms contrastiveDivergence(int k) {
        Tensor grey = Tensor.rand(64, 784);
        RBM rbm = new RBM(784, 512, k);
        return training(new Adam(rbm.parameters(), 1e-3), () -> rbm.contrastiveDivergence(grey.bernoulli()));
    }

    private static Forms recurrentLayer() {
        Tensor sequences = Tensor.randn(64, 32, 128);
        Tensor targets = Tensor.rand(64, 32, 256).sub(0.5);
        LSTM lstm = new LSTM(128, 256);
        return training(
                new Adam(lstm.parameters(), 1e-3),
                () -> Functional.mseLoss(lstm.forward(sequences).output(), targets));
    }

    private static Forms recurrentByHand() {
        Tensor sequences = Tensor.randn(16, 8, 16);
        Linear input = new Linear(16, 4 * 32);
        Linear hidden = new Linear(32, 4 * 32);
        Sequential parts = new Sequential(input, hidden);
        return training(new SGD(parts.parameters(), 1e-2), () -> {
            Tensor h = Tensor.zeros(8, 32);
            Tensor c = Tensor.zeros(8, 32);
            for (int t = 0; t < 16; t++) {
                Tensor[] gates = input.forward(sequences.select(0, t))
                        .add(hidden.forward(h))
                        .chunk(4, 1);
                c = gates[1].sigmoid().mul(c).add(gates[0].sigmoid().mul(gates[2].tanh()));
                h = gates[3].sigmoid().mul(c.tanh());
            }
            return h.square().mean();
        });
    }

    private static Forms tiny(Sequential model, long batch, boolean adam) {
        long inputs = model.parameters().get(0).size(1);
        Tensor x = Tensor.rand(batch, inputs);
        Tensor y = Tensor.rand(batch, 1);
        Optimizer<?> optimizer = adam ? new Adam(model.parameters(), 1e-3) : new SGD(model.parameters(), 1e-3);
        return training(optimizer, () -> Functional.mseLoss(model.forward(x), y));
    }

    private static Forms chain() {
        RBM rbm = new RBM(784, 128);
        Tensor start = Tensor.rand(64, 784).bernoulli();
        Tensor upper = Tensor.arange(784).lt(392);
        return new Forms(
                () -> rbm.gibbs(start, upper, CHAIN),
                () -> Capture.loop(CHAIN, start, (v, i) -> rbm.gibbs(v, upper, 1)));
    }

    private static Forms inference(long batch) {
        Sequential model = dense();
        Tensor images = Tensor.rand(batch, 784);
        return Forms.same(() -> {
            try (Autograd.Mode off = Autograd.noGrad()) {
                return model.forward(images);
            }
        });
    }
}
