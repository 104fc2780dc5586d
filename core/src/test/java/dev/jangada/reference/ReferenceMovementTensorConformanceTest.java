package dev.jangada.reference;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MovementConformance;

class ReferenceMovementTensorConformanceTest extends MovementConformance {
    @Override
    protected BackendProvider provider() {
        return new ReferenceProvider();
    }
}
