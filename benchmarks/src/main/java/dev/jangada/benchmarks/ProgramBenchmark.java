package dev.jangada.benchmarks;

import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * How long does a program take: a whole training step, an inference, a chain? Eager and captured, its tensors closed by a scope.
 *
 * <p>{@code peers/compare.py} runs these and the same in PyTorch in turn.
 */
@BenchmarkMode(Mode.SampleTime)
public class ProgramBenchmark extends Setting {
    /** The program. */
    @Param
    public Workload program;

    /** Whether its operations run one by one, or as one plan. */
    @Param
    public Execution mode;

    private Supplier<Tensor> step;

    /** For JMH. */
    public ProgramBenchmark() {}

    /** Makes the program. */
    @Setup
    public void setUp() {
        choose();
        step = program.forms().in(mode);
    }

    /** One run. */
    @Benchmark
    public Tensor run() {
        try (TensorScope scope = new TensorScope()) {
            return finished(step.get());
        }
    }
}
