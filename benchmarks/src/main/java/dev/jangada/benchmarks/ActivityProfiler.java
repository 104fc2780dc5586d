package dev.jangada.benchmarks;

import dev.jangada.Device;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Activity;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Backends;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Tells how busy the device was: {@code -prof dev.jangada.benchmarks.ActivityProfiler}.
 *
 * <ul>
 *   <li>{@code utilisation}: time inside kernels over the wall time, of all threads of a CPU or of the kernels' queue of a GPU, in percent
 *   <li>{@code monitored}: the share of the last moments in which a kernel ran, as the driver's monitor (NVML) tells it, in percent; GPUs only
 *   <li>{@code peak}: arithmetic per second, of what {@link #peak() a large matrix product} reaches on the same device and threads, in percent
 *   <li>{@code launches}, {@code hostCalls}: kernels, and calls from Java to the device, per operation
 *   <li>{@code bytes}, {@code flops}: what the kernels of one operation read and write, and how much they compute
 * </ul>
 *
 * <p>Backends count these, see {@link Backend#activity}; one that does not has none of these figures.
 * Counting costs some 0.1 µs for each kernel: compare times of runs without it.
 */
public final class ActivityProfiler implements InternalProfiler {
    private static final String PREFIX = "device.";
    private static final int PRODUCTS = 20;
    private static final long LEAST_NANOS = 4_000_000;
    private static final long LARGEST = 8192;

    private Backend backend;
    private Activity before;
    private long start;
    private double peak;
    private int peakLanes;

    /** For JMH. */
    public ActivityProfiler() {}

    @Override
    public String getDescription() {
        return "Jangada: device utilisation, share of the peak, launches, host calls, bytes and arithmetic per operation";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        String named = benchmark.getParam("backend");
        backend = Backends.of(named == null ? Backends.defaultDevice() : Device.of(named));
        backend.countActivity(true);
        before = backend.activity().orElse(null);
        start = System.nanoTime();
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(
            BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        long wall = System.nanoTime() - start;
        backend.countActivity(false);
        List<Result<?>> out = new ArrayList<>();
        backend.monitoredUtilisation().ifPresent(u -> add(out, "monitored", 100 * u, "%"));
        if (before == null) {
            return out;
        }
        Activity done = backend.activity().orElseThrow().since(before);
        double operations = Math.max(1, result.getMetadata().getAllOps());
        add(out, "utilisation", 100 * done.utilisation(wall), "%");
        add(out, "peak", 100 * done.flops() / (wall * peak(done.lanes())), "%");
        add(out, "launches", done.launches() / operations, "#/op");
        add(out, "hostCalls", done.hostCalls() / operations, "#/op");
        add(out, "bytes", done.bytesMoved() / operations, "B/op");
        add(out, "flops", done.flops() / operations, "FLOP/op");
        return out;
    }

    private static void add(List<Result<?>> out, String name, double value, String unit) {
        out.add(new ScalarResult(PREFIX + name, value, unit, AggregationPolicy.AVG));
    }

    private double peak(int lanes) {
        if (peakLanes != lanes) {
            peakLanes = lanes;
            peak = peak();
        }
        return peak;
    }

    /**
     * Returns the arithmetic operations per nanosecond of the best of 20 float32 products of square matrices on the default device, which are
     * so large that one takes 4 ms or 8,192 rows.
     */
    static double peak() {
        double best = 0;
        long nanos = 0;
        for (long n = 1024; n <= LARGEST && nanos < LEAST_NANOS; n *= 2) {
            try (TensorScope scope = new TensorScope()) {
                Tensor a = Tensor.rand(n, n);
                Tensor b = Tensor.rand(n, n);
                nanos = Long.MAX_VALUE;
                for (int i = 0; i < PRODUCTS; i++) {
                    nanos = Math.min(nanos, nanos(a, b));
                }
            }
            best = Math.max(best, 2.0 * n * n * n / nanos);
        }
        return best;
    }

    private static long nanos(Tensor a, Tensor b) {
        Device device = a.device();
        device.synchronize();
        long start = System.nanoTime();
        try (Tensor c = a.matmul(b)) {
            device.synchronize();
            return System.nanoTime() - start;
        }
    }
}
