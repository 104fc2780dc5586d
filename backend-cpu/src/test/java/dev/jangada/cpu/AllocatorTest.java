package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Block;
import dev.jangada.backend.MemoryStats;
import dev.jangada.testkit.AllocatorConformance;
import dev.jangada.testkit.NeedsBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

@NeedsBackend("cpu")
class AllocatorTest extends AllocatorConformance {
    private static final long GB = 1L << 30;

    private final Allocator fresh = new Allocator(GB);

    @Override
    protected Block allocate(long bytes) {
        return fresh.allocate(bytes);
    }

    @Override
    protected MemoryStats stats() {
        return fresh.stats();
    }

    @Override
    protected void emptyCache() {
        fresh.emptyCache();
    }

    @Override
    protected int sizeClass(long bytes) {
        return Allocator.sizeClass(bytes);
    }

    @Override
    protected long blockSize(int sizeClass) {
        return Allocator.blockSize(sizeClass);
    }

    @Test
    void aBlockWithAnAddressRangeOfItsOwnStartsAtAHugePage() {
        Block b = fresh.allocate(9 << 20);
        assertEquals(0, b.address() % (2 << 20));
        b.free();
        fresh.emptyCache();
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
}
