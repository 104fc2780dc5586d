package dev.jangada.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.AutogradException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Device;
import dev.jangada.Index;
import dev.jangada.IndexException;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.UniqueResult;
import dev.jangada.autograd.Autograd;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Indexing: brackets, gather and scatter, masks, counts; with gradients and errors. */
public abstract class IndexingConformance extends TensorConformance {
    private static final double SMALL = 1e-6;

    /** Creates the tests. */
    protected IndexingConformance() {}

    private static Tensor matrix() {
        return Tensor.arange(0.0, 12.0, 1.0, DType.FLOAT64).reshape(3, 4);
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values);
    }

    @Test
    void bracketsWithoutTensorsAreViews() {
        Tensor x = matrix();
        Tensor part = x.index(Index.from(1), Index.every(2));
        assertThat(part.toDoubleArray()).containsExactly(4, 6, 8, 10);
        part.fill_(0.0);
        assertThat(x.sum().item()).isEqualTo(66 - 28);
        assertThat(x.index(Index.newAxis(), Index.ellipsis(), Index.at(-1)).shape())
                .isEqualTo(Shape.of(1, 3));
    }

    @Test
    void indexTensorsStandWhereTheyAreAdjacentAndFirstWhereTheyAreNot() {
        Tensor x = Tensor.arange(24).reshape(2, 3, 4);
        Tensor i = longs(0, -1);
        assertThat(x.index(Index.all(), Index.of(i)).shape()).isEqualTo(Shape.of(2, 2, 4));
        assertThat(x.index(Index.of(i), Index.all(), Index.of(i)).toLongArray()).containsExactly(0, 4, 8, 15, 19, 23);
        assertThat(x.index(Index.all(), Index.of(i), Index.of(i)).toLongArray()).containsExactly(0, 11, 12, 23);
        Tensor mask = x.remainder(5L).eq(0L);
        assertThat(x.index(Index.of(mask)).toLongArray()).containsExactly(0, 5, 10, 15, 20);
    }

    @Test
    void transposedTensorsAreIndexedAsTheirElementsRead() {
        Tensor x = matrix().t();
        Tensor copy = x.contiguous();
        Index[] both = {Index.of(longs(3, 0)), Index.of(longs(-1, 1))};
        assertThat(x.index(both).toDoubleArray()).isEqualTo(copy.index(both).toDoubleArray());
        x.set(100.0, both);
        assertThat(x.select(0, 3).select(0, 2).item()).isEqualTo(100);
        assertThat(x.sum().item()).isEqualTo(66 - 11 - 4 + 200);
    }

    @Test
    void assignmentBroadcastsAndAccumulates() {
        Tensor x = Tensor.zeros(3, 2);
        x.set(Tensor.of(new float[] {1, 2}), Index.of(longs(0, 2)));
        assertThat(x.toFloatArray()).containsExactly(1, 2, 0, 0, 1, 2);
        x.indexPut_(new Index[] {Index.of(longs(1, 1, 1)), Index.of(longs(0, 0, 1))}, Tensor.ones(1), true);
        assertThat(x.toFloatArray()).containsExactly(1, 2, 2, 1, 1, 2);
        x.set(7.0, Index.of(x.eq(2.0)));
        assertThat(x.toFloatArray()).containsExactly(1, 7, 7, 1, 1, 7);
    }

    @Test
    void gradientsOfReading() {
        Tensor x = matrix();
        List<UnaryOperator<Tensor>> reads = List.of(
                t -> t.index(Index.of(longs(2, 0, 2))),
                t -> t.index(Index.all(), Index.of(longs(1, 1))),
                t -> t.index(Index.of(longs(2, 0)), Index.of(longs(3, 3))),
                t -> t.index(Index.of(longs(1, 1)), Index.newAxis(), Index.of(longs(2, 2))),
                t -> t.gather(1, longs(0, 0, 3, 2, 1, 1).reshape(3, 2)),
                t -> t.indexSelect(0, longs(1, 1)),
                t -> t.take(longs(-1, 0, 0)),
                t -> t.maskedSelect(t.detach().gt(5.5)),
                t -> t.embedding(longs(0, 2, 2, 1).reshape(2, 2)));
        for (UnaryOperator<Tensor> read : reads) {
            assertThat(gradientError(x, read)).isLessThan(SMALL);
        }
    }

    @Test
    void gradientsOfWriting() {
        Tensor x = matrix();
        Tensor two = Tensor.of(new double[] {3, 5, 7, 9, 2, 4, 6, 8}, 2, 4);
        Tensor at = longs(0, 1, 2, 0, 2, 2, 1, 1).reshape(2, 4);
        List<UnaryOperator<Tensor>> writes = List.of(
                t -> t.scatter(0, at.narrow(0, 0, 1), two.narrow(0, 0, 1)).square(),
                t -> t.scatter(1, longs(0, 1, 2).reshape(3, 1), 2.0).square(),
                t -> t.scatterAdd(0, at, two.mul(t.narrow(0, 0, 2))),
                t -> t.indexAdd(0, longs(2, 0), two).square(),
                t -> t.indexCopy(0, longs(2, 0), t.narrow(0, 1, 2).mul(2)),
                t -> t.indexFill(1, longs(2, 0), 3).square(),
                t -> t.indexPut(
                        new Index[] {Index.of(longs(1, 2))}, t.narrow(0, 0, 1).square(), false),
                t -> t.indexPut(
                        new Index[] {Index.of(longs(1, 1)), Index.of(longs(2, 2))},
                        t.select(0, 0).narrow(0, 1, 1),
                        true),
                t -> t.maskedScatter(t.detach().gt(5.5), t.square()));
        for (UnaryOperator<Tensor> write : writes) {
            assertThat(gradientError(x, write)).isLessThan(1e-4);
        }
    }

    @Test
    void gradientOfIndexingCanBeDifferentiatedAgain() {
        Tensor x = matrix().requiresGrad_();
        Tensor y = x.index(Index.of(longs(1, 1)), Index.of(longs(2, 2))).pow(3).sum();
        Tensor g = Autograd.grad(List.of(y), List.of(x), true).get(0);
        assertThat(g.detach().index(Index.at(1), Index.at(2)).item()).isEqualTo(2 * 3 * 36);
        g.sum().backward();
        assertThat(x.grad().index(Index.at(1), Index.at(2)).item()).isEqualTo(2 * 6 * 6);
    }

    @Test
    void writingThroughAViewReachesTheBaseAndItsGradient() {
        Tensor x = matrix().requiresGrad_();
        Tensor y = x.mul(2);
        y.set(5.0, Index.at(0), Index.of(longs(1)));
        y.sum().backward();
        assertThat(x.grad().toDoubleArray()).containsExactly(2, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2);
        assertThatThrownBy(() -> x.set(1.0, Index.at(0))).isInstanceOf(AutogradException.class);
    }

    @Test
    void paddedRowsOfAnEmbeddingGetNoGradient() {
        Tensor w = Tensor.ones(3, 2).requiresGrad_();
        w.embedding(longs(0, 1, 1), 1).sum().backward();
        assertThat(w.grad().toFloatArray()).containsExactly(1, 1, 0, 0, 0, 0);
    }

    @Test
    void scatterReduceCombinesAllThatMeet() {
        Tensor self = Tensor.of(new float[] {1, 2, 3});
        Tensor at = longs(0, 0, 2, 0);
        Tensor src = Tensor.of(new float[] {4, -5, 6, 7});
        assertThat(self.scatterReduce(0, at, src, "prod", true).toFloatArray()).containsExactly(-140, 2, 18);
        assertThat(self.scatterReduce(0, at, src, "amax", true).toFloatArray()).containsExactly(7, 2, 6);
        assertThat(self.scatterReduce(0, at, src, "amin", false).toFloatArray()).containsExactly(-5, 2, 6);
        assertThat(self.scatterReduce(0, at, src, "mean", false).toFloatArray()).containsExactly(2, 2, 6);
    }

    @Test
    void countsAndMasks() {
        Tensor x = Tensor.of(new long[] {3, 0, 3, 1, 0, 3}, 2, 3);
        assertThat(x.nonzero().toLongArray()).containsExactly(0, 0, 0, 2, 1, 0, 1, 2);
        UniqueResult u = x.unique();
        assertThat(u.values().toLongArray()).containsExactly(0, 1, 3);
        assertThat(u.inverse().toLongArray()).containsExactly(2, 0, 2, 1, 0, 2);
        assertThat(u.counts().toLongArray()).containsExactly(2, 1, 3);
        assertThat(x.flatten().bincount(6).toLongArray()).containsExactly(2, 1, 0, 3, 0, 0);
        assertThat(longs(2, 0).oneHot(-1).toLongArray()).containsExactly(0, 0, 1, 1, 0, 0);
        assertThat(longs(5, 6).repeatInterleave(longs(2, 3)).toLongArray()).containsExactly(5, 5, 6, 6, 6);
        assertThat(Tensor.zeros(0, 3).nonzero().shape()).isEqualTo(Shape.of(0, 2));
    }

    @Test
    void wrongIndicesAreRefusedAndChangeNothing() {
        Tensor x = matrix();
        double[] before = x.toDoubleArray();
        refused(() -> x.index(Index.of(longs(3))));
        refused(() -> x.index(Index.of(longs(0)), Index.of(longs(-5))));
        refused(() -> x.set(1.0, Index.of(longs(0, 3))));
        refused(() -> x.indexSelect(0, longs(-1)));
        refused(() -> x.scatter_(0, longs(3).reshape(1, 1), 1));
        assertThatThrownBy(() -> x.gather(0, Tensor.zeros(1, 1))).isInstanceOf(DTypeException.class);
        assertThatThrownBy(() -> x.gather(0, longs(0))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.set(Tensor.zeros(5), Index.at(0))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.index(Index.slice(0, 2, 0))).isInstanceOf(ArgumentException.class);
        refused(() -> longs(2).oneHot(2));
        assertThat(x.toDoubleArray()).isEqualTo(before);
    }

    /** At once, or on an asynchronous device at the next synchronisation. */
    private static void refused(Runnable action) {
        assertThatThrownBy(() -> {
                    action.run();
                    Device.best().synchronize();
                })
                .isInstanceOf(IndexException.class);
    }
}
