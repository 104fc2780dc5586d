package dev.jangada.benchmarks;

import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** What does one small operation cost? {@code add} of 16 floats: the kernel itself takes a few nanoseconds. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OverheadBenchmark extends Setting {
    private static final int BATCH = 100;

    private Tensor a;
    private Tensor b;
    private Tensor parameter;

    /** For JMH. */
    public OverheadBenchmark() {}

    /** Makes the operands. */
    @Setup
    public void setUp() {
        choose();
        a = Tensor.rand(16);
        b = Tensor.rand(16);
        parameter = Tensor.rand(16).requiresGrad_();
    }

    /** Frees the operands. */
    @TearDown
    public void tearDown() {
        a.close();
        b.close();
        parameter.close();
    }

    /** The result is closed, as PyTorch's reference counting does. */
    @Benchmark
    public void add(Blackhole hole) {
        try (Tensor sum = a.add(b)) {
            hole.consume(finished(sum));
        }
    }

    /** The result is recorded for gradients and closed. */
    @Benchmark
    public void addRecorded(Blackhole hole) {
        try (Tensor sum = parameter.add(b)) {
            hole.consume(finished(sum));
        }
    }

    /** The results are closed by a scope around 100 of them. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void addInScope(Blackhole hole) {
        try (TensorScope scope = new TensorScope()) {
            for (int i = 0; i < BATCH; i++) {
                hole.consume(finished(a.add(b)));
            }
        }
    }

    /** The result is left to the garbage collector. */
    @Benchmark
    public Tensor addForgotten() {
        return finished(a.add(b));
    }
}
