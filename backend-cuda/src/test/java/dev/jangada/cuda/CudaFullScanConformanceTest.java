package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.ScanConformance;
import org.junit.jupiter.api.Tag;

/** Every accumulation on every type. */
@Tag("slow")
class CudaFullScanConformanceTest extends ScanConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }
}
