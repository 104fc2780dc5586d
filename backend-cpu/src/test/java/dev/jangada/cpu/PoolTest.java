package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
import dev.jangada.testkit.NeedsBackend;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The thread pool as the kernels see it: any number of threads, any number of callers, and the end of the process. */
@NeedsBackend("cpu")
class PoolTest {
    @AfterEach
    void restore() {
        Native.setThreads(Runtime.getRuntime().availableProcessors());
    }

    /** Two matrices, their product, and the memory of all three. */
    private static final class Product implements AutoCloseable {
        private final Backend backend;
        private final Operand a;
        private final Operand b;
        private final Operand out;

        Product(Backend backend, int m, int k, int n, long seed) {
            this.backend = backend;
            a = matrix(m, k, seed);
            b = matrix(k, n, seed + 1);
            out = matrix(m, n, seed + 2);
        }

        private Operand matrix(int rows, int columns, long seed) {
            Random random = new Random(seed);
            ByteBuffer content = ByteBuffer.allocate(4 * rows * columns).order(ByteOrder.nativeOrder());
            while (content.hasRemaining()) {
                content.putFloat((float) random.nextGaussian());
            }
            Storage storage = Storage.allocate(backend, content.capacity());
            backend.copyFromHost(storage.memory(), 0, content.flip());
            return new Operand(storage, DType.FLOAT32, Layout.contiguous(Shape.of(1, rows, columns)));
        }

        ByteBuffer run() {
            backend.matmul(out, a, b, 1, 0);
            ByteBuffer bits = ByteBuffer.allocate((int) out.layout().numel() * 4);
            backend.copyToHost(bits, out.storage().memory(), 0);
            return bits;
        }

        @Override
        public void close() {
            for (Operand x : List.of(a, b, out)) {
                x.storage().release();
            }
        }
    }

    /** Shapes of every branch of the grid. */
    @ParameterizedTest
    @CsvSource({
        "128, 784, 512",
        "784, 128, 512",
        "32, 256, 1024",
        "1, 784, 512",
        "512, 784, 1",
        "600, 600, 600",
        "1100, 520, 1030",
        "300, 30, 9"
    })
    void threadsChangeNoBit(int m, int k, int n) {
        try (Product p = new Product(new CpuBackend(), m, k, n, 3)) {
            Native.setThreads(1);
            ByteBuffer expected = p.run();
            for (int threads : new int[] {2, 3, 4, 9}) {
                Native.setThreads(threads);
                assertThat(Native.threads()).isEqualTo(threads);
                assertThat(p.run()).as("%d threads", threads).isEqualTo(expected);
            }
        }
    }

    /** Several callers share the pool while its size changes. */
    @Test
    void callersDoNotDisturbEachOther() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(4);
        AtomicBoolean stop = new AtomicBoolean();
        Future<?> resizer = callers.submit(() -> {
            for (int i = 0; !stop.get(); i++) {
                Native.setThreads(1 + i % 4);
                Thread.yield();
            }
        });
        List<Future<?>> running = new ArrayList<>();
        for (int c = 0; c < 3; c++) {
            int seed = c;
            running.add(callers.submit(() -> {
                try (Product p = new Product(new CpuBackend(), 64, 128, 300 + seed, seed)) {
                    ByteBuffer expected = p.run();
                    for (int i = 0; i < 300; i++) {
                        assertThat(p.run()).isEqualTo(expected);
                    }
                }
            }));
        }
        try {
            for (Future<?> f : running) {
                f.get(60, TimeUnit.SECONDS);
            }
        } finally {
            stop.set(true);
            resizer.get(60, TimeUnit.SECONDS);
            callers.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 257, 100_000, Integer.MAX_VALUE})
    void senselessNumbersOfThreadsAreExceptions(int threads) {
        assertThatThrownBy(() -> new CpuBackend().setNumThreads(threads))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("expected 1 to 256 threads, got " + threads);
    }

    @Test
    void mostThreadsWork() {
        CpuBackend backend = new CpuBackend();
        backend.setNumThreads(CpuBackend.MOST_THREADS);
        assertThat(Native.threads()).isBetween(1, CpuBackend.MOST_THREADS);
        Native.setThreads(1);
        assertThat(Native.threads()).isEqualTo(1);
    }

    /** The program of {@link #processEndsWithSleepingWorkers}. */
    static final class Child {
        private Child() {}

        /** Multiplies once with four threads and returns. */
        public static void main(String[] args) {
            if (!Libraries.availability().available()) {
                throw new IllegalStateException(Libraries.availability().reason());
            }
            CpuBackend backend = new CpuBackend();
            backend.setNumThreads(4);
            Product p = new Product(backend, 200, 300, 400, 1);
            System.out.println("product " + p.run().capacity());
        }
    }

    /** Workers are no reason for a process to stay, nor to crash at its end. */
    @Test
    void processEndsWithSleepingWorkers() throws Exception {
        String java = System.getProperty("java.home") + File.separator + "bin" + File.separator + "java";
        Process child = new ProcessBuilder(
                        java, "-cp", System.getProperty("java.class.path"), "-Xmx128m", Child.class.getName())
                .redirectErrorStream(true)
                .start();
        boolean ended = child.waitFor(60, TimeUnit.SECONDS);
        if (!ended) {
            child.destroyForcibly();
        }
        String output = new String(child.getInputStream().readAllBytes());
        assertThat(ended).as("the process has ended; it wrote: %s", output).isTrue();
        assertThat(output).contains("product 320000");
        assertThat(child.exitValue()).isZero();
    }
}
