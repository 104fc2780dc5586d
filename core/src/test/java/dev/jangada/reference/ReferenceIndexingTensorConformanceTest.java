package dev.jangada.reference;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.IndexingConformance;

class ReferenceIndexingTensorConformanceTest extends IndexingConformance {
    @Override
    protected BackendProvider provider() {
        return new ReferenceProvider();
    }
}
