package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Block;
import dev.jangada.backend.MemoryStats;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Probe;
import dev.jangada.testkit.AllocatorConformance;
import dev.jangada.testkit.NeedsBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@NeedsBackend("cuda")
class AllocatorTest extends AllocatorConformance {
    private Context context;
    private Allocator allocator;

    @BeforeEach
    void open() {
        context = Context.open(Probe.result().devices().get(0));
        allocator = new Allocator(context, () -> 0);
    }

    @AfterEach
    void giveBack() {
        allocator.emptyCache();
    }

    @Override
    protected Block allocate(long bytes) {
        Block b = allocator.allocate(bytes);
        assertThat(b.address() % 256).isZero();
        return b;
    }

    @Override
    protected MemoryStats stats() {
        return allocator.stats();
    }

    @Override
    protected void emptyCache() {
        allocator.emptyCache();
    }

    @Override
    protected int sizeClass(long bytes) {
        return Allocator.sizeClass(bytes);
    }

    @Override
    protected long blockSize(int sizeClass) {
        return Allocator.blockSize(sizeClass);
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
}
