package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.ClosedTensorException;
import dev.jangada.Device;
import dev.jangada.Tensor;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A tensor closed while another thread computes with it: the right result, or an exception, and never other memory. */
class ClosingTest {
    private static final int ROUNDS = 400;
    private static final int SIDE = 128;

    private static Tensor filled(double value) {
        return Tensor.full(new long[] {SIDE, SIDE}, value).to(Device.cpu());
    }

    private static UnaryOperator<Tensor> operation(String name) {
        return switch (name) {
            case "map" -> x -> x.mul(x);
            case "reduce" -> x -> x.sum(1);
            case "matmul" -> x -> x.matmul(x);
            case "in place" -> x -> x.add_(1.0);
            default -> throw new AssertionError(name);
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"map", "reduce", "matmul", "in place"})
    void anotherThreadCloses(String name) throws InterruptedException, ExecutionException {
        UnaryOperator<Tensor> op = operation(name);
        float expected = op.apply(filled(1)).toFloatArray()[0];
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                Tensor x = filled(1);
                Future<Tensor> future = other.submit(() -> computed(op, x));
                for (int i = 0; i < round * 10; i++) {
                    Thread.onSpinWait();
                }
                x.close();
                try (Tensor next = filled(7); // in the memory that x had
                        Tensor y = future.get()) {
                    assertThat(next.toFloatArray()).as("round %d", round).containsOnly(7);
                    if (y != x) {
                        assertThat(y.toFloatArray()).as("round %d", round).containsOnly(expected);
                    }
                }
            }
        } finally {
            other.shutdownNow();
        }
    }

    /** Returns the result, or the closed tensor itself if it was closed too early. */
    private static Tensor computed(UnaryOperator<Tensor> op, Tensor x) {
        try {
            return op.apply(x);
        } catch (ClosedTensorException e) {
            return x;
        }
    }
}
