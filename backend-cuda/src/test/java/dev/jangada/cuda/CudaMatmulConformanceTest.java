package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MatmulConformance;

class CudaMatmulConformanceTest extends MatmulConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }

    @Override
    protected boolean chooses() {
        return true;
    }
}
