package dev.jangada.cpu;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.IndexingConformance;

class CpuIndexingTensorConformanceTest extends IndexingConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }
}
