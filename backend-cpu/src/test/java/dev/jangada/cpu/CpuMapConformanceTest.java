package dev.jangada.cpu;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MapConformance;

class CpuMapConformanceTest extends MapConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }
}
