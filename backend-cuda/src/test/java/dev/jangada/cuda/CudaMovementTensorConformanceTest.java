package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MovementConformance;

class CudaMovementTensorConformanceTest extends MovementConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }
}
