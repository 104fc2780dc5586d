package dev.jangada.cpu;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MatmulConformance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The kit on the own matrix kernel for AVX2. */
class CpuAvx2MatmulConformanceTest extends MatmulConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }

    @BeforeAll
    void force() {
        Native.selectIsa("avx2");
        Native.selectMatmul("own");
        assumeTrue(Native.isa().equals("avx2"), "this processor has no AVX2");
    }

    @AfterAll
    void restoreKernel() {
        Native.selectMatmul("auto");
        Native.selectIsa("");
    }
}
