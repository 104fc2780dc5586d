package dev.jangada.cuda.sim;

/**
 * What can be changed about the simulated machine.
 *
 * <p>Before the start by a system property ({@code -Djangada.sim.check=1}) or an environment variable ({@code JANGADA_SIM_CHECK=1}), later by
 * {@link CudaSim#set}. The device's properties (memory, capability, devices, driver) should not change once the driver was asked for them.
 */
public enum SimSetting {
    /** 1: kernels report accesses out of bounds, races and reads of uninitialised memory. */
    CHECK("check"),
    /** The order of threads, blocks and graph nodes: 0 natural, 1 reverse, 2 random. */
    ORDER("order"),
    /** When queued work runs: 0 at once, 1 when something waits for it, 2 at random moments before that. */
    ASYNC("async"),
    /** Of the random orders. */
    SEED("seed"),
    /** 1: fresh memory holds NaN, unfinished copies to the host hold 0xFE, paddings are watched. */
    POISON("poison"),
    /** Device memory in MiB. */
    MEMORY_MB("memoryMb"),
    /** 90 means 9.0. */
    CAPABILITY("capability"),
    /** How many multiprocessors the device says it has. */
    MULTIPROCESSORS("multiprocessors"),
    /** How many devices there are, 0 to 4. */
    DEVICES("devices"),
    /** 0: processes share each device; 2: none may use it; 3: another process has it for itself. */
    COMPUTE_MODE("computeMode"),
    /** 13000 means CUDA 13.0. */
    DRIVER_VERSION("driverVersion"),
    /** What {@code cuInit} answers. */
    INIT_STATUS("initStatus"),
    /** n &gt; 0: the n-th allocation of device memory from now on fails. */
    FAIL_ALLOCATION("failAllocation"),
    /** n &gt; 0: the n-th kernel from now on dies of an illegal address, and the context with it. */
    FAIL_LAUNCH("failLaunch"),
    /**
     * Which calls find no memory: 1 loading a module, 2 launching a kernel, 3 instantiating or 4 launching a graph, 5 opening cuBLAS, 6 a
     * product; 7: child graphs are not supported; 8: NVRTC does not find its second library.
     */
    REFUSE("refuse"),
    /** How many of these from now on. */
    REFUSALS("refusals"),
    /** A status that every call answers from now on, such as 999 of a lost device; 0 for none. */
    LOST("lost"),
    /** 1: every queued piece of work on the standard error stream. */
    LOG("log");

    final String key;

    SimSetting(String key) {
        this.key = key;
    }
}
