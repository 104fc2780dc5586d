package dev.jangada.benchmarks;

import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * How fast are matrix products {@code [m, k] @ [k, n]}: those of the measured programs, one row, and a large square one?
 *
 * <p>With {@code -prof dev.jangada.benchmarks.ActivityProfiler} each line says how near to the large square one it is.
 */
@BenchmarkMode(Mode.AverageTime)
public class MatmulBenchmark extends Setting {
    /** Rows, inner size and columns. */
    @Param({"64x784x512", "64x512x784", "128x784x512", "32x256x1024", "1x784x512", "1024x1024x1024"})
    public String shape;

    private Tensor a;
    private Tensor b;
    private Tensor left;
    private Tensor right;

    /** For JMH. */
    public MatmulBenchmark() {}

    /** Makes the operands. */
    @Setup
    public void setUp() {
        choose();
        Jangada.manualSeed(0);
        String[] sizes = shape.split("x");
        long m = Long.parseLong(sizes[0]);
        long k = Long.parseLong(sizes[1]);
        long n = Long.parseLong(sizes[2]);
        a = Tensor.rand(m, k);
        b = Tensor.rand(k, n);
        left = Tensor.rand(k, m).transpose(0, 1);
        right = Tensor.rand(n, k).transpose(0, 1);
    }

    /** Both as they stand. */
    @Benchmark
    public Tensor plain() {
        try (TensorScope scope = new TensorScope()) {
            return finished(a.matmul(b));
        }
    }

    /** The right one transposed, as the weight of a layer in the forward pass. */
    @Benchmark
    public Tensor rightTransposed() {
        try (TensorScope scope = new TensorScope()) {
            return finished(a.matmul(right));
        }
    }

    /** The left one transposed, as the gradient of a weight. */
    @Benchmark
    public Tensor leftTransposed() {
        try (TensorScope scope = new TensorScope()) {
            return finished(left.matmul(b));
        }
    }
}
