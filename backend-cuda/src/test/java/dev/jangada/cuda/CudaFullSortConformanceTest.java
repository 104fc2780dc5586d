package dev.jangada.cuda;

import dev.jangada.backend.BackendProvider;
import dev.jangada.testkit.SortConformance;
import org.junit.jupiter.api.Tag;

/** Both orders of every type. */
@Tag("slow")
class CudaFullSortConformanceTest extends SortConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }
}
