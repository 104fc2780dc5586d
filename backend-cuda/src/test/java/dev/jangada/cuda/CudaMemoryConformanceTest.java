package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MemoryConformance;

class CudaMemoryConformanceTest extends MemoryConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }
}
