package dev.jangada.cpu;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MatmulConformance;

class CpuMatmulConformanceTest extends MatmulConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }
}
