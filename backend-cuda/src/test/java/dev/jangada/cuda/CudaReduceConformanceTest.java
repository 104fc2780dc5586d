package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.ReduceConformance;
import org.junit.jupiter.api.Tag;

/** Compiles hundreds of kernels for the simulated device, which takes minutes. */
@Tag("slow")
class CudaReduceConformanceTest extends ReduceConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }
}
