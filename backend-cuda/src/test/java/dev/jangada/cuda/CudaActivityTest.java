package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Shape;
import dev.jangada.backend.Activity;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Backends;
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

/** What the device says of its own activity, under the names of the CPU's. */
class CudaActivityTest {
    private static final DType F = DType.FLOAT32;
    private static final MapKernel ADD = new MapKernel(
            "add", Program.of(List.of(F, F), List.of(), Expr.input(0, F).add(Expr.input(1, F))));

    private final List<Operand> made = new ArrayList<>();
    private Backend backend;

    @BeforeEach
    void open() {
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
        backend = Backends.of(new Device("cuda", 0));
        backend.countActivity(true);
    }

    @AfterEach
    void close() {
        if (backend != null) {
            backend.countActivity(false);
            made.forEach(o -> o.storage().release());
        }
    }

    private Operand zeros(long... sizes) {
        Shape shape = Shape.of(sizes);
        int bytes = (int) shape.numel() * F.size();
        Operand o = new Operand(Storage.allocate(backend, bytes), F, Layout.contiguous(shape));
        backend.copyFromHost(o.storage().memory(), 0, ByteBuffer.allocateDirect(bytes));
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
            for (int i = 0; i < 300; i++) { // more than are timed at once
                backend.map(ADD, new Operand[] {a}, new Operand[] {a, wide}, new long[0]);
            }
        });
        assertThat(sum.lanes()).isEqualTo(1);
        assertThat(sum.launches()).isEqualTo(300);
        assertThat(sum.hostCalls()).isEqualTo(300);
        assertThat(sum.flops()).isEqualTo(300 * 128);
        assertThat(sum.bytesMoved()).isEqualTo(300 * 4 * (128 + 128 + 16));
        assertThat(sum.busyNanos()).isPositive();

        Operand left = zeros(2, 5, 7);
        Operand right = zeros(2, 7, 3);
        Operand out = zeros(2, 5, 3);
        backend.synchronize();
        Activity product = during(() -> backend.matmul(out, left, right, 1, 1));
        assertThat(product.launches()).isEqualTo(1);
        assertThat(product.flops()).isEqualTo(2 * 2 * 5 * 3 * 7);
        assertThat(product.bytesMoved()).isEqualTo(4 * (70 + 42 + 2 * 30));
        assertThat(product.busyNanos()).isPositive();

        Activity scan = during(() -> backend.scan(ScanOp.SUM, a, a, 1));
        assertThat(scan.launches()).isEqualTo(1);
        Activity copy = during(
                () -> backend.copyToHost(ByteBuffer.allocate(64), a.storage().memory(), 0));
        assertThat(copy).isEqualTo(new Activity(0, 1, 0, 1, 0, 0));
    }

    @Test
    void nothingIsCountedWhenOffOrEmpty() {
        Operand a = zeros(16);
        Operand none = zeros(0);
        Activity empty = during(() -> backend.map(ADD, new Operand[] {none}, new Operand[] {none, none}, new long[0]));
        assertThat(empty).isEqualTo(new Activity(0, 1, 0, 0, 0, 0));
        backend.countActivity(false);
        Activity off = during(() -> backend.map(ADD, new Operand[] {a}, new Operand[] {a, a}, new long[0]));
        assertThat(off).isEqualTo(new Activity(0, 1, 0, 0, 0, 0));
    }

    /** Kernels run one after the other, so their times fit into the wall's; the driver's monitor has its own opinion. */
    @Test
    void busyTimeFitsIntoTheWallTime() {
        Operand a = zeros(200_000);
        backend.synchronize();
        backend.monitoredUtilisation();
        long start = System.nanoTime();
        Activity work = during(() -> {
            for (int i = 0; i < 20; i++) {
                backend.map(ADD, new Operand[] {a}, new Operand[] {a, a}, new long[0]);
            }
            backend.synchronize();
        });
        long wall = System.nanoTime() - start;
        assertThat(work.utilisation(wall)).isPositive().isLessThanOrEqualTo(1);
        assertThat(backend.monitoredUtilisation().orElseThrow()).isBetween(0.0, 1.0);
    }
}
