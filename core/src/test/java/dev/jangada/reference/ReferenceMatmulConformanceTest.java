package dev.jangada.reference;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MatmulConformance;

class ReferenceMatmulConformanceTest extends MatmulConformance {
    @Override
    protected BackendProvider provider() {
        return new ReferenceProvider();
    }
}
