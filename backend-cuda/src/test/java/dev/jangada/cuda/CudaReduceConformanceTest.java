package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.ReduceConformance;

class CudaReduceConformanceTest extends ReduceConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }

    @Override
    protected boolean chooses() {
        return true;
    }
}
