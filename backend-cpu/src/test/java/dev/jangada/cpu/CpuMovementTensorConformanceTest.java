package dev.jangada.cpu;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MovementConformance;

class CpuMovementTensorConformanceTest extends MovementConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }
}
