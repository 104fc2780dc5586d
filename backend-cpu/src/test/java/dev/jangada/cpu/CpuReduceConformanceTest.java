package dev.jangada.cpu;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.ReduceConformance;

class CpuReduceConformanceTest extends ReduceConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }
}
