package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Block;
import dev.jangada.backend.Layout;
import dev.jangada.cuda.sim.NeedsSimulator;
import dev.jangada.ops.Access;
import dev.jangada.testkit.NeedsBackend;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sizes at which CUDA's own limits begin: of a grid, of a kernel's parameters, of 32-bit positions. */
@NeedsSimulator
@NeedsBackend("cuda")
class LimitsTest {
    private static final int MOST_BLOCKS = 65535;

    private Device cuda;
    private CudaBackend backend;

    @BeforeEach
    void open() {
        cuda = Device.of("cuda");
        backend = (CudaBackend) Backends.of(cuda);
    }

    private static Placed anywhere(long... sizes) {
        return Placed.of(4096, DType.INT8, Layout.contiguous(Shape.of(sizes)));
    }

    private static CallContext call() {
        return new CallContext(new long[0], 0, 256, 1, true, 4);
    }

    @Test
    void productsOfVeryManyRowsAndBatches() {
        Placed out = anywhere(70_000, 3_000_000, 2);
        Job job = IntegerMatmulSource.job(out, anywhere(70_000, 3_000_000, 2), anywhere(70_000, 2, 2), 1, 0, call());
        LaunchShape shape = job.launches().get(0).shape();
        assertThat(shape.gridY()).isEqualTo(MOST_BLOCKS);
        assertThat(shape.gridZ()).isEqualTo(MOST_BLOCKS);
    }

    /** The grid that a launch gets is not the one that it needs: blocks walk on in every direction. */
    @Test
    void productsWalkOnWhereTheGridEnds() {
        Tensor a = Tensor.randint(-9, 9, new long[] {5, 100, 7}).to(cuda);
        Tensor b = Tensor.randint(-9, 9, new long[] {5, 7, 40}).to(cuda);
        Tensor expected = a.matmul(b);
        Tensor out = Tensor.zeros(DType.INT64, 5, 100, 40).to(cuda);
        Launch full = IntegerMatmulSource.job(placed(out), placed(a), placed(b), 1, 0, failingNever())
                .launches()
                .get(0);
        LaunchShape s = full.shape();
        assertThat(s.gridY()).isEqualTo(4);
        LaunchShape small = new LaunchShape(s.gridX(), 1, 2, s.blockX(), s.blockY(), 0);
        backend.launch("matmul", Job.of(new Launch(full.variant(), small, full.words())));
        assertThat(out.toLongArray()).containsExactly(expected.toLongArray());
    }

    private CallContext failingNever() {
        return new CallContext(new long[0], 0, backend.faults().address(), 1, true, backend.multiprocessors());
    }

    private static Placed placed(Tensor t) {
        var o = Access.operand(t);
        return Placed.of(((Block) o.storage().memory()).address(), o.dtype(), o.layout());
    }

    /** In a process of its own, whose device has more memory and leaves it as it is: few of its pages are ever there. */
    @Test
    void positionsOfMoreThan32Bits() throws IOException, InterruptedException {
        Map<String, String> large = Map.of("JANGADA_SIM_MEMORY_MB", "9000", "JANGADA_SIM_POISON", "0");
        assertThat(Child.run(large, "simulated", "far"))
                .containsExactly(
                        "map [2, 6, 4, 5, 3, 7]",
                        "sum of columns [5, 7, 9]",
                        "sum of rows [9, 12]",
                        "argmax [1, 0, 1]",
                        "scan [1, 5, 3, 5, 7, 9]",
                        "scan of rows [1, 6, 9, 4, 6, 12]",
                        "sort [4, 5, 6, 1, 2, 3]",
                        "gather [4, 5, 6]",
                        "product [35, 32, 32, 56]",
                        "in place [2, 12, 6, 10, 4, 14]",
                        "between [9, 9, 9]");
    }

    /** So many dimensions, none of which can be joined to another, are more than 4 KB of parameters. */
    @Test
    void manyDimensions() {
        int rank = 19;
        long[] sizes = new long[rank];
        Arrays.fill(sizes, 2);
        int[] reversed = new int[rank];
        for (int i = 0; i < rank; i++) {
            reversed[i] = rank - 1 - i;
        }
        Tensor x = Tensor.arange(1 << rank).to(cuda).reshape(sizes);
        Tensor y = x.permute(reversed);
        long[] sums = y.sum(rank - 1).flatten().toLongArray();
        long[] copied = y.contiguous().flatten().toLongArray();
        for (int i = 0; i < sums.length; i++) {
            long from = Integer.reverse(2 * i) >>> (Integer.SIZE - rank);
            assertThat(copied[2 * i]).isEqualTo(from);
            assertThat(sums[i]).isEqualTo(2 * from + (1L << (rank - 1)));
        }
    }
}
