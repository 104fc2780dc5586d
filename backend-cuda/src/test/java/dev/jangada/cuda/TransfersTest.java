package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.Device;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Memory;
import dev.jangada.testkit.NeedsBackend;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@NeedsBackend("cuda")
class TransfersTest {
    private static Backend backend;

    @BeforeAll
    static void open() {
        backend = Backends.of(new Device("cuda", 0));
    }

    private static byte[] random(int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] download(Memory memory, long position, int size) {
        byte[] bytes = new byte[size];
        backend.copyToHost(ByteBuffer.wrap(bytes), memory, position);
        return bytes;
    }

    /** Sizes around those of the slots, at odd positions. */
    @ParameterizedTest
    @ValueSource(ints = {1 << 20, (1 << 20) - 1, (1 << 20) + 1, 2 << 20, (4 << 20) + 77, 9_000_001})
    void bigCopies(int size) {
        byte[] bytes = random(size, size);
        Memory memory = backend.allocate(size + 3L);
        backend.copyFromHost(memory, 3, ByteBuffer.wrap(bytes));
        assertThat(download(memory, 3, size)).isEqualTo(bytes);
        memory.free();
    }

    /** The source may change at once: what went in before it changed comes out, however many copies are on their way. */
    @Test
    void theSourceMayBeReused() {
        int count = 1000;
        int size = 10_001;
        Memory memory = backend.allocate((long) count * size);
        byte[] source = new byte[size];
        for (int i = 0; i < count; i++) {
            java.util.Arrays.fill(source, (byte) i);
            backend.copyFromHost(memory, (long) i * size, ByteBuffer.wrap(source));
        }
        byte[] all = download(memory, 0, count * size);
        for (int i = 0; i < all.length; i++) {
            if (all[i] != (byte) (i / size)) {
                throw new AssertionError("byte " + i + " of copy " + i / size + " is " + all[i]);
            }
        }
        memory.free();
    }

    @Test
    void manyThreads() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int seed = t;
            done.add(pool.submit(() -> {
                for (int i = 0; i < 10; i++) {
                    byte[] bytes = random(seed * 100 + i, 300_000 * (1 + i));
                    Memory memory = backend.allocate(bytes.length);
                    backend.copyFromHost(memory, 0, ByteBuffer.wrap(bytes));
                    assertThat(download(memory, 0, bytes.length)).isEqualTo(bytes);
                    memory.free();
                }
            }));
        }
        for (Future<?> f : done) {
            f.get();
        }
        pool.shutdown();
    }

    @Test
    void outsideOfTheBlock() {
        Memory memory = backend.allocate(100);
        ByteBuffer tooMuch = ByteBuffer.allocate((int) memory.bytes() + 1);
        assertThatThrownBy(() -> backend.copyFromHost(memory, 0, tooMuch)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> backend.copyToHost(tooMuch, memory, 0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> backend.copyFromHost(memory, -1, ByteBuffer.allocate(1)))
                .hasMessageContaining("from position -1");
        memory.free();
    }
}
