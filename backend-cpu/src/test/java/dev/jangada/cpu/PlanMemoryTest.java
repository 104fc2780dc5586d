package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.DType;
import dev.jangada.OutOfMemoryException;
import dev.jangada.Shape;
import dev.jangada.backend.CompiledPlan;
import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Plan;
import dev.jangada.backend.Storage;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.testkit.NeedsBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A plan whose operands have moved so that kernels need more memory than it has. */
@NeedsBackend("cpu")
class PlanMemoryTest {
    private static final int SIZE = 40;
    private static final Layout LAYOUT = Layout.contiguous(Shape.of(1, SIZE, SIZE));
    private static final MapKernel ADD = new MapKernel(
            "add",
            Program.of(
                    List.of(DType.FLOAT32, DType.FLOAT32),
                    List.of(),
                    Expr.input(0, DType.FLOAT32).add(Expr.input(1, DType.FLOAT32))));

    private static Plan.Ref ref(int slot) {
        return new Plan.Ref(slot, DType.FLOAT32, LAYOUT);
    }

    private static Storage matrix(CpuBackend backend, float value) {
        Storage s = Storage.allocate(backend, LAYOUT.numel() * Float.BYTES);
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) s.bytes()).order(ByteOrder.nativeOrder());
        while (bytes.hasRemaining()) {
            bytes.putFloat(value);
        }
        backend.copyFromHost(s.memory(), 0, bytes.flip());
        return s;
    }

    private static float first(CpuBackend backend, Storage s) {
        ByteBuffer bytes = ByteBuffer.allocateDirect((int) s.bytes()).order(ByteOrder.nativeOrder());
        backend.copyToHost(bytes, s.memory(), 0);
        FloatBuffer values = bytes.clear().order(ByteOrder.nativeOrder()).asFloatBuffer();
        return values.get(0);
    }

    /** A product that adds what stands in its own result needs a tile for itself; what comes before it is not run, at no attempt. */
    @Test
    void nothingIsRunWhereMovedOperandsLackMemory() {
        CpuBackend backend = new CpuBackend();
        List<Plan.Slot> slots = Stream.iterate(0L, i -> i + 1)
                .limit(5)
                .map(i -> new Plan.Slot(Plan.Place.CHANGING, LAYOUT.numel() * Float.BYTES, i))
                .toList();
        List<Plan.Step> steps = List.of(
                new Plan.Launch(new KernelCall.Map(ADD), List.of(ref(0)), List.of(ref(0), ref(1)), new long[0]),
                new Plan.Launch(
                        new KernelCall.MatmulMap(1, ADD),
                        List.of(ref(4)),
                        List.of(ref(1), ref(2), ref(3)),
                        new long[0]));
        CompiledPlan plan = backend.compile(new Plan(slots, steps, 64, 5, true));
        Storage arena = Storage.allocate(backend, 64);
        Storage sum = matrix(backend, 0);
        Storage ones = matrix(backend, 1);
        Storage apart = matrix(backend, 2);
        Storage out = matrix(backend, 5);
        long[] offsets = new long[5];
        plan.run(arena, new Storage[] {sum, ones, ones, apart, out}, offsets);
        assertThat(first(backend, sum)).isEqualTo(1);
        assertThat(first(backend, out)).isEqualTo(SIZE + 2);
        Storage[] moved = {sum, ones, ones, out, out};
        for (int attempt = 0; attempt < 2; attempt++) {
            Native.denyAllocations(0);
            try {
                assertThatThrownBy(() -> plan.run(arena, moved, offsets))
                        .isInstanceOf(OutOfMemoryException.class)
                        .hasMessageContaining("nothing was run");
            } finally {
                assertThat(Native.denyAllocations(-1)).isPositive();
            }
            assertThat(plan.finished()).isEqualTo(-1);
            assertThat(first(backend, sum)).isEqualTo(1);
            assertThat(first(backend, out)).isEqualTo(SIZE + 2);
        }
        plan.run(arena, moved, offsets);
        assertThat(first(backend, sum)).isEqualTo(2);
        assertThat(first(backend, out)).isEqualTo(2 * SIZE + 2);
        Stream.of(arena, sum, ones, apart, out).forEach(Storage::release);
        plan.close();
    }
}
