package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import dev.jangada.testkit.NeedsBackend;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows are reduced in one order, whether their elements are read four at once, one by one, or from a transposed matrix: the bits agree. */
@NeedsBackend("cuda")
class RowsTest {
    private static final int[] ROW = {1};

    private Device cuda;

    @BeforeEach
    void open() {
        cuda = Device.of("cuda");
    }

    /** The last sizes are cut into pieces. */
    @ParameterizedTest
    @CsvSource({"5, 3", "4, 8", "3, 784", "1, 1023", "2, 1024", "2, 100004", "1, 100003"})
    void howTheyAreReadChangesNoBit(long rows, long columns) {
        for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT16}) {
            Tensor x = Tensor.rand(rows, columns).mul(9).to(type).to(cuda);
            Tensor wider = Tensor.zeros(type, rows, columns + 4).to(cuda);
            Tensor unaligned = wider.narrow(1, 1, columns);
            unaligned.copy_(x);
            Tensor transposed = x.transpose(0, 1).contiguous().transpose(0, 1);
            for (Tensor other : new Tensor[] {unaligned, transposed}) {
                assertThat(doubles(other.sum(1))).as("sum of %s", type).containsExactly(doubles(x.sum(1)));
            }
            if (type == DType.FLOAT32) {
                assertThat(doubles(unaligned.argmax(1))).containsExactly(doubles(x.argmax(1)));
                assertThat(doubles(unaligned.var(ROW, 1, false))).containsExactly(doubles(x.var(ROW, 1, false)));
                assertThat(doubles(x.argmax(1)))
                        .containsExactly(doubles(x.to(Device.cpu()).argmax(1)));
                assertThat(doubles(x.sum(1))[0])
                        .isCloseTo(doubles(x.to(Device.cpu()).sum(1))[0], within(1e-4 * columns));
            }
        }
    }

    /** What is read at once is 16 bytes, and starts at a multiple of them. */
    @Test
    void fourAtOnceWhereTheyAreAligned() {
        assertThat(source(0, 784)).contains("jg_load<4>(a.x0 + (from_x0 + r))", "JgPack<float, 4>");
        assertThat(source(4, 784)).doesNotContain("jg_load");
        assertThat(source(0, 783)).doesNotContain("jg_load");
    }

    private static String source(int byteOffset, long columns) {
        Layout in = Layout.contiguous(Shape.of(3, columns));
        Layout out = Layout.contiguous(Shape.of(3, 1));
        Placed x = Placed.of(4096 + byteOffset, DType.FLOAT32, in);
        Placed y = Placed.of(1 << 20, DType.FLOAT32, out);
        ReduceKernel sum = ReduceKernel.of(
                "sum",
                ReduceOp.SUM,
                Program.of(List.of(DType.FLOAT32), List.of(), Expr.input(0, DType.FLOAT32)),
                DType.FLOAT32);
        CallContext call = new CallContext(new long[0], 0, 256, 1, true, 4);
        Job job = ReduceCall.job(sum, new Placed[] {y}, new Placed[] {x}, call);
        return job.launches().get(0).variant().source().code();
    }

    private static double[] doubles(Tensor t) {
        return t.to(DType.FLOAT64).flatten().toDoubleArray();
    }
}
