package dev.jangada.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import dev.jangada.kernel.ReduceOp;
import dev.jangada.reference.ReferenceBackend;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkTest {
    private static final DType F = DType.FLOAT32;

    private static Plan.Ref ref(long... sizes) {
        return new Plan.Ref(0, F, Layout.contiguous(Shape.of(sizes)));
    }

    @Test
    void operandsConstantsAndCastsAreNoArithmetic() {
        Expr x = Expr.input(0, F);
        Program p = Program.of(List.of(F), List.of(), x.mul(x).add(x.mul(x)).cast(DType.FLOAT64));
        assertThat(p.operations()).isEqualTo(2); // x * x is computed once
        KernelCall map = new KernelCall.Map(new MapKernel("f", p));
        assertThat(Work.of(
                        map, List.of(new Plan.Ref(0, DType.FLOAT64, Layout.contiguous(Shape.of(3)))), List.of(ref(3))))
                .isEqualTo(new Work(6, 3 * 8 + 3 * 4));
    }

    @Test
    void reductionsCountTheirInputAndTheEpilogueOnTheirOutput() {
        Expr x = Expr.input(0, F);
        KernelCall sum = new KernelCall.Reduce(new ReduceKernel(
                "norm",
                ReduceOp.SUM,
                Program.of(List.of(F), List.of(), x.mul(x)),
                Program.of(List.of(F), List.of(), x.sqrt())));
        assertThat(Work.of(sum, List.of(ref(4, 1)), List.of(ref(4, 5)))).isEqualTo(new Work(20 * 2 + 4, 4 * 24));
    }

    @Test
    void productsCountTwoForEachMultiplyAdd() {
        KernelCall product = new KernelCall.Matmul(1, 0);
        assertThat(Work.of(product, List.of(ref(1, 2, 3)), List.of(ref(1, 2, 5), ref(1, 5, 3))))
                .isEqualTo(new Work(60, 4 * (6 + 10 + 15)));
    }

    @Test
    void worksAdd() {
        assertThat(new Work(1, 2).plus(new Work(10, 20)).times(3)).isEqualTo(new Work(33, 66));
    }

    @Test
    void aBackendThatCannotCountSaysSo() {
        Backend backend = new ReferenceBackend();
        backend.countActivity(true);
        assertThat(backend.activity()).isEmpty();
        assertThat(backend.monitoredUtilisation()).isEmpty();
    }

    @Test
    void activitiesSubtract() {
        Activity before = new Activity(100, 2, 1, 2, 3, 4);
        Activity later = new Activity(400, 2, 11, 12, 13, 14);
        assertThat(later.since(before)).isEqualTo(new Activity(300, 2, 10, 10, 10, 10));
        assertThat(later.since(before).utilisation(300)).isEqualTo(0.5);
    }
}
