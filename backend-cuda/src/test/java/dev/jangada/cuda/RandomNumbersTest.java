package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Jangada;
import dev.jangada.Tensor;
import dev.jangada.backend.Backends;
import dev.jangada.testkit.KeepsDefaultDevice;
import dev.jangada.testkit.NeedsBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A seed gives the numbers of the CPU: words and uniforms bit for bit, what is computed of them to 4 units in the last place. */
@NeedsBackend("cuda")
@KeepsDefaultDevice
class RandomNumbersTest {
    private static final long[] SIZES = {1, 3, 4, 7, 64, 1003};
    private static final int LAST_PLACES = 4;

    /** What follows one draw begins where the CPU's does, so that the order of the draws is tested too. */
    private static List<float[]> exact(Device device) {
        Backends.setDefaultDevice(device);
        Jangada.manualSeed(0x1234_5678_9abc_def0L);
        List<float[]> out = new ArrayList<>();
        for (long n : SIZES) {
            out.add(Tensor.rand(n).toFloatArray());
            out.add(Tensor.rand(n, 3).transpose(0, 1).bernoulli().flatten().toFloatArray());
            out.add(Tensor.randint(-50, 1000, new long[] {n}).to(DType.FLOAT32).toFloatArray());
            out.add(Tensor.full(new long[] {2, n}, 0.3f)
                    .select(0, 1)
                    .bernoulli()
                    .toFloatArray());
        }
        return out;
    }

    @Test
    void uniformsAreTheSameBits() {
        assertThat(exact(Device.of("cuda"))).usingRecursiveComparison().isEqualTo(exact(Device.of("cpu")));
    }

    private static float[] normal(Device device) {
        Backends.setDefaultDevice(device);
        Jangada.manualSeed(11);
        return Tensor.randn(2001).toFloatArray();
    }

    @Test
    void normalsAreNear() {
        float[] cuda = normal(Device.of("cuda"));
        float[] cpu = normal(Device.of("cpu"));
        for (int i = 0; i < cpu.length; i++) {
            assertThat(Math.abs(cuda[i] - cpu[i]))
                    .as("number %d, %s and %s", i, cuda[i], cpu[i])
                    .isLessThanOrEqualTo(LAST_PLACES * Math.ulp(cpu[i]));
        }
    }
}
