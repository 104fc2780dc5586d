package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MapConformance;

class CudaMapConformanceTest extends MapConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }

    @Override
    protected boolean chooses() {
        return true;
    }
}
