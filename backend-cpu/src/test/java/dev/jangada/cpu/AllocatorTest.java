package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Block;
import dev.jangada.backend.MemoryStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AllocatorTest {
    private static final long GB = 1L << 30;

    @BeforeAll
    static void open() {
        assumeTrue(
                Libraries.availability().available(),
                () -> Libraries.availability().reason());
    }

    @Test
    void classesCoverRequestsTightly() {
        int last = 0;
        for (long bytes = 0; bytes < 100_000; bytes++) {
            int c = Allocator.sizeClass(bytes);
            assertTrue(Allocator.blockSize(c) >= bytes, "class of " + bytes);
            assertTrue(c == 0 || Allocator.blockSize(c - 1) < bytes, "a smaller class would do for " + bytes);
            assertTrue(c == last || c == last + 1, "no class is skipped at " + bytes);
            last = c;
        }
        for (int shift = 17; shift < 62; shift++) {
            for (long bytes : new long[] {(1L << shift) - 1, 1L << shift, (1L << shift) + 1}) {
                long block = Allocator.blockSize(Allocator.sizeClass(bytes));
                assertTrue(block >= bytes && block - bytes <= bytes / 4 + 64, "block " + block + " for " + bytes);
            }
        }
    }

    @Test
    void lastFreedIsReusedFirst() {
        Allocator allocator = new Allocator(GB);
        Block a = allocator.allocate(1000);
        Block b = allocator.allocate(1000);
        a.free();
        b.free();
        assertSame(b, allocator.allocate(1001));
        assertSame(a, allocator.allocate(990));
        assertEquals(0, a.address() % 64);
        a.free();
        b.free();
    }

    @Test
    void statisticsCountBlocks() {
        Allocator allocator = new Allocator(GB);
        Block a = allocator.allocate(9 << 20);
        Block b = allocator.allocate(0);
        assertEquals(0, a.address() % (2 << 20), "a block with an address range of its own starts at a huge page");
        long both = a.bytes() + b.bytes();
        assertEquals(new MemoryStats(both, 0, both), allocator.stats());
        a.free();
        assertEquals(new MemoryStats(b.bytes(), a.bytes(), both), allocator.stats());
        b.free();
        allocator.emptyCache();
        assertEquals(new MemoryStats(0, 0, both), allocator.stats());
    }

    @Test
    void cacheDoesNotGrowWithoutBound() {
        Allocator allocator = new Allocator(64 * GB);
        long largest = 0;
        for (int mb = 40; mb < 200; mb += 3) {
            Block b = allocator.allocate((long) mb << 20);
            largest = Math.max(largest, b.bytes());
            b.free();
            MemoryStats s = allocator.stats();
            assertTrue(s.inUse() + s.cached() <= (256L << 20) + largest / 4, "held: " + s);
        }
        allocator.emptyCache();
    }

    @Test
    void tooMuchIsAnException() {
        Allocator allocator = new Allocator(8 << 20);
        String atOnce = assertThrows(OutOfMemoryException.class, () -> allocator.allocate(9 << 20))
                .getMessage();
        assertTrue(atOnce.contains("9.0 MB") && atOnce.contains("8.0 MB"), atOnce);
        Block a = allocator.allocate(5 << 20);
        String full = assertThrows(OutOfMemoryException.class, () -> allocator.allocate(5 << 20))
                .getMessage();
        assertTrue(full.contains("5.0 MB are in use"), full);
        a.free();
        Block other = allocator.allocate(7 << 20); // the cached block goes
        other.free();
        allocator.emptyCache();
        assertEquals(0, allocator.stats().inUse() + allocator.stats().cached());
    }

    /** Blocks on both sides of the borders at which another part of the native side is asked; each is written to. */
    @Test
    void blocksOfAllSizesLieApart() {
        Allocator allocator = new Allocator(4 * GB);
        TreeMap<Long, Block> blocks = new TreeMap<>();
        Random random = new Random(5);
        for (int i = 0; i < 600; i++) {
            if (random.nextInt(5) < 2 && !blocks.isEmpty()) {
                Long key = blocks.ceilingKey(random.nextLong() >>> 17);
                blocks.remove(key == null ? blocks.firstKey() : key).free();
                if (i % 10 == 0) {
                    allocator.emptyCache();
                }
                continue;
            }
            Block b = allocator.allocate((long) Math.exp(Math.log(20 << 20) * random.nextDouble()));
            assertEquals(0, b.address() % 64);
            write(b.address(), b.bytes());
            Map.Entry<Long, Block> below = blocks.floorEntry(b.address());
            Map.Entry<Long, Block> above = blocks.ceilingEntry(b.address());
            assertTrue(below == null || below.getKey() + below.getValue().bytes() <= b.address(), "two blocks meet");
            assertTrue(above == null || b.address() + b.bytes() <= above.getKey(), "two blocks meet");
            blocks.put(b.address(), b);
        }
        blocks.values().forEach(Block::free);
        allocator.emptyCache();
        assertEquals(0, allocator.stats().inUse() + allocator.stats().cached());
    }

    /** What lies between blocks in use goes back to the system, too. */
    @Test
    void anEmptyCacheTakesNoMemory() throws Exception {
        Allocator allocator = new Allocator(GB);
        List<Block> large = new ArrayList<>();
        List<Block> small = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            large.add(allocator.allocate(7 << 20));
            small.add(allocator.allocate(1 << 20));
        }
        large.forEach(b -> write(b.address(), b.bytes()));
        long full = resident();
        large.forEach(Block::free);
        allocator.emptyCache();
        assertThat(full - resident()).isGreaterThan(100L << 20);
        small.forEach(Block::free);
        allocator.emptyCache();
    }

    private static void write(long address, long bytes) {
        ByteBuffer ones = ByteBuffer.allocateDirect(4096);
        for (long at = 0; at < bytes; at += ones.capacity()) {
            Native.copy(address + at, Native.address(ones), Math.min(ones.capacity(), bytes - at));
        }
    }

    /** Bytes of this process that lie in memory. */
    private static long resident() throws IOException {
        return Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]) * 4096;
    }

    @Test
    void threadsNeverShareABlock() throws Exception {
        Allocator allocator = new Allocator(GB);
        Map<Long, Thread> owners = new ConcurrentHashMap<>();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Random random = new Random(t);
            done.add(pool.submit(() -> {
                List<Block> mine = new ArrayList<>();
                for (int i = 0; i < 20_000; i++) {
                    if (mine.size() > 20 || (!mine.isEmpty() && random.nextBoolean())) {
                        Block b = mine.remove(random.nextInt(mine.size()));
                        owners.remove(b.address());
                        b.free();
                    } else {
                        Block b = allocator.allocate(random.nextInt(2000));
                        mine.add(b);
                        assertEquals(null, owners.put(b.address(), Thread.currentThread()), "handed out twice");
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
        assertEquals(0, allocator.stats().inUse());
        allocator.emptyCache();
        assertEquals(0, allocator.stats().cached());
    }
}
