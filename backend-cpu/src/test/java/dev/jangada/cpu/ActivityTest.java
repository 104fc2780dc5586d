package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.backend.Activity;
import dev.jangada.backend.BackendProvider;
import dev.jangada.backend.Operand;
import dev.jangada.testkit.ActivityConformance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the backend says of its own activity: exact counts, and time that fits into the wall's. */
class ActivityTest extends ActivityConformance {
    @Override
    protected BackendProvider provider() {
        return new CpuProvider();
    }

    /** The last size runs on all threads; time spent waiting for the others is not busy. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void busyTimeFitsIntoTheWallTimeOfAllThreads(int threads) {
        backend().setNumThreads(threads);
        Operand a = zeros(4 << 20);
        Operand b = zeros(1, 256, 256);
        Operand c = zeros(1, 256, 256);
        long[] wall = new long[1];
        Activity work = during(() -> {
            long start = System.nanoTime();
            for (int i = 0; i < 10; i++) {
                add(a, a, a);
                backend().matmul(c, b, b, 1, 0);
            }
            wall[0] = System.nanoTime() - start;
        });
        assertThat(work.lanes()).isEqualTo(threads);
        assertThat(work.launches()).isEqualTo(20);
        assertThat(work.busyNanos()).isPositive().isLessThanOrEqualTo(threads * wall[0]);
        assertThat(work.utilisation(wall[0])).isGreaterThan(0.5 / threads).isLessThanOrEqualTo(1);
    }
}
