package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.SortConformance;

class CudaSortConformanceTest extends SortConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }

    @Override
    protected boolean chooses() {
        return true;
    }
}
