package dev.jangada.benchmarks;

import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.capture.Captured;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What does it cost to trace a program, make its plan and compile it? The first run less a later one. */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 20)
@Measurement(iterations = 20)
public class TraceBenchmark extends Setting {
    /** The program. */
    @Param({"MLP", "RBM", "RBM_CD11", "LSTM", "TINY_TANH"})
    public Workload program;

    private Captured step;
    private Captured traced;

    /** For JMH. */
    public TraceBenchmark() {}

    /** Makes the program twice, and traces it once. */
    @Setup(Level.Iteration)
    public void setUp() {
        choose();
        step = program.forms().captured();
        traced = program.forms().captured();
        try (TensorScope scope = new TensorScope()) {
            finished(traced.run());
        }
    }

    /** Frees the plans. */
    @TearDown(Level.Iteration)
    public void tearDown() {
        step.close();
        traced.close();
    }

    /** Traces, plans, compiles and runs. */
    @Benchmark
    public Tensor firstRun() {
        try (TensorScope scope = new TensorScope()) {
            return finished(step.run());
        }
    }

    /** Only runs: the baseline. */
    @Benchmark
    public Tensor laterRun() {
        try (TensorScope scope = new TensorScope()) {
            return finished(traced.run());
        }
    }
}
