package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.IndexingConformance;

class CudaIndexingTensorConformanceTest extends IndexingConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }
}
