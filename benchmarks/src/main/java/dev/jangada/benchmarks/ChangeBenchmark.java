package dev.jangada.benchmarks;

import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.nn.rbm.RBM;
import dev.jangada.optim.Adam;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What does it cost to go from CD-1 to CD-3 in the middle of training a restricted Boltzmann machine 784-512, batch 64, with Adam? */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 20)
@Measurement(iterations = 20)
public class ChangeBenchmark extends Setting {
    private RBM rbm;
    private Captured step;

    /** For JMH. */
    public ChangeBenchmark() {}

    /** Trains with CD-1. */
    @Setup(Level.Iteration)
    public void setUp() {
        choose();
        Jangada.manualSeed(0);
        Tensor grey = Tensor.rand(64, 784);
        rbm = new RBM(784, 512);
        Adam optimizer = new Adam(rbm.parameters(), 1e-3);
        step = Capture.of(args -> {
            optimizer.zeroGrad();
            Tensor loss = rbm.contrastiveDivergence(grey.bernoulli());
            loss.backward();
            optimizer.step();
            return loss;
        });
        trained(1);
        trained(1);
    }

    /** Frees the plans. */
    @TearDown(Level.Iteration)
    public void tearDown() {
        step.close();
    }

    private Tensor trained(int k) {
        try (TensorScope scope = new TensorScope()) {
            rbm.setK(k);
            return finished(step.run());
        }
    }

    /** A step of CD-1 as before: the baseline. */
    @Benchmark
    public Tensor unchanged() {
        return trained(1);
    }

    /** The first step of CD-3, which is traced anew. */
    @Benchmark
    public Tensor retraced() {
        return trained(3);
    }

    /** As {@link #retraced}, and the first step of CD-1 after it, whose plan is still there. */
    @Benchmark
    public Tensor thereAndBack() {
        trained(3);
        return trained(1);
    }
}
