package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.backend.Activity;
import dev.jangada.backend.BackendProvider;
import dev.jangada.backend.Operand;
import dev.jangada.testkit.ActivityConformance;
import org.junit.jupiter.api.Test;

/** What the device says of its own activity, under the names of the CPU's. */
class CudaActivityTest extends ActivityConformance {
    @Override
    protected BackendProvider provider() {
        return new CudaProvider();
    }

    /** Kernels run one after the other, so their times fit into the wall's; the driver's monitor has its own opinion. */
    @Test
    void busyTimeFitsIntoTheWallTime() {
        Operand a = zeros(200_000);
        backend().synchronize();
        backend().monitoredUtilisation();
        long start = System.nanoTime();
        Activity work = during(() -> {
            for (int i = 0; i < 20; i++) {
                add(a, a, a);
            }
            backend().synchronize();
        });
        long wall = System.nanoTime() - start;
        assertThat(work.lanes()).isEqualTo(1);
        assertThat(work.utilisation(wall)).isPositive().isLessThanOrEqualTo(1);
        assertThat(backend().monitoredUtilisation().orElseThrow()).isBetween(0.0, 1.0);
    }
}
