package dev.jangada.cpu;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.SortConformance;

class CpuSortConformanceTest extends SortConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }
}
