package dev.jangada.benchmarks;

import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.nn.CrossEntropyLoss;
import dev.jangada.nn.LSTM;
import dev.jangada.nn.Linear;
import dev.jangada.nn.MSELoss;
import dev.jangada.nn.ReLU;
import dev.jangada.nn.Sequential;
import dev.jangada.nn.rbm.RBM;
import dev.jangada.optim.Adam;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long does a whole training step take, optimiser included? The programs of the examples {@code mnist-mlp} and {@code mnist-rbm},
 * and a layer of LSTM, eager and captured.
 *
 * <p>{@code benchmarks/peers/torch_steps.py} has the same steps in PyTorch; {@code benchmarks/peers/compare.py} runs both in turn.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class TrainingStepBenchmark {
    /** Number of threads. */
    @Param({"1", "2"})
    public int threads;

    /** Whether operations run one by one, or the whole step as one plan. */
    @Param({"eager", "captured"})
    public String mode;

    private Tensor grey;
    private Tensor images;
    private Tensor labels;
    private Sequential model;
    private Adam modelOptimizer;
    private final CrossEntropyLoss criterion = new CrossEntropyLoss();
    private RBM rbm;
    private Adam rbmOptimizer;
    private Tensor sequences;
    private Tensor targets;
    private LSTM lstm;
    private Adam lstmOptimizer;
    private final MSELoss regression = new MSELoss();
    private Supplier<Tensor> mlpStep;
    private Supplier<Tensor> rbmStep;
    private Supplier<Tensor> lstmStep;

    /** Makes the data and the models. */
    @Setup
    public void setUp() {
        Jangada.manualSeed(0);
        Jangada.setNumThreads(threads);
        images = Tensor.rand(128, 784);
        labels = Tensor.randint(0, 10, new long[] {128});
        model = new Sequential(new Linear(784, 512), new ReLU(), new Linear(512, 512), new ReLU(), new Linear(512, 10));
        modelOptimizer = new Adam(model.parameters(), 1e-3);
        grey = Tensor.rand(64, 784);
        rbm = new RBM(784, 512);
        rbmOptimizer = new Adam(rbm.parameters(), 1e-3);
        sequences = Tensor.randn(64, 32, 128);
        targets = Tensor.rand(64, 32, 256).sub(0.5);
        lstm = new LSTM(128, 256);
        lstmOptimizer = new Adam(lstm.parameters(), 1e-3);
        mlpStep = step(modelOptimizer, () -> criterion.forward(model.forward(images), labels));
        rbmStep = step(rbmOptimizer, () -> rbm.contrastiveDivergence(grey.bernoulli()));
        lstmStep = step(
                lstmOptimizer, () -> regression.forward(lstm.forward(sequences).output(), targets));
    }

    private Supplier<Tensor> step(Adam optimizer, Supplier<Tensor> loss) {
        Supplier<Tensor> step = () -> {
            optimizer.zeroGrad();
            Tensor result = loss.get();
            result.backward();
            optimizer.step();
            return result;
        };
        if (mode.equals("eager")) {
            return step;
        }
        Captured captured = Capture.of(args -> step.get());
        return () -> captured.run();
    }

    /** Dense network 784-512-512-10, batch 128, cross-entropy, Adam; tensors closed by a scope per step. */
    @Benchmark
    public Tensor mlp() {
        try (TensorScope scope = new TensorScope()) {
            return mlpStep.get();
        }
    }

    /** The same, with all tensors left to the garbage collector. */
    @Benchmark
    public Tensor mlpForgotten() {
        return mlpStep.get();
    }

    /** Restricted Boltzmann machine 784-512, batch 64, CD-1, Adam; tensors closed by a scope per step. */
    @Benchmark
    public Tensor rbm() {
        try (TensorScope scope = new TensorScope()) {
            return rbmStep.get();
        }
    }

    /** The same, with all tensors left to the garbage collector. */
    @Benchmark
    public Tensor rbmForgotten() {
        return rbmStep.get();
    }

    /** LSTM 128-256 over 64 steps, batch 32, mean squared error of all outputs, Adam; tensors closed by a scope per step. */
    @Benchmark
    public Tensor lstm() {
        try (TensorScope scope = new TensorScope()) {
            return lstmStep.get();
        }
    }
}
