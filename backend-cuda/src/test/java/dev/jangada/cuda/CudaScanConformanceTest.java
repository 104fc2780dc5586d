package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.ScanConformance;
import org.junit.jupiter.api.Tag;

/** Compiles hundreds of kernels for the simulated device, which takes minutes. */
@Tag("slow")
class CudaScanConformanceTest extends ScanConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }
}
