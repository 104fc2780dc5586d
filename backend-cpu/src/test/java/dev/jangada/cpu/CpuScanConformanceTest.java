package dev.jangada.cpu;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.ScanConformance;

class CpuScanConformanceTest extends ScanConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }
}
