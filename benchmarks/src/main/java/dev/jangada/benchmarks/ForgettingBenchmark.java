package dev.jangada.benchmarks;

import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** What does it cost to leave all tensors of a training step to the garbage collector? */
@BenchmarkMode(Mode.SampleTime)
public class ForgettingBenchmark extends Setting {
    /** The program. */
    @Param({"MLP", "RBM"})
    public Workload program;

    /** Whether its operations run one by one, or as one plan. */
    @Param
    public Execution mode;

    private Supplier<Tensor> step;

    /** For JMH. */
    public ForgettingBenchmark() {}

    /** Makes the program. */
    @Setup
    public void setUp() {
        choose();
        step = program.forms().in(mode);
    }

    /** The baseline: a scope closes them. */
    @Benchmark
    public Tensor closed() {
        try (TensorScope scope = new TensorScope()) {
            return finished(step.get());
        }
    }

    /** Nobody closes them. */
    @Benchmark
    public Tensor forgotten() {
        return finished(step.get());
    }
}
