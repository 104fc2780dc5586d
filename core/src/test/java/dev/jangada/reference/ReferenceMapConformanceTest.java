package dev.jangada.reference;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MapConformance;

class ReferenceMapConformanceTest extends MapConformance {
    @Override
    protected BackendProvider provider() {
        return new ReferenceProvider();
    }
}
