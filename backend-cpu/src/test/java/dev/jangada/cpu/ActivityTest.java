package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Activity;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ScanOp;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the backend says of its own activity: exact counts, and time that fits into the wall's. */
class ActivityTest {
    private static final DType F = DType.FLOAT32;
    private static final MapKernel ADD = new MapKernel(
            "add", Program.of(List.of(F, F), List.of(), Expr.input(0, F).add(Expr.input(1, F))));

    private final List<Operand> made = new ArrayList<>();
    private Backend backend;

    @BeforeEach
    void open() {
        assumeTrue(
                Libraries.availability().available(),
                () -> Libraries.availability().reason());
        backend = new CpuBackend();
        backend.countActivity(true);
    }

    @AfterEach
    void close() {
        if (backend != null) {
            backend.countActivity(false);
            Native.setThreads(Runtime.getRuntime().availableProcessors());
            made.forEach(o -> o.storage().release());
        }
    }

    private Operand zeros(long... sizes) {
        Shape shape = Shape.of(sizes);
        Operand o = new Operand(Storage.allocate(backend, shape.numel() * 4), F, Layout.contiguous(shape));
        for (int i = 0; i < shape.numel() * 4; i += 1 << 20) {
            int part = (int) Math.min(1 << 20, shape.numel() * 4 - i);
            backend.copyFromHost(o.storage().memory(), i, ByteBuffer.allocateDirect(part));
        }
        made.add(o);
        return o;
    }

    private Activity during(Runnable work) {
        Activity before = backend.activity().orElseThrow();
        work.run();
        return backend.activity().orElseThrow().since(before);
    }

    @Test
    void launchesWorkAndCopiesAreCountedExactly() {
        Operand a = zeros(8, 16);
        Operand row = zeros(16);
        Operand wide = row.with(row.layout().expand(a.layout().shape()));
        Activity sum = during(() -> {
            for (int i = 0; i < 3; i++) {
                backend.map(ADD, new Operand[] {a}, new Operand[] {a, wide}, new long[0]);
            }
        });
        assertThat(sum.launches()).isEqualTo(3);
        assertThat(sum.hostCalls()).isEqualTo(3);
        assertThat(sum.flops()).isEqualTo(3 * 128);
        assertThat(sum.bytesMoved()).isEqualTo(3 * 4 * (128 + 128 + 16)); // what is broadcast is read once
        assertThat(sum.busyNanos()).isPositive();

        Operand left = zeros(2, 5, 7);
        Operand right = zeros(2, 7, 3);
        Operand out = zeros(2, 5, 3);
        Activity product = during(() -> backend.matmul(out, left, right, 1, 1));
        assertThat(product.launches()).isEqualTo(1);
        assertThat(product.flops()).isEqualTo(2 * 2 * 5 * 3 * 7);
        assertThat(product.bytesMoved()).isEqualTo(4 * (70 + 42 + 2 * 30)); // beta reads the result

        Activity scan = during(() -> backend.scan(ScanOp.SUM, a, a, 1));
        assertThat(scan.launches()).isEqualTo(1);
        Activity copy = during(
                () -> backend.copyToHost(ByteBuffer.allocate(64), a.storage().memory(), 0));
        assertThat(copy).isEqualTo(new Activity(0, copy.lanes(), 0, 1, 0, 0));
    }

    @Test
    void nothingIsCountedWhenOffOrEmpty() {
        Operand a = zeros(16);
        Operand none = zeros(0);
        Activity empty = during(() -> backend.map(ADD, new Operand[] {none}, new Operand[] {none, none}, new long[0]));
        assertThat(empty).isEqualTo(new Activity(0, empty.lanes(), 0, 0, 0, 0));
        backend.countActivity(false);
        Activity off = during(() -> backend.map(ADD, new Operand[] {a}, new Operand[] {a, a}, new long[0]));
        assertThat(off).isEqualTo(new Activity(0, off.lanes(), 0, 0, 0, 0));
    }

    /** The last size runs on all threads; time spent waiting for the others is not busy. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void busyTimeFitsIntoTheWallTimeOfAllThreads(int threads) {
        backend.setNumThreads(threads);
        Operand a = zeros(4 << 20);
        Operand b = zeros(1, 256, 256);
        Operand c = zeros(1, 256, 256);
        long[] wall = new long[1];
        Activity work = during(() -> {
            long start = System.nanoTime();
            for (int i = 0; i < 10; i++) {
                backend.map(ADD, new Operand[] {a}, new Operand[] {a, a}, new long[0]);
                backend.matmul(c, b, b, 1, 0);
            }
            wall[0] = System.nanoTime() - start;
        });
        assertThat(work.lanes()).isEqualTo(threads);
        assertThat(work.launches()).isEqualTo(20);
        assertThat(work.busyNanos()).isPositive().isLessThanOrEqualTo(threads * wall[0]);
        assertThat(work.utilisation(wall[0])).isGreaterThan(0.5 / threads).isLessThanOrEqualTo(1);
    }
}
