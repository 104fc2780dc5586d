package dev.jangada.cpu;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MatmulConformance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The kit on the own matrix kernel of the widest instruction set, also for the shapes that OpenBLAS usually takes. */
class CpuOwnMatmulConformanceTest extends MatmulConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }

    @BeforeAll
    void force() {
        Native.selectMatmul("own");
    }

    @AfterAll
    void restoreKernel() {
        Native.selectMatmul("auto");
    }
}
