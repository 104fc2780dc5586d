package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Block;
import dev.jangada.backend.MemoryStats;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AllocatorTest {
    private Context context;
    private Allocator allocator;

    @BeforeEach
    void open() {
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
        context = Context.open(Probe.result().devices().get(0));
        allocator = new Allocator(context, () -> 0);
    }

    @AfterEach
    void giveBack() {
        if (allocator != null) {
            allocator.emptyCache();
        }
    }

    @Test
    void classesCoverRequestsTightly() {
        int last = 0;
        for (long bytes = 0; bytes < 100_000; bytes++) {
            int c = Allocator.sizeClass(bytes);
            assertThat(Allocator.blockSize(c)).isGreaterThanOrEqualTo(bytes);
            assertThat(c == 0 || Allocator.blockSize(c - 1) < bytes).isTrue();
            assertThat(c - last).isBetween(0, 1);
            last = c;
        }
        for (int shift = 17; shift < 62; shift++) {
            for (long bytes : new long[] {(1L << shift) - 1, 1L << shift, (1L << shift) + 1}) {
                long block = Allocator.blockSize(Allocator.sizeClass(bytes));
                assertThat(block - bytes).isBetween(0L, bytes / 4 + 64);
            }
        }
    }

    @Test
    void lastFreedIsReusedFirst() {
        Block a = allocator.allocate(1000);
        Block b = allocator.allocate(1000);
        assertThat(a.address() % 256).isZero();
        a.free();
        b.free();
        assertThat(allocator.allocate(1001)).isSameAs(b);
        assertThat(allocator.allocate(990)).isSameAs(a);
        a.free();
        b.free();
    }

    @Test
    void statisticsCountBlocks() {
        Block a = allocator.allocate(3 << 20);
        Block b = allocator.allocate(0);
        long both = a.bytes() + b.bytes();
        assertThat(allocator.stats()).isEqualTo(new MemoryStats(both, 0, both));
        a.free();
        assertThat(allocator.stats()).isEqualTo(new MemoryStats(b.bytes(), a.bytes(), both));
        b.free();
        allocator.emptyCache();
        assertThat(allocator.stats()).isEqualTo(new MemoryStats(0, 0, both));
    }

    /** When the device is full, cached blocks of other sizes go first; then the exception tells how things stand. */
    @Test
    void fullDevice() {
        List<Block> blocks = new ArrayList<>();
        long part = context.freeAndTotal()[0] / 4 / 5 * 4; // a size class
        allocator.allocate(part).free();
        long other = part / 16;
        for (int i = 0; i < 16; i++) {
            blocks.add(allocator.allocate(other));
        }
        MemoryStats before = allocator.stats();
        long most = context.info().bytes() - 1;
        assertThatThrownBy(() -> allocator.allocate(most))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageContaining("expected " + most + " bytes")
                .hasMessageContaining("in use by 16 tensors")
                .hasMessageContaining("of free memory on cuda:0");
        assertThat(allocator.stats().inUse()).isEqualTo(before.inUse());
        assertThat(allocator.stats().cached()).isZero();
        assertThatThrownBy(() -> allocator.allocate(most + 2)).hasMessageContaining("which cuda:0 has");
        blocks.forEach(Block::free);
    }

    @Test
    void threadsNeverShareABlock() throws Exception {
        Map<Long, Thread> owners = new ConcurrentHashMap<>();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Random random = new Random(t);
            done.add(pool.submit(() -> {
                List<Block> mine = new ArrayList<>();
                for (int i = 0; i < 5_000; i++) {
                    if (mine.size() > 20 || (!mine.isEmpty() && random.nextBoolean())) {
                        Block b = mine.remove(random.nextInt(mine.size()));
                        owners.remove(b.address());
                        b.free();
                    } else {
                        Block b = allocator.allocate(random.nextInt(2000));
                        mine.add(b);
                        assertThat(owners.put(b.address(), Thread.currentThread()))
                                .as("owner")
                                .isNull();
                    }
                }
                mine.forEach(b -> {
                    owners.remove(b.address());
                    b.free();
                });
            }));
        }
        for (Future<?> f : done) {
            f.get();
        }
        pool.shutdown();
        assertThat(allocator.stats().inUse()).isZero();
    }
}
