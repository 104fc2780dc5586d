package dev.jangada.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.ClosedTensorException;
import dev.jangada.OutOfMemoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class StorageTest {
    @Test
    void theLastHandleFrees() {
        CountingDevice device = new CountingDevice(100);
        Storage s = Storage.allocate(device.backend, 60);
        assertThat(s.bytes()).isEqualTo(60);
        assertThat(s.backend()).isSameAs(device.backend);
        assertThat(s.memory().bytes()).isEqualTo(60);
        assertThat(s.isUnique()).isTrue();
        s.retain();
        assertThat(s.isUnique()).isFalse();
        s.release();
        assertThat(device.freed).hasValue(0);
        s.release();
        assertThat(device.freed).hasValue(1);
        assertThat(device.left).hasValue(100);
    }

    @Test
    void useAfterTheEndIsAnException() {
        Storage s = Storage.allocate(new CountingDevice(100).backend, 10);
        s.release();
        assertThatThrownBy(s::memory).isInstanceOf(ClosedTensorException.class).hasMessageContaining("scope.keep");
        assertThatThrownBy(s::retain).isInstanceOf(ClosedTensorException.class);
        assertThat(s.isUnique()).isFalse();
    }

    @Test
    void releasingTooOftenIsOurBugAndFreesOnce() {
        CountingDevice device = new CountingDevice(100);
        Storage s = Storage.allocate(device.backend, 10);
        s.release();
        assertThatThrownBy(s::release).isInstanceOf(AssertionError.class);
        assertThatThrownBy(s::memory).isInstanceOf(ClosedTensorException.class);
        assertThat(device.freed).hasValue(1);
    }

    @Test
    void unreachableStoragesAreFreed() {
        CountingDevice device = new CountingDevice(1000);
        Storage kept = Storage.allocate(device.backend, 1);
        for (int i = 0; i < 50; i++) {
            Storage.allocate(device.backend, 10);
        }
        CountingDevice.await(() -> device.freed.get() == 50);
        assertThat(device.left).hasValue(999);
        kept.release();
        assertThat(device.left).hasValue(1000);
    }

    @Test
    void exhaustedMemoryIsCollectedBeforeAnAllocationFails() {
        CountingDevice device = new CountingDevice(100);
        for (int i = 0; i < 30; i++) {
            Storage.allocate(device.backend, 60);
        }
        assertThat(device.freed.get()).isGreaterThanOrEqualTo(29);
        assertThat(device.emptied.get()).isPositive();
    }

    @Test
    void exhaustedMemoryThatIsInUseIsAnException() {
        CountingDevice device = new CountingDevice(100);
        Storage first = Storage.allocate(device.backend, 60);
        assertThatThrownBy(() -> Storage.allocate(device.backend, 60)).isInstanceOf(OutOfMemoryException.class);
        assertThat(device.emptied).hasValue(1);
        first.release();
        Storage.allocate(device.backend, 100).release();
        assertThat(device.left).hasValue(100);
    }

    @Test
    void failedAllocationsLeaveNoTraceInTheCount() {
        CountingDevice device = new CountingDevice(100);
        for (int i = 0; i < 100; i++) {
            assertThatThrownBy(() -> Storage.allocate(device.backend, -(1L << 40)))
                    .isInstanceOf(ArgumentException.class);
        }
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> Storage.allocate(device.backend, 1L << 60))
                    .isInstanceOf(OutOfMemoryException.class);
        }
        assertThat(Reclaimer.outstanding()).isBetween(0L, 1L << 38);
    }

    @Test
    void handlesAreCountedAcrossThreads() throws InterruptedException {
        CountingDevice device = new CountingDevice(100);
        Storage s = Storage.allocate(device.backend, 10);
        int threads = 8;
        CountDownLatch done = new CountDownLatch(threads);
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            s.retain();
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 20_000; i++) {
                    s.retain();
                    s.bumpVersion();
                    s.release();
                }
                s.release();
                done.countDown();
            });
            all.add(thread);
            thread.start();
        }
        done.await();
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(s.isUnique()).isTrue();
        assertThat(s.version()).isEqualTo(threads * 20_000);
        s.release();
        assertThat(device.freed).hasValue(1);
    }
}
