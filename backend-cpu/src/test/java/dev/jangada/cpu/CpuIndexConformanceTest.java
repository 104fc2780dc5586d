package dev.jangada.cpu;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.IndexConformance;

class CpuIndexConformanceTest extends IndexConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }
}
