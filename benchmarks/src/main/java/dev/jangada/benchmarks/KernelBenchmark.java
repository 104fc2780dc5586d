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
 * How near to the bandwidth of the memory are the kernel families? {@link #copy} is the baseline: it does nothing but move its bytes.
 *
 * <p>With {@code -prof dev.jangada.benchmarks.ActivityProfiler} each line says how many bytes an operation moves.
 */
@BenchmarkMode(Mode.AverageTime)
public class KernelBenchmark extends Setting {
    private static final int COLUMNS = 256;

    /** Elements of float32: 128 KiB stay in the cache of a core, 16 MiB do not. */
    @Param({"32768", "4194304"})
    public int elements;

    private Tensor x;
    private Tensor y;
    private Tensor out;
    private Tensor flat;
    private Tensor index;

    /** For JMH. */
    public KernelBenchmark() {}

    /** Makes the operands. */
    @Setup
    public void setUp() {
        choose();
        Jangada.manualSeed(0);
        x = Tensor.rand(elements / COLUMNS, COLUMNS);
        y = Tensor.rand(elements / COLUMNS, COLUMNS);
        out = Tensor.zerosLike(x);
        flat = x.reshape(-1);
        index = Tensor.randperm(elements);
    }

    /** Moves the elements: the baseline. */
    @Benchmark
    public Tensor copy() {
        return finished(out.copy_(x));
    }

    /** Map: the sum of two. */
    @Benchmark
    public Tensor add() {
        try (TensorScope scope = new TensorScope()) {
            return finished(x.add(y));
        }
    }

    /** Map: more arithmetic. */
    @Benchmark
    public Tensor sigmoid() {
        try (TensorScope scope = new TensorScope()) {
            return finished(x.sigmoid());
        }
    }

    /** Map: random numbers. */
    @Benchmark
    public Tensor bernoulli() {
        try (TensorScope scope = new TensorScope()) {
            return finished(x.bernoulli());
        }
    }

    /** Reduce: all elements to one. */
    @Benchmark
    public Tensor sum() {
        try (TensorScope scope = new TensorScope()) {
            return finished(x.sum());
        }
    }

    /** Reduce: each row to its largest. */
    @Benchmark
    public Tensor largestOfRows() {
        try (TensorScope scope = new TensorScope()) {
            return finished(x.amax(1));
        }
    }

    /** Reduce: columns, against the order in memory. */
    @Benchmark
    public Tensor sumOfColumns() {
        try (TensorScope scope = new TensorScope()) {
            return finished(x.sum(0));
        }
    }

    /** Several kernels: softmax of rows. */
    @Benchmark
    public Tensor softmax() {
        try (TensorScope scope = new TensorScope()) {
            return finished(x.softmax(1));
        }
    }

    /** Scan along rows. */
    @Benchmark
    public Tensor cumulativeSum() {
        try (TensorScope scope = new TensorScope()) {
            return finished(x.cumsum(1));
        }
    }

    /** Index: picks all elements in random order. */
    @Benchmark
    public Tensor gather() {
        try (TensorScope scope = new TensorScope()) {
            return finished(flat.gather(0, index));
        }
    }

    /** Index: adds to all elements in random order. */
    @Benchmark
    public Tensor scatterAdd() {
        try (TensorScope scope = new TensorScope()) {
            return finished(out.view(-1).scatterAdd_(0, index, flat));
        }
    }

    /** Sort of rows. */
    @Benchmark
    public Tensor sort() {
        try (TensorScope scope = new TensorScope()) {
            return finished(x.sort(1, false).values());
        }
    }
}
