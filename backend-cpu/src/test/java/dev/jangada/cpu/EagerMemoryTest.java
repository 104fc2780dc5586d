package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.DType;
import dev.jangada.OutOfMemoryException;
import dev.jangada.Shape;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import dev.jangada.testkit.NeedsBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A kernel that finds no memory has written nothing, and says so; with memory it does what it always does. */
@NeedsBackend("cpu")
class EagerMemoryTest {
    private static final long[] NO_SCALARS = {};
    private static final Operand[] NONE = {};

    private final CpuBackend backend = new CpuBackend();
    private final List<Storage> storages = new ArrayList<>();
    private final Random random = new Random(3);

    @AfterEach
    void close() {
        Native.denyAllocations(-1);
        storages.forEach(Storage::release);
    }

    /** A kernel that changes its first operand. */
    private interface Call {
        void run();
    }

    /** Kernels that need scratch memory, each in another way. Programs and plans are new each time. */
    private enum Kernel {
        MAP {
            @Override
            Call on(EagerMemoryTest t, Operand out) {
                int inputs = 150; // more registers than the stack takes
                Operand[] ins =
                        Collections.nCopies(inputs, t.operand(1, 150, 90)).toArray(NONE);
                Expr sum = Expr.input(0, DType.FLOAT64);
                for (int i = 1; i < inputs; i++) {
                    sum = sum.add(Expr.input(i, DType.FLOAT64).mul(i));
                }
                Program p = Program.of(Collections.nCopies(inputs, DType.FLOAT64), List.of(), sum);
                MapKernel kernel = new MapKernel("many", p);
                return () -> t.backend.map(kernel, new Operand[] {out}, ins, NO_SCALARS);
            }
        },
        REDUCE {
            @Override
            Call on(EagerMemoryTest t, Operand out) {
                Operand in = t.operand(1000, 150, 90);
                Program x = Program.of(List.of(DType.FLOAT64), List.of(), Expr.input(0, DType.FLOAT64));
                ReduceKernel kernel = new ReduceKernel("sum", ReduceOp.SUM, x, x);
                return () -> t.backend.reduce(kernel, new Operand[] {out}, new Operand[] {in}, NO_SCALARS);
            }
        },
        MATMUL {
            @Override
            Call on(EagerMemoryTest t, Operand out) {
                Operand a = t.operand(1, 150, 2 * 70);
                Layout gaps = Layout.of(Shape.of(1, 150, 70), new long[] {0, 140, 2}, 0);
                Operand b = t.operand(1, 70, 90);
                return () -> t.backend.matmul(out, new Operand(a.storage(), DType.FLOAT64, gaps), b, 1, 1);
            }
        },
        SORT {
            @Override
            Call on(EagerMemoryTest t, Operand out) {
                Operand in = t.operand(1, 150, 90);
                Operand indices = new Operand(t.operand(1, 150, 90).storage(), DType.INT64, in.layout());
                return () -> t.backend.sort(out, indices, in, 2, false);
            }
        };

        abstract Call on(EagerMemoryTest t, Operand out);
    }

    /** Random float64 numbers; of a reduction only the last two dimensions are results. */
    private Operand operand(long first, long rows, long columns) {
        Layout layout = Layout.contiguous(Shape.of(first, rows, columns));
        ByteBuffer bytes =
                ByteBuffer.allocateDirect((int) layout.numel() * Double.BYTES).order(ByteOrder.nativeOrder());
        while (bytes.hasRemaining()) {
            bytes.putDouble(random.nextGaussian());
        }
        Storage storage = Storage.allocate(backend, bytes.capacity());
        storages.add(storage);
        backend.copyFromHost(storage.memory(), 0, bytes.flip());
        return new Operand(storage, DType.FLOAT64, layout);
    }

    private ByteBuffer bits(Operand x) {
        ByteBuffer out = ByteBuffer.allocate((int) x.layout().numel() * Double.BYTES);
        backend.copyToHost(out, x.storage().memory(), 0);
        return out;
    }

    /** Runs in a new thread, which has no scratch memory yet. */
    private static RuntimeException failure(Call call) throws InterruptedException {
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        Thread t = new Thread(() -> {
            try {
                call.run();
            } catch (RuntimeException e) {
                failure.set(e);
            }
        });
        t.start();
        t.join();
        return failure.get();
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsWrittenWithoutMemory(Kernel kernel) throws Exception {
        ByteBuffer expected = null;
        int failures = 0;
        for (long granted = 0; expected == null; granted++) {
            Operand out = operand(1, 150, 90);
            Call call = kernel.on(this, out);
            ByteBuffer before = bits(out);
            Native.denyAllocations(granted);
            RuntimeException e = failure(call);
            boolean denied = Native.denyAllocations(-1) > 0;
            if (e != null) {
                failures++;
                assertThat(e).isInstanceOf(OutOfMemoryException.class).hasMessageContaining("expected free memory");
                assertThat(bits(out)).isEqualTo(before);
            } else if (!denied) {
                expected = bits(out);
                assertThat(expected).isNotEqualTo(before);
            }
        }
        assertThat(failures).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void threadsWithoutMemoryDoNotTakePart(Kernel kernel) throws Exception {
        Native.setThreads(4);
        try {
            random.setSeed(5);
            Operand out = operand(1, 150, 90);
            Call call = kernel.on(this, out);
            ByteBuffer start = bits(out);
            Native.setThreads(1);
            assertThat(failure(call)).isNull();
            ByteBuffer expected = bits(out);
            Native.setThreads(4); // new threads, without scratch memory
            long granted = 0;
            RuntimeException e;
            do {
                backend.copyFromHost(out.storage().memory(), 0, start);
                Native.denyAllocations(granted++);
                e = failure(call);
                Native.denyAllocations(-1);
            } while (e != null);
            assertThat(bits(out)).isEqualTo(expected);
        } finally {
            Native.setThreads(Runtime.getRuntime().availableProcessors());
        }
    }

    @ParameterizedTest
    @EnumSource(names = "MAP")
    void aProgramWithoutMemoryIsAnException(Kernel kernel) {
        Operand out = operand(1, 150, 90);
        Call call = kernel.on(this, out);
        Native.denyAllocations(0);
        assertThatThrownBy(call::run)
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageContaining("[kernel] expected free memory for the native form of a program");
        Native.denyAllocations(-1);
        call.run();
    }
}
