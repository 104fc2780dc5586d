package dev.jangada.cpu;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MemoryConformance;

class CpuMemoryConformanceTest extends MemoryConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }
}
