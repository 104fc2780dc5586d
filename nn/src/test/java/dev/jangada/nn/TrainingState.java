package dev.jangada.nn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.Generator;
import dev.jangada.Tensor;
import dev.jangada.optim.Optimizer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;

/** All that a training step changes, as bytes by name: parameters, gradients, buffers, the optimiser's state. */
final class TrainingState {
    private static final int LARGE = 4096;

    private TrainingState() {}

    /** Returns the state of a model that no optimiser trains. */
    static Map<String, byte[]> of(Module model) {
        Map<String, byte[]> out = new LinkedHashMap<>();
        model.namedParameters().forEach((name, p) -> {
            out.put(name, bytes(p.detach()));
            if (p.hasGrad()) {
                out.put("gradient of " + name, bytes(p.grad().detach()));
            }
        });
        model.namedBuffers().forEach((name, b) -> out.put(name, bytes(b)));
        return out;
    }

    /** Returns the state of a model and of its optimiser. */
    static Map<String, byte[]> of(Module model, Optimizer<?> optimizer) {
        Map<String, byte[]> out = of(model);
        optimizer.stateDict().forEach((name, s) -> out.put(name, bytes(s)));
        return out;
    }

    /** Requires the same names and the same bits. */
    static void assertSame(Map<String, byte[]> actual, Map<String, byte[]> expected, String when) {
        assertThat(actual.keySet()).as("what there is " + when).isEqualTo(expected.keySet());
        expected.forEach((name, values) ->
                assertThat(actual.get(name)).as(name + " " + when).isEqualTo(values));
    }

    /** Returns where the random numbers stand, which a step moves as well. */
    static byte[] randomNumbers() {
        return Generator.global().toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the bytes of a tensor, of a large one their digest. */
    static byte[] bytes(Tensor t) {
        ByteBuffer buffer = t.toBuffer();
        if (buffer.remaining() > LARGE) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                digest.update(buffer);
                return digest.digest();
            } catch (NoSuchAlgorithmException e) {
                throw new AssertionError(e);
            }
        }
        byte[] out = new byte[buffer.remaining()];
        buffer.get(out);
        return out;
    }
}
