package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.Device;
import dev.jangada.DeviceException;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backends;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProviderTest {
    private static final Map<String, String> PLAIN = Map.of();

    @Test
    void isFoundAndDescribesItself() {
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
        assertThat(Backends.providers()).anyMatch(p -> p instanceof CudaProvider);
        assertThat(a.reason()).contains("sm_", "driver for CUDA", "NVRTC");
        assertThat(Backends.of(Device.of("cuda")).description()).contains("sm_");
        assertThat(Backends.report()).contains("cuda ", a.reason());
        int beyond = new CudaProvider().deviceCount();
        assertThatThrownBy(() -> Backends.of(Device.of("cuda:" + beyond)))
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("below " + beyond);
    }

    @Test
    void aSimulatedDeviceSaysSo() throws IOException, InterruptedException {
        List<String> lines = Child.run(PLAIN, "simulated", "probe");
        assertThat(lines.get(0)).startsWith("true 1 simulated device: ");
    }

    /** Without a driver: a reason, in under a second, the same one again, and the CPU goes on. */
    @Test
    void withoutDriver() throws IOException, InterruptedException {
        List<String> lines = Child.run(PLAIN, "real", "probe", "choose", "demand");
        assumeFalse(lines.get(0).startsWith("true"), "there is a driver here");
        assertThat(lines.get(0)).startsWith("false 0 ").contains("install");
        assertThat(lines.get(1)).isEqualTo(lines.get(0));
        assertThat(lines).contains("chosen cpu");
        assertThat(String.join("\n", lines))
                .contains("cuda       priority 100  unavailable: " + lines.get(0).substring("false 0 ".length()))
                .contains("DeviceException: [device] expected an available backend, got 'cuda', which is not: ");
    }

    @Test
    void noDevice() throws IOException, InterruptedException {
        List<String> lines = Child.run(Map.of("CUDASIM_INIT_ERROR", "100"), "simulated", "probe");
        assertThat(lines.get(0)).startsWith("false 0 the NVIDIA driver finds no device");
    }

    @Test
    void aDriverThatDoesNotStart() throws IOException, InterruptedException {
        List<String> lines = Child.run(Map.of("CUDASIM_INIT_ERROR", "803"), "simulated", "probe");
        assertThat(lines.get(0)).startsWith("false 0 the NVIDIA driver does not start: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH");
    }

    @Test
    void anArchitectureThatIsTooOld() throws IOException, InterruptedException {
        List<String> lines = Child.run(Map.of("CUDASIM_CC", "61"), "simulated", "probe");
        assertThat(lines.get(0)).contains("sm_61", "compiles for");
    }
}
