package dev.jangada.reference;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.IndexConformance;

class ReferenceIndexConformanceTest extends IndexConformance {
    @Override
    protected BackendProvider provider() {
        return new ReferenceProvider();
    }
}
