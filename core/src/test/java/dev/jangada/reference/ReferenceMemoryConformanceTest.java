package dev.jangada.reference;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MemoryConformance;

class ReferenceMemoryConformanceTest extends MemoryConformance {
    @Override
    protected BackendProvider provider() {
        return new ReferenceProvider();
    }
}
