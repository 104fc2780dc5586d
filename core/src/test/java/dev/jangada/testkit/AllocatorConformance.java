package dev.jangada.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.backend.Block;
import dev.jangada.backend.MemoryStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** An allocator that hands out {@link Block}s of size classes and keeps what is freed; each test needs one that has handed out none. */
public abstract class AllocatorConformance {
    private static final int THREADS = 4;

    /** Creates the tests. */
    protected AllocatorConformance() {}

    /** Asks the allocator for a block. */
    protected abstract Block allocate(long bytes);

    /** Asks the allocator how things stand. */
    protected abstract MemoryStats stats();

    /** Has the allocator give back what it keeps. */
    protected abstract void emptyCache();

    /** Returns the class of the blocks for a request. */
    protected abstract int sizeClass(long bytes);

    /** Returns the size of the blocks of a class. */
    protected abstract long blockSize(int sizeClass);

    /** A block has room for the request and wastes little; no smaller class would do. */
    @Test
    void classesCoverRequestsTightly() {
        int last = 0;
        for (long bytes = 0; bytes < 100_000; bytes++) {
            int c = sizeClass(bytes);
            assertThat(blockSize(c)).isGreaterThanOrEqualTo(bytes);
            assertThat(c == 0 || blockSize(c - 1) < bytes)
                    .as("no smaller class would do for %d", bytes)
                    .isTrue();
            assertThat(c - last).as("no class is skipped at %d", bytes).isBetween(0, 1);
            last = c;
        }
        for (int shift = 17; shift < 62; shift++) {
            for (long bytes : new long[] {(1L << shift) - 1, 1L << shift, (1L << shift) + 1}) {
                long block = blockSize(sizeClass(bytes));
                assertThat(block - bytes).as("waste of %d", bytes).isBetween(0L, bytes / 4 + 64);
            }
        }
    }

    /** The block that is likely to lie in a cache of the processor. */
    @Test
    void lastFreedIsReusedFirst() {
        Block a = allocate(1000);
        Block b = allocate(1000);
        a.free();
        b.free();
        assertThat(allocate(1001)).isSameAs(b);
        assertThat(allocate(990)).isSameAs(a);
        a.free();
        b.free();
    }

    /** Bytes are counted by blocks, not by requests. */
    @Test
    void statisticsCountBlocks() {
        Block a = allocate(9 << 20);
        Block b = allocate(0);
        long both = a.bytes() + b.bytes();
        assertThat(stats()).isEqualTo(new MemoryStats(both, 0, both));
        a.free();
        assertThat(stats()).isEqualTo(new MemoryStats(b.bytes(), a.bytes(), both));
        b.free();
        emptyCache();
        assertThat(stats()).isEqualTo(new MemoryStats(0, 0, both));
    }

    /** No address is handed out twice. */
    @Test
    void threadsNeverShareABlock() throws InterruptedException, ExecutionException {
        Map<Long, Thread> owners = new ConcurrentHashMap<>();
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                Random random = new Random(t);
                done.add(pool.submit(() -> allocateAndFree(random, owners)));
            }
            for (Future<?> f : done) {
                f.get();
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(stats().inUse()).isZero();
        emptyCache();
        assertThat(stats().cached()).isZero();
    }

    private void allocateAndFree(Random random, Map<Long, Thread> owners) {
        List<Block> mine = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            if (mine.size() > 20 || (!mine.isEmpty() && random.nextBoolean())) {
                giveBack(mine.remove(random.nextInt(mine.size())), owners);
            } else {
                Block b = allocate(random.nextInt(2000));
                mine.add(b);
                assertThat(owners.put(b.address(), Thread.currentThread()))
                        .as("owner")
                        .isNull();
            }
        }
        mine.forEach(b -> giveBack(b, owners));
    }

    private static void giveBack(Block b, Map<Long, Thread> owners) {
        owners.remove(b.address());
        b.free();
    }
}
