package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Block;
import dev.jangada.backend.Layout;
import dev.jangada.ops.Access;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sizes at which CUDA's own limits begin: of a grid, of a kernel's parameters, of 32-bit positions. */
class LimitsTest {
    private static final int MOST_BLOCKS = 65535;

    private Device cuda;
    private CudaBackend backend;

    @BeforeEach
    void open() {
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
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
        Job job = IntegerMatmulSource.job(
                out, anywhere(70_000, 3_000_000, 2), anywhere(70_000, 2, 2), 1, 0, call());
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
