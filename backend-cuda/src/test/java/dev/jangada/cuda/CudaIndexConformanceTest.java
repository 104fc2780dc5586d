package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.IndexConformance;

class CudaIndexConformanceTest extends IndexConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }

    @Override
    protected boolean chooses() {
        return true;
    }
}
