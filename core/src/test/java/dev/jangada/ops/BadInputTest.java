package dev.jangada.ops;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DeviceException;
import dev.jangada.Index;
import dev.jangada.IndexException;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.reference.ReferenceBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Arguments that would make a kernel write or read outside of its memory are refused before one runs. */
class BadInputTest {
    private static final long MAX = Long.MAX_VALUE;

    /** A tensor of a backend of its own, which knows nothing of the memory of others. */
    private static Tensor elsewhere(DType type, long... sizes) {
        return Access.wrap(Executor.current().allocate(type, Shape.of(sizes), new ReferenceBackend()));
    }

    private static void refusesDevices(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(DeviceException.class).hasMessageContaining("on one device");
    }

    @Test
    void readOnlyBufferIsNoTarget() {
        ByteBuffer target = ByteBuffer.allocateDirect(8).asReadOnlyBuffer().order(ByteOrder.nativeOrder());
        assertThatThrownBy(() -> Tensor.zeros(2).copyTo(target))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("read-only");
    }

    @Test
    void sizesThatWrapAroundAreRefused() {
        Tensor x = Tensor.zeros(4);
        assertThatThrownBy(() -> x.asStrided(new long[] {3}, new long[] {MAX}, 1))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("within the storage");
        assertThatThrownBy(() -> x.asStrided(new long[] {2}, new long[] {1}, MAX))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.pad(new long[] {MAX, MAX}, 0)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.pad(new long[] {MAX, MAX}, "replicate")).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.split(new long[] {MAX, MAX, 6}, 0)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> x.split(new long[] {2, 1}, 0)).isInstanceOf(ShapeException.class);
        Tensor huge = Tensor.zeros(1).expand(MAX);
        assertThatThrownBy(() -> Tensor.cat(0, huge, huge, Tensor.zeros(6)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[cat]");
    }

    @Test
    void addendOfProductIsOnTheDeviceOfTheFactors() {
        Tensor a = Tensor.zeros(2, 2);
        Tensor bias = elsewhere(DType.FLOAT32, 2);
        refusesDevices(() -> LinearAlgebra.linear(a, a, bias));
        refusesDevices(() -> bias.addmm(a, a));
        refusesDevices(() -> bias.addmm(a, a, Scalar.of(0L), Scalar.of(1L)));
        refusesDevices(() -> bias.addmm(a, a, Scalar.of(2L), Scalar.of(1L)));
    }

    @Test
    void indicesAndValuesAreOnTheDeviceOfTheTensor() {
        Tensor x = Tensor.zeros(2, 2);
        Tensor there = elsewhere(DType.INT64, 1);
        there.fill_(0);
        Tensor here = Tensor.of(new long[] {0});
        refusesDevices(() -> x.index(Index.of(there)));
        refusesDevices(() -> x.index(Index.of(there), Index.of(there)));
        refusesDevices(() -> x.set(1, Index.of(there)));
        Index[] first = {Index.of(here)};
        refusesDevices(() -> x.indexPut_(first, elsewhere(DType.FLOAT32, 1, 2), false));
    }

    @Test
    void weightsAndClassesAreOnTheDeviceOfTheScores() {
        Tensor scores = Tensor.zeros(1, 3);
        Tensor target = Tensor.of(new long[] {0});
        Tensor weight = elsewhere(DType.FLOAT32, 3);
        refusesDevices(() -> ClassLosses.nllLoss(scores, target, weight, -100, "mean"));
        refusesDevices(() -> ClassLosses.crossEntropy(scores, target, weight, -100, "sum", 0));
        Tensor there = elsewhere(DType.INT64, 1);
        refusesDevices(() -> ClassLosses.nllLoss(scores, there, null, -100, "mean"));
    }

    @Test
    void scalarHasOneIndex() {
        Tensor x = Tensor.zeros();
        for (Tensor index : new Tensor[] {Tensor.of(new long[] {0, 0}), Tensor.of(new long[0])}) {
            assertThatThrownBy(() -> x.indexSelect(0, index))
                    .isInstanceOf(IndexException.class)
                    .hasMessageContaining("one index for a scalar");
            assertThatThrownBy(() -> x.indexFill(0, index, 2)).isInstanceOf(IndexException.class);
            assertThatThrownBy(() -> x.indexAdd(0, index, x)).isInstanceOf(IndexException.class);
            assertThatThrownBy(() -> x.indexCopy_(0, index, x)).isInstanceOf(IndexException.class);
        }
    }
}
