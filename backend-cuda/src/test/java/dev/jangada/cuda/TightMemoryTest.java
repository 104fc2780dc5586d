package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Block;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Probe;
import dev.jangada.cuda.sim.CudaSim;
import dev.jangada.cuda.sim.NeedsSimulator;
import dev.jangada.cuda.sim.SimSetting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A device of which 61 to 62 MB are free, where a block for 57 MB would be one of 64 MB. */
@NeedsSimulator
class TightMemoryTest {
    private static final long MB = 1L << 20;

    private long size;
    private Allocator allocator;

    @BeforeEach
    void shrink() {
        assumeFalse("exact".equals(System.getProperty("jangada.cuda.allocator")), "needs blocks that are rounded up");
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
        Context context = Context.open(Probe.result().devices().get(0));
        allocator = new Allocator(context, () -> 0);
        size = CudaSim.get(SimSetting.MEMORY_MB);
        long[] freeAndTotal = context.freeAndTotal();
        CudaSim.set(SimSetting.MEMORY_MB, (freeAndTotal[1] - freeAndTotal[0] + 62 * MB) / MB);
    }

    @AfterEach
    void restore() {
        if (allocator != null) {
            allocator.emptyCache();
            CudaSim.set(SimSetting.MEMORY_MB, size);
        }
    }

    /** What fits only as it is gets a block of its own size, which is cached as any other and given only to what fits into it. */
    @Test
    void aLargeRequestThatFitsAsItIs() {
        Block b = allocator.allocate(60 * MB - 100);
        assertThat(b.bytes()).isEqualTo(60 * MB);
        assertThat(allocator.stats().inUse()).isEqualTo(60 * MB);
        b.free();
        assertThat(allocator.allocate(60 * MB)).isSameAs(b);
        b.free();
        assertThat(allocator.allocate(57 * MB))
                .as("a smaller one of the same class")
                .isSameAs(b);
        b.free();
        Block larger = allocator.allocate(61 * MB - 300);
        assertThat(larger.bytes()).as("the block of 60 MB went for it").isEqualTo(61 * MB);
        assertThat(allocator.stats().cached()).isZero();
        larger.free();
    }

    /** Cached memory is still given back first where that helps. */
    @Test
    void theCacheGoesFirst() {
        allocator.allocate(3 * MB).free();
        Block b = allocator.allocate(60 * MB);
        assertThat(b.bytes()).isEqualTo(60 * MB);
        assertThat(allocator.stats().cached()).isZero();
        assertThatThrownBy(() -> allocator.allocate(3 * MB))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageContaining("60.0 MB are in use by 1 tensors");
        b.free();
    }

    /** There may be room for a block of full size behind one of exact size. */
    @Test
    void blocksOfOneClassMayDiffer() {
        Block exact = allocator.allocate(60 * MB);
        CudaSim.set(SimSetting.MEMORY_MB, size);
        Block full = allocator.allocate(60 * MB);
        assertThat(full.bytes()).isEqualTo(64 * MB);
        full.free();
        exact.free();
        assertThat(allocator.allocate(61 * MB)).isSameAs(full);
        assertThat(allocator.allocate(57 * MB)).isSameAs(exact);
        exact.free();
        full.free();
    }
}
