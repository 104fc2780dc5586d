package dev.jangada;

import dev.jangada.backend.Backends;

/** Settings of the whole library. */
public final class Jangada {
    private Jangada() {}

    /** Seeds the generator that all operations use by default. Source: {@code torch.manual_seed}. */
    public static void manualSeed(long seed) {
        Generator.global().manualSeed(seed);
    }

    /**
     * Sets the number of threads that host kernels use, on every backend, those opened later too; results do not depend on it. The property
     * {@code jangada.threads} sets it at the start. Source: {@code torch.set_num_threads}.
     *
     * @throws ArgumentException if it is less than 1
     */
    public static void setNumThreads(int threads) {
        Backends.setNumThreads(threads);
    }
}
