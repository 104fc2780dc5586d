package dev.jangada.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.ClosedTensorException;
import dev.jangada.OutOfMemoryException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class StorageTest {
    private static final long DEADLINE_MILLIS = 20_000;

    /** A device with a fixed amount of memory, which is only counted. */
    private static final class Counting {
        final AtomicLong left;
        final AtomicInteger freed = new AtomicInteger();
        final AtomicInteger emptied = new AtomicInteger();
        final Backend backend;

        Counting(long bytes) {
            left = new AtomicLong(bytes);
            backend = (Backend) Proxy.newProxyInstance(
                    Counting.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, args) -> {
                        switch (method.getName()) {
                            case "allocate":
                                return allocate((Long) args[0]);
                            case "emptyCache":
                                return emptied.incrementAndGet() < 0 ? args : null;
                            default:
                                throw new InvocationTargetException(null, method.getName());
                        }
                    });
        }

        private Memory allocate(long bytes) {
            if (bytes < 0) {
                throw new ArgumentException("negative");
            }
            if (left.addAndGet(-bytes) < 0) {
                left.addAndGet(bytes);
                throw new OutOfMemoryException("none left");
            }
            AtomicLong total = left;
            AtomicInteger count = freed;
            return new Memory() {
                @Override
                public long bytes() {
                    return bytes;
                }

                @Override
                public void free() {
                    total.addAndGet(bytes);
                    count.incrementAndGet();
                }
            };
        }
    }

    private static void await(BooleanSupplier condition) {
        long end = System.currentTimeMillis() + DEADLINE_MILLIS;
        while (!condition.getAsBoolean()) {
            assertThat(System.currentTimeMillis()).as("deadline").isLessThan(end);
            System.gc();
            Thread.onSpinWait();
        }
    }

    @Test
    void theLastHandleFrees() {
        Counting device = new Counting(100);
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
        Storage s = Storage.allocate(new Counting(100).backend, 10);
        s.release();
        assertThatThrownBy(s::memory).isInstanceOf(ClosedTensorException.class).hasMessageContaining("scope.keep");
        assertThatThrownBy(s::retain).isInstanceOf(ClosedTensorException.class);
        assertThat(s.isUnique()).isFalse();
    }

    @Test
    void releasingTooOftenIsOurBugAndFreesOnce() {
        Counting device = new Counting(100);
        Storage s = Storage.allocate(device.backend, 10);
        s.release();
        assertThatThrownBy(s::release).isInstanceOf(AssertionError.class);
        assertThatThrownBy(s::memory).isInstanceOf(ClosedTensorException.class);
        assertThat(device.freed).hasValue(1);
    }

    @Test
    void unreachableStoragesAreFreed() {
        Counting device = new Counting(1000);
        Storage kept = Storage.allocate(device.backend, 1);
        for (int i = 0; i < 50; i++) {
            Storage.allocate(device.backend, 10);
        }
        await(() -> device.freed.get() == 50);
        assertThat(device.left).hasValue(999);
        kept.release();
        assertThat(device.left).hasValue(1000);
    }

    @Test
    void exhaustedMemoryIsCollectedBeforeAnAllocationFails() {
        Counting device = new Counting(100);
        for (int i = 0; i < 30; i++) {
            Storage.allocate(device.backend, 60);
        }
        assertThat(device.freed.get()).isGreaterThanOrEqualTo(29);
        assertThat(device.emptied.get()).isPositive();
    }

    @Test
    void exhaustedMemoryThatIsInUseIsAnException() {
        Counting device = new Counting(100);
        Storage first = Storage.allocate(device.backend, 60);
        assertThatThrownBy(() -> Storage.allocate(device.backend, 60)).isInstanceOf(OutOfMemoryException.class);
        assertThat(device.emptied).hasValue(1);
        first.release();
        Storage.allocate(device.backend, 100).release();
        assertThat(device.left).hasValue(100);
    }

    @Test
    void failedAllocationsLeaveNoTraceInTheCount() {
        Counting device = new Counting(100);
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
        Counting device = new Counting(100);
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
