package dev.jangada.testkit;

import static org.assertj.core.api.Assertions.assertThat;

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

/** What a backend that counts its activity says of it: counts are exact. A backend adds a test that its times fit into the wall's. */
public abstract class ActivityConformance extends Conformance {
    private static final DType F = DType.FLOAT32;
    private static final MapKernel ADD = new MapKernel(
            "add", Program.of(List.of(F, F), List.of(), Expr.input(0, F).add(Expr.input(1, F))));

    private final List<Operand> made = new ArrayList<>();

    /** Creates the tests. */
    protected ActivityConformance() {}

    /** Starts counting. */
    @BeforeEach
    final void count() {
        backend().countActivity(true);
    }

    /** Ends counting, and the operands. */
    @AfterEach
    final void release() {
        backend().countActivity(false);
        made.forEach(o -> o.storage().release());
        made.clear();
    }

    /** Returns float32 zeros, which live until the test ends. */
    protected final Operand zeros(long... sizes) {
        Shape shape = Shape.of(sizes);
        int bytes = (int) shape.numel() * F.size();
        Operand o = new Operand(Storage.allocate(backend(), bytes), F, Layout.contiguous(shape));
        backend().copyFromHost(o.storage().memory(), 0, ByteBuffer.allocateDirect(bytes));
        made.add(o);
        return o;
    }

    /** Runs the kernel of an addition. */
    protected final void add(Operand out, Operand a, Operand b) {
        backend().map(ADD, new Operand[] {out}, new Operand[] {a, b}, new long[0]);
    }

    /** Returns what the backend counts while something runs. */
    protected final Activity during(Runnable work) {
        Activity before = backend().activity().orElseThrow();
        work.run();
        return backend().activity().orElseThrow().since(before);
    }

    /** Kernels, arithmetic and bytes, in which what is broadcast is read once. */
    @Test
    void launchesWorkAndCopiesAreCountedExactly() {
        Backend backend = backend();
        Operand a = zeros(8, 16);
        Operand row = zeros(16);
        Operand wide = row.with(row.layout().expand(a.layout().shape()));
        int times = 300; // more than a backend may want to time at once
        Activity sum = during(() -> {
            for (int i = 0; i < times; i++) {
                add(a, a, wide);
            }
        });
        assertThat(sum.launches()).isEqualTo(times);
        assertThat(sum.hostCalls()).isEqualTo(times);
        assertThat(sum.flops()).isEqualTo(times * 128);
        assertThat(sum.bytesMoved()).isEqualTo(times * 4 * (128 + 128 + 16));
        assertThat(sum.busyNanos()).isPositive();

        Operand left = zeros(2, 5, 7);
        Operand right = zeros(2, 7, 3);
        Operand out = zeros(2, 5, 3);
        backend.synchronize();
        Activity product = during(() -> backend.matmul(out, left, right, 1, 1));
        assertThat(product.launches()).isEqualTo(1);
        assertThat(product.flops()).isEqualTo(2 * 2 * 5 * 3 * 7);
        assertThat(product.bytesMoved()).isEqualTo(4 * (70 + 42 + 2 * 30)); // beta reads the result
        assertThat(product.busyNanos()).isPositive();

        Activity scan = during(() -> backend.scan(ScanOp.SUM, a, a, 1));
        assertThat(scan.launches()).isEqualTo(1);
        Activity copy = during(
                () -> backend.copyToHost(ByteBuffer.allocate(64), a.storage().memory(), 0));
        assertThat(copy).isEqualTo(new Activity(0, copy.lanes(), 0, 1, 0, 0));
    }

    /** A call on no elements is none. */
    @Test
    void nothingIsCountedWhenOffOrEmpty() {
        Operand a = zeros(16);
        Operand none = zeros(0);
        Activity empty = during(() -> add(none, none, none));
        assertThat(empty).isEqualTo(new Activity(0, empty.lanes(), 0, 0, 0, 0));
        backend().countActivity(false);
        Activity off = during(() -> add(a, a, a));
        assertThat(off).isEqualTo(new Activity(0, off.lanes(), 0, 0, 0, 0));
    }
}
