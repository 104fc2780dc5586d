package dev.jangada.benchmarks;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.backend.Backends;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What all benchmarks have in common: where kernels run, and the shape of a measurement. */
@State(Scope.Thread)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public abstract class Setting {
    /** The device. */
    @Param("cpu")
    public String backend;

    /** Threads of the kernels. */
    @Param({"1", "2"})
    public int threads;

    private Device device;

    /** For JMH. */
    protected Setting() {}

    /** Chooses the device; every benchmark's set-up begins with this. */
    protected final void choose() {
        device = Device.of(backend);
        Backends.setDefaultDevice(device);
        Jangada.setNumThreads(threads);
    }

    /** Waits for the device and returns what it made; every timed method ends with this. */
    protected final <T> T finished(T result) {
        device.synchronize();
        return result;
    }
}
