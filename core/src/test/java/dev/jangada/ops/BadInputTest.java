package dev.jangada.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.ClosedTensorException;
import dev.jangada.DType;
import dev.jangada.DeviceException;
import dev.jangada.Fused;
import dev.jangada.Index;
import dev.jangada.IndexException;
import dev.jangada.OutOfMemoryException;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.reference.ReferenceBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Arguments that no kernel must see are refused before one runs; unusual ones that are allowed work. */
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
    void theTypeToConvertToIsTheFloatingPointOne() {
        Tensor floats = Tensor.ones(2, 2);
        Tensor integers = Tensor.arange(4).view(2, 2);
        assertThatThrownBy(() -> floats.matmul(integers)).hasMessageContaining("to(DType.FLOAT32)");
        assertThatThrownBy(() -> integers.matmul(floats)).hasMessageContaining("to(DType.FLOAT32)");
        assertThatThrownBy(() -> floats.to(DType.FLOAT64).matmul(floats)).hasMessageContaining("to(DType.FLOAT32)");
        assertThatThrownBy(() -> Tensor.ones(2).dot(Tensor.ones(3)))
                .isInstanceOf(ShapeException.class)
                .hasMessageNotContaining("transpose");
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

    @Test
    void copiesMayBeChangedInPlace() {
        Tensor weight = Tensor.ones(2, 2).requiresGrad_();
        Tensor rows = weight.embedding(Tensor.of(new long[] {1, 1})).add_(1);
        rows.sum().backward();
        assertThat(weight.grad().toFloatArray()).containsExactly(0, 0, 2, 2);
        Tensor x = Tensor.zeros(1, 3).requiresGrad_();
        Tensor twice = x.repeatInterleave(2, 0);
        assertThat(Access.operand(twice).storage())
                .isNotSameAs(Access.operand(x).storage());
        twice.add_(1).sum().backward();
        assertThat(x.grad().toFloatArray()).containsExactly(2, 2, 2);
        assertThat(x.toFloatArray()).containsExactly(0, 0, 0);
        Tensor none = Tensor.zeros(3);
        assertThat(Access.operand(none.repeatInterleave(1, 0)).storage())
                .isNotSameAs(Access.operand(none).storage());
    }

    @Test
    void closedDataLeavesTheGradient() {
        Tensor x = Tensor.zeros(1).requiresGrad_();
        x.sum().backward();
        Tensor closed = Tensor.zeros(1);
        closed.close();
        assertThatThrownBy(() -> x.setData(closed)).isInstanceOf(ClosedTensorException.class);
        assertThat(x.grad().toFloatArray()).containsExactly(1);
    }

    @Test
    void probabilitiesMayOverlapTheSamples() {
        Tensor x = Tensor.of(new float[] {0, 1, 0, 0, 0, 0, 0, 0, 0}, 3, 3);
        x.bernoulli_(x.transpose(0, 1));
        assertThat(x.toFloatArray()).containsExactly(0, 0, 0, 1, 0, 0, 0, 0, 0);
    }

    @Test
    void randomIntegersFitIntoTheirType() {
        Tensor bytes = Tensor.zeros(DType.INT8, 2);
        assertThatThrownBy(() -> bytes.random_(0, 129)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> bytes.random_(3, 3)).isInstanceOf(ArgumentException.class);
        bytes.random_(127, 128);
        assertThat(bytes.toIntArray()).containsExactly(127, 127);
        // refused before memory is asked for
        assertThatThrownBy(() -> Tensor.randint(1, 1, new long[] {1L << 60})).isInstanceOf(ArgumentException.class);
    }

    @Test
    void manyTiesOfAHalfTypeAreCounted() {
        Tensor x = Tensor.zeros(DType.FLOAT16, 70000).requiresGrad_();
        x.amax().backward(Tensor.zeros(DType.FLOAT16).fill_(4096));
        Tensor grad = x.grad();
        assertThat(grad.dtype()).isEqualTo(DType.FLOAT16);
        assertThat(grad.select(0, 69999).item()).isCloseTo(4096.0 / 70000, within(1e-4));
    }

    @Test
    void hugeSizesHaveTheRightException() {
        assertThatThrownBy(() -> Tensor.zeros(1L << 62)).isInstanceOf(OutOfMemoryException.class);
        assertThatThrownBy(() -> Tensor.arange(Long.MIN_VALUE, MAX)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Tensor.arange(MAX, Long.MIN_VALUE, -1)).isInstanceOf(ArgumentException.class);
        assertThat(Tensor.arange(3, 0, -2).toLongArray()).containsExactly(3, 1);
        long[] ones = new long[65];
        Arrays.fill(ones, 1);
        assertThatThrownBy(() -> Shape.of(ones)).isInstanceOf(ShapeException.class);
        assertThat(Shape.of(Arrays.copyOf(ones, 64)).rank()).isEqualTo(64);
    }

    @Test
    void copiesBetweenDevicesGoInPieces() {
        Tensor x = Tensor.arange(300_001); // more than two pieces
        Tensor there = elsewhere(DType.INT64, 300_001);
        there.copy_(x);
        assertThat(there.toLongArray()).isEqualTo(x.toLongArray());
    }

    @Test
    void biasOfUnitsIsAVector() {
        Tensor x = Tensor.zeros(2, 2);
        assertThatThrownBy(() -> BernoulliUnits.probability(x, x, x)).isInstanceOf(ShapeException.class);
    }

    @Test
    void fusedOperationsHaveFewInputs() {
        assertThatThrownBy(() -> Fused.of("Wide", 13, 0, (x, s) -> x[0]))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("1 to 12");
    }
}
