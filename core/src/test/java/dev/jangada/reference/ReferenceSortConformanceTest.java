package dev.jangada.reference;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.SortConformance;

class ReferenceSortConformanceTest extends SortConformance {
    @Override
    protected BackendProvider provider() {
        return new ReferenceProvider();
    }
}
