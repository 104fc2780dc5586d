package dev.jangada.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.DType;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Blocks larger than a buffer can be, with chunks of 64 bytes in the place of 1 GiB. */
class HeapMemoryTest {
    private static final int CHUNK_BITS = 6;
    private final Heap heap = new Heap();

    @Test
    void elementsAndCopiesCrossChunks() {
        HeapMemory memory = new HeapMemory(heap, 1000, CHUNK_BITS);
        byte[] bytes = new byte[700];
        new Random(1).nextBytes(bytes);
        ByteBuffer source = ByteBuffer.wrap(bytes);
        memory.write(150, source);
        assertThat(source.position()).isZero();
        ByteBuffer target = ByteBuffer.allocate(700);
        memory.read(target, 150);
        assertThat(target).isEqualTo(ByteBuffer.wrap(bytes));
        for (long i = 0; i < 125; i++) {
            memory.putLong(i * 8, DType.INT64, i * i);
        }
        for (long i = 0; i < 125; i++) {
            assertThat(memory.getLong(i * 8, DType.INT64)).isEqualTo(i * i);
        }
    }

    @Test
    void sizesAtTheEdgesOfChunks() {
        for (long size : new long[] {0, 1, 63, 64, 65, 128}) {
            HeapMemory memory = new HeapMemory(heap, size, CHUNK_BITS);
            assertThat(memory.bytes()).isEqualTo(size);
            ByteBuffer all = ByteBuffer.allocate((int) size);
            memory.read(all, 0);
            for (int i = 0; i < size; i++) {
                assertThat(all.get(i)).isEqualTo((byte) -1);
            }
        }
    }
}
