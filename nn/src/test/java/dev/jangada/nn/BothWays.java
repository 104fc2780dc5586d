package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Backends;
import dev.jangada.capture.Arguments;
import dev.jangada.capture.Capture;
import dev.jangada.capture.Captured;
import dev.jangada.optim.Optimizer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Runs training programs eagerly and captured, and requires the same bits of everything after each step: results, parameters, buffers,
 * gradients, the optimiser's state and the position of the random numbers.
 */
public final class BothWays {
    /** A model in training. */
    public static final class Training {
        private final Module model;
        private final Optimizer<?> optimizer;
        private final Function<Arguments, List<Tensor>> step;
        private final IntFunction<Object[]> batch;
        private IntConsumer between = i -> {};

        /** Creates a training. */
        public Training(
                Module model,
                Optimizer<?> optimizer,
                Function<Arguments, List<Tensor>> step,
                IntFunction<Object[]> batch) {
            this.model = model;
            this.optimizer = optimizer;
            this.step = step;
            this.batch = batch;
        }

        /** Adds what happens after each step, outside of the captured function. */
        public Training between(IntConsumer action) {
            between = action;
            return this;
        }
    }

    /** A program by name; made anew for each way. */
    public record Program(String name, Supplier<Training> make) {
        @Override
        public String toString() {
            return name;
        }
    }

    private BothWays() {}

    /** Requires equal bits of both ways on a device. */
    public static void check(Program program, String device, int steps) {
        Device before = Backends.defaultDevice();
        Backends.setDefaultDevice(Device.of(device));
        try {
            List<Map<String, byte[]>> eager = run(program, steps, false);
            List<Map<String, byte[]>> captured = run(program, steps, true);
            for (int i = 0; i < steps; i++) {
                TrainingState.assertSame(captured.get(i), eager.get(i), "after step " + i);
            }
            assertThat(moved(eager)).as("a program that changes something").isTrue();
        } finally {
            Backends.setDefaultDevice(before);
        }
    }

    private static boolean moved(List<Map<String, byte[]>> states) {
        return !Arrays.equals(
                states.get(0).get("everything"), states.get(states.size() - 1).get("everything"));
    }

    private static List<Map<String, byte[]>> run(Program program, int steps, boolean captured) {
        Jangada.manualSeed(7);
        Training t = program.make.get();
        List<Map<String, byte[]>> out = new ArrayList<>();
        try (Captured step = Capture.all(t.step)) {
            for (int i = 0; i < steps; i++) {
                try (TensorScope scope = new TensorScope()) {
                    Object[] batch = t.batch.apply(i);
                    List<Tensor> results = captured ? step.runAll(batch) : step.runAllEagerly(batch);
                    out.add(state(t, results));
                }
                t.between.accept(i);
            }
        }
        return out;
    }

    private static Map<String, byte[]> state(Training t, List<Tensor> results) {
        Map<String, byte[]> out =
                t.optimizer == null ? TrainingState.of(t.model) : TrainingState.of(t.model, t.optimizer);
        for (int i = 0; i < results.size(); i++) {
            out.put("result " + i, TrainingState.bytes(results.get(i)));
        }
        out.put("random numbers", TrainingState.randomNumbers());
        int hash = 0;
        for (byte[] b : out.values()) {
            hash = 31 * hash + Arrays.hashCode(b);
        }
        out.put("everything", ByteBuffer.allocate(4).putInt(hash).array());
        return out;
    }
}
