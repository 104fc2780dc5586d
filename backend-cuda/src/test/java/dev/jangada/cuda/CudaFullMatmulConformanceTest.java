package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.MatmulConformance;
import org.junit.jupiter.api.Tag;

/** Every size and layout on every type, and every kind of results. */
@Tag("slow")
class CudaFullMatmulConformanceTest extends MatmulConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }
}
