package dev.jangada.reference;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.ScanConformance;

class ReferenceScanConformanceTest extends ScanConformance {
    @Override
    protected BackendProvider provider() {
        return new ReferenceProvider();
    }
}
