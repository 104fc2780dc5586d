package dev.jangada.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ThreadMemoryTest {
    private static final int MANY = 5_000;

    private final CountingDevice device = new CountingDevice(1L << 40);

    private static void run(Runnable r) throws InterruptedException {
        Thread t = new Thread(r);
        t.start();
        t.join();
    }

    private List<Storage> allocate(int count) {
        List<Storage> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(Storage.allocate(device.backend, 16));
        }
        return all;
    }

    @Test
    void storagesAreFreedInAnyOrderByAnyThread() throws InterruptedException {
        long before = Reclaimer.outstanding();
        List<Storage> living = new ArrayList<>();
        Random random = new Random(1);
        int freed = 0;
        for (int round = 0; round < 20; round++) {
            living.addAll(allocate(MANY));
            Collections.shuffle(living, random);
            List<Storage> mine = living.subList(0, MANY / 3);
            List<Storage> others = living.subList(MANY / 3, 9 * MANY / 10);
            mine.forEach(Storage::release);
            run(() -> others.forEach(Storage::release));
            freed += mine.size() + others.size();
            living.subList(0, 9 * MANY / 10).clear();
            assertThat(device.freed).hasValue(freed);
        }
        living.forEach(Storage::release);
        assertThat(device.freed).hasValue(20 * MANY);
        assertThat(device.left).hasValue(1L << 40);
        assertThat(Reclaimer.outstanding() - before).isLessThanOrEqualTo(0); // other tests' garbage may go meanwhile
    }

    @Test
    void whatAnEndedThreadForgotIsFreed() throws InterruptedException {
        List<Storage> kept = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            run(() -> {
                allocate(300);
                kept.addAll(allocate(1));
            });
        }
        CountingDevice.await(() -> device.freed.get() == 3_000);
        kept.forEach(Storage::release);
        assertThat(device.left).hasValue(1L << 40);
    }

    @Test
    void anEndedThreadLeavesItsPartToTheNext() throws InterruptedException {
        run(() -> allocate(1));
        int parts = ThreadMemory.parts();
        for (int i = 0; i < 50; i++) {
            run(() -> allocate(1));
        }
        assertThat(ThreadMemory.parts()).isLessThanOrEqualTo(parts + 1); // the reclaimer may have come
    }
}
