package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.ReduceConformance;
import org.junit.jupiter.api.Tag;

/** Every layout of every operation on every type: hundreds of kernels more. */
@Tag("slow")
class CudaFullReduceConformanceTest extends ReduceConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }
}
