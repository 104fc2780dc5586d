package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.SortConformance;
import org.junit.jupiter.api.Tag;

/** Compiles hundreds of kernels for the simulated device, which takes minutes. */
@Tag("slow")
class CudaSortConformanceTest extends SortConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }
}
