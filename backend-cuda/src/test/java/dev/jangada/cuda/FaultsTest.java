package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.IndexException;
import dev.jangada.Tensor;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Operand;
import dev.jangada.cuda.sim.CudaSim;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.ops.Access;
import dev.jangada.testkit.NeedsBackend;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mistakes in values on the device: the exception comes late, but what was called after the mistake has left no trace. */
@NeedsBackend("cuda")
class FaultsTest {
    private static final MapKernel TWICE = new MapKernel(
            "twice",
            Program.of(
                    List.of(DType.FLOAT32),
                    List.of(),
                    Expr.input(0, DType.FLOAT32).mul(2)));

    private Device cuda;
    private Tensor state;

    @BeforeEach
    void open() {
        cuda = Device.of("cuda");
        state = Tensor.of(new float[] {1, 2}).to(cuda);
    }

    private Tensor longs(long... values) {
        return Tensor.of(values).to(cuda);
    }

    private void stateIsUntouchedAndUsable() {
        assertThat(state.toFloatArray()).containsExactly(1, 2);
        state.add_(1);
        assertThat(state.toFloatArray()).containsExactly(2, 3);
    }

    @Test
    void integerDivisionByZero() {
        Tensor quotient = longs(1, 2, 3).floorDivide(longs(1, 0, 2));
        state.add_(1);
        assertThatThrownBy(() -> state.toFloatArray())
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("expected divisors other than 0");
        stateIsUntouchedAndUsable();
        assertThat(quotient.numel()).isEqualTo(3);
    }

    @Test
    void indexOutOfRange() {
        Tensor picked = state.indexSelect(0, longs(0, 7));
        state.add_(picked.sum());
        assertThatThrownBy(cuda::synchronize)
                .isInstanceOf(IndexException.class)
                .hasMessageContaining("expected indices in [0, 2) for dimension 0")
                .hasMessageContaining("got 7");
        stateIsUntouchedAndUsable();
    }

    @Test
    void scatterOutOfRange() {
        state.scatterAdd_(0, longs(1, 2), Tensor.of(new float[] {5, 5}).to(cuda));
        assertThatThrownBy(cuda::synchronize).isInstanceOf(IndexException.class).hasMessageContaining("got 2");
        stateIsUntouchedAndUsable();
    }

    /** The products of cuBLAS know nothing of a failure; memory that was there before it is kept all the same. */
    @Test
    void productsThatComeAfterwardsLeaveOlderMemoryAlone() {
        Tensor a = Tensor.ones(3, 4).to(cuda);
        Tensor b = Tensor.ones(4, 2).to(cuda);
        Tensor old = Tensor.full(new long[] {1, 3, 2}, 7.0f).to(cuda);
        Tensor picked = state.indexSelect(0, longs(0, 7));
        CudaBackend backend = (CudaBackend) Backends.of(cuda);
        Operand out = Access.operand(old);
        Operand left = Access.operand(a.unsqueeze(0));
        Operand right = Access.operand(b.unsqueeze(0));
        backend.matmul(out, left, right, 1, 0);
        backend.matmul(out, left, right, 1, 1);
        backend.matmul(new Operand[] {out}, left, right, 2, TWICE, new Operand[0], new long[0]);
        Tensor young = a.matmul(b);
        assertThatThrownBy(cuda::synchronize).isInstanceOf(IndexException.class);
        assertThat(old.flatten().toFloatArray()).containsOnly(7);
        backend.matmul(out, left, right, 1, 1);
        assertThat(old.flatten().toFloatArray()).containsOnly(11);
        assertThat(young.numel() + picked.numel()).isEqualTo(8);
        stateIsUntouchedAndUsable();
    }

    /** What is computed apart has the same bits, beta included, and memory made since needs no detour. */
    @Test
    void productsComputedApartAreTheSame() {
        Tensor a = Tensor.randn(5, 6).to(cuda);
        Tensor b = Tensor.randn(6, 3).to(cuda);
        Tensor start = Tensor.randn(1, 5, 3).to(cuda);
        CudaBackend backend = (CudaBackend) Backends.of(cuda);
        cuda.synchronize();
        Tensor direct = start.clone();
        product(backend, direct, a, b);
        Tensor apart = start.clone();
        state.indexSelect(0, longs(1)); // may have failed for all that the host knows
        long before = CudaSim.launches();
        product(backend, apart, a, b);
        assertThat(apart.flatten().toFloatArray())
                .containsExactly(direct.flatten().toFloatArray());
        assertThat(CudaSim.launches() - before).isGreaterThanOrEqualTo(2);
        state.indexSelect(0, longs(1));
        Tensor fresh = a.matmul(b);
        cuda.synchronize();
        assertThat(fresh.flatten().toFloatArray())
                .containsExactly(a.matmul(b).flatten().toFloatArray());
    }

    private static void product(CudaBackend backend, Tensor out, Tensor a, Tensor b) {
        backend.matmul(Access.operand(out), Access.operand(a.unsqueeze(0)), Access.operand(b.unsqueeze(0)), 0.5, 2);
    }

    /** Two mistakes are one exception: after the first nothing runs, so the second never happens. */
    @Test
    void theFirstMistakeCounts() {
        Tensor picked = state.indexSelect(0, longs(5));
        Tensor quotient = longs(1).floorDivide(longs(0));
        assertThatThrownBy(cuda::synchronize).isInstanceOf(IndexException.class);
        cuda.synchronize();
        assertThat(picked.numel() + quotient.numel()).isEqualTo(2);
        stateIsUntouchedAndUsable();
    }
}
