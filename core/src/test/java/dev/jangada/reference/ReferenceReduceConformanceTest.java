package dev.jangada.reference;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.ReduceConformance;

class ReferenceReduceConformanceTest extends ReduceConformance {
    @Override
    protected BackendProvider provider() {
        return new ReferenceProvider();
    }
}
