package dev.jangada.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.DType;
import dev.jangada.OutOfMemoryException;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Memory;
import dev.jangada.backend.MemoryStats;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Allocation, copies, statistics, and calls from many threads at once. */
public abstract class MemoryConformance extends Conformance {
    private static final int THREADS = 8;

    /** Creates the tests. */
    protected MemoryConformance() {}

    /** The provider says who it is, again and again. */
    @Test
    void providerAndDevice() {
        assertThat(provider().name()).isEqualTo(backend().device().type()).matches("[a-z]+");
        assertThat(provider().deviceCount()).isPositive();
        assertThat(provider().availability()).isEqualTo(provider().availability());
        assertThat(provider().availability().reason()).isNotBlank();
        assertThat(backend().description()).isNotBlank().doesNotContain("\n");
    }

    /** Bytes come back as they went, from any buffer and at any position, and nothing beside them changes. */
    @Test
    void copies() {
        int[] sizes = {0, 1, 3, 8, 63, 64, 65, 4096, 100_001};
        Random random = new Random(1);
        for (int size : sizes) {
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            for (int position : new int[] {0, 1, 64, 777}) {
                Memory memory = backend().allocate(size + 1000L);
                assertThat(memory.bytes()).isGreaterThanOrEqualTo(size + 1000L);
                backend().copyFromHost(memory, 0, ByteBuffer.allocate(size + 1000));
                ByteBuffer source = size % 2 == 0 ? ByteBuffer.allocateDirect(size + 9) : ByteBuffer.allocate(size + 9);
                source.put(5, bytes).position(5).limit(5 + size);
                backend().copyFromHost(memory, position, position == 64 ? source.asReadOnlyBuffer() : source);
                assertThat(source.position()).isEqualTo(5);
                ByteBuffer all =
                        position == 1 ? ByteBuffer.allocateDirect(size + 1000) : ByteBuffer.allocate(size + 1000);
                backend().copyToHost(all, memory, 0);
                assertThat(all.position()).isZero();
                ByteBuffer expected = ByteBuffer.allocate(size + 1000).put(position, bytes);
                assertThat(all).isEqualTo(expected);
                ByteBuffer part = ByteBuffer.allocate(size + 4).position(2).limit(2 + size);
                backend().copyToHost(part, memory, position);
                assertThat(part).isEqualTo(ByteBuffer.wrap(bytes));
                memory.free();
            }
        }
    }

    /** Memory in use is counted, given back, and the cache can be emptied. */
    @Test
    void statistics() {
        MemoryStats before = backend().memory();
        List<Memory> blocks = new ArrayList<>();
        long bytes = 0;
        for (int size : new int[] {0, 1, 1000, 65_536, 3_000_000}) {
            blocks.add(backend().allocate(size));
            bytes += size;
        }
        MemoryStats during = backend().memory();
        assertThat(during.inUse()).isGreaterThanOrEqualTo(before.inUse() + bytes);
        assertThat(during.inUse()).isLessThan(before.inUse() + 2 * bytes + 100_000);
        assertThat(during.peak()).isGreaterThanOrEqualTo(during.inUse());
        blocks.forEach(Memory::free);
        MemoryStats after = backend().memory();
        assertThat(after.inUse()).isEqualTo(before.inUse());
        assertThat(after.peak()).isEqualTo(during.peak());
        backend().emptyCache();
        assertThat(backend().memory().cached()).isZero();
    }

    /** More than any machine has is an exception that says so, and the backend goes on working. */
    @Test
    void tooMuchMemory() {
        for (long bytes : new long[] {1L << 50, Long.MAX_VALUE - 7}) {
            MemoryStats before = backend().memory();
            assertThatThrownBy(() -> backend().allocate(bytes))
                    .isInstanceOf(OutOfMemoryException.class)
                    .hasMessageContaining(Long.toString(bytes));
            assertThat(backend().memory().inUse()).isEqualTo(before.inUse());
        }
        Memory small = backend().allocate(16);
        small.free();
    }

    /** Blocks taken at the same time do not overlap. */
    @Test
    void blocksAreDistinct() {
        List<Memory> blocks = new ArrayList<>();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 100; i++) {
                Memory m = backend().allocate(1 + i * 37L);
                backend().copyFromHost(m, 0, filled(1 + i * 37, (byte) i));
                blocks.add(m);
            }
            for (int i = 0; i < 100; i++) {
                ByteBuffer content = ByteBuffer.allocate(1 + i * 37);
                backend().copyToHost(content, blocks.get(i), 0);
                assertThat(content).isEqualTo(filled(1 + i * 37, (byte) i));
            }
            blocks.forEach(Memory::free);
            blocks.clear();
        }
    }

    private static ByteBuffer filled(int size, byte value) {
        ByteBuffer b = ByteBuffer.allocate(size);
        while (b.hasRemaining()) {
            b.put(value);
        }
        return b.flip();
    }

    /** Many threads launch the same kernels, allocate, copy and free; each gets its own right numbers. */
    @Test
    void manyThreadsAtOnce() throws InterruptedException, ExecutionException {
        Expr x = Expr.input(0, DType.FLOAT32);
        Program scaled =
                Program.of(List.of(DType.FLOAT32), List.of(DType.FLOAT32), x.mul(Expr.scalar(0, DType.FLOAT32)));
        MapKernel map = new MapKernel("scale", scaled);
        ReduceKernel max =
                ReduceKernel.of("max", ReduceOp.MAX, Program.of(List.of(DType.FLOAT32), List.of(), x), DType.FLOAT32);
        ExecutorService pool = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> futures = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int seed = t;
                futures.add(pool.submit(() -> work(map, max, seed)));
            }
            for (Future<?> f : futures) {
                f.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private void work(MapKernel map, ReduceKernel max, int seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 25; i++) {
            Shape shape = Shape.of(1 + random.nextInt(20), 1 + random.nextInt(300));
            long scale = Double.doubleToRawLongBits((float) random.nextGaussian());
            List<Image> images = List.of(
                    Image.of(DType.FLOAT32, Layout.contiguous(shape), 0),
                    Image.of(DType.FLOAT32, Layout.contiguous(shape.with(1, 1)), 0),
                    Image.of(DType.FLOAT32, Layout.contiguous(Shape.of(1, shape.size(0), shape.size(0))), 0),
                    Samples.image(random, DType.FLOAT32, Layout.contiguous(shape), Samples.Content.MODERATE));
            Tolerance tolerance = Tolerance.sum(shape.size(1), 9, DType.FLOAT32);
            check("thread " + seed + " round " + i, 3, tolerance, images, (b, o) -> {
                b.map(map, new Operand[] {o[0]}, new Operand[] {o[3]}, new long[] {scale});
                b.reduce(max, new Operand[] {o[1]}, new Operand[] {o[0]}, new long[0]);
                Layout a = o[3].layout().unsqueeze(0);
                b.matmul(o[2], o[3].with(a), o[3].with(a.transpose(1, 2)), 1, 0);
            });
        }
    }
}
