package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.Device;
import dev.jangada.DeviceException;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backends;
import dev.jangada.cuda.sim.CudaSim;
import dev.jangada.cuda.sim.NeedsSimulator;
import dev.jangada.cuda.sim.SimSetting;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NeedsSimulator
class ProviderTest {
    private static final Map<String, String> PLAIN = Map.of();
    private static final int ATTEMPTS = 5;
    private static final long SECOND = 1000;

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
                .contains(
                        "cuda       priority 100  unavailable: " + lines.get(0).substring("false 0 ".length()))
                .contains("DeviceException: [device] expected an available backend, got 'cuda', which is not: ");
    }

    /**
     * The answer comes within a second, with a driver and without; so the first touch of tensors never seems to hang. Of the wall clock's
     * time one attempt of a few must be quick, and what the process stands in line for a processor is other work's, not its own.
     */
    @ParameterizedTest
    @ValueSource(strings = {"real", "simulated"})
    void looksQuickly(String which) throws IOException, InterruptedException {
        long best = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && best >= SECOND; attempt++) {
            String[] millis = Child.run(PLAIN, which, "time").get(0).split(" ", 4);
            assertThat(Long.parseLong(millis[0])).as("processor's time in ms").isLessThan(SECOND);
            best = Math.min(best, Long.parseLong(millis[1]) - Long.parseLong(millis[2]));
        }
        assertThat(best).as("wall time in ms").isLessThan(SECOND);
    }

    /** A setting of the simulated machine, and what the provider says of it. */
    @ParameterizedTest
    @CsvSource({
        "INIT_STATUS, 100, the NVIDIA driver finds no device",
        "INIT_STATUS, 803, the NVIDIA driver does not start: CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
        "DEVICES, 0, the NVIDIA driver finds no device",
        "COMPUTE_MODE, 2, 'simulated device: Simulated CUDA device (sm_90, 4.3 GB) cannot be used: it is closed to all processes (compute mode PROHIBITED); let processes share it (nvidia-smi -c DEFAULT), or'",
        "DRIVER_VERSION, 12040, 'the NVIDIA driver is too old: it is for CUDA 12.4, CUDA 13.0 is needed; install'"
    })
    void whatTheDriverLacks(String setting, String value, String reason) throws IOException, InterruptedException {
        List<String> lines = Child.run(Map.of("JANGADA_SIM_" + setting, value), "simulated", "probe");
        assertThat(lines.get(0)).startsWith("false 0 " + reason);
    }

    /** Only the attempt to use a device tells that another process has it for itself. The CPU goes on; the device is not called lost. */
    @Test
    void aDeviceThatAnotherProcessHas() throws IOException, InterruptedException {
        String why = "expected a device that this process may use, got cuda:0, simulated device: Simulated CUDA device"
                + " (sm_90, 4.3 GB): it is in exclusive use by another process (compute mode EXCLUSIVE_PROCESS); end that"
                + " process, which nvidia-smi names, let processes share it (nvidia-smi -c DEFAULT), or";
        Map<String, String> taken = Map.of("JANGADA_SIM_COMPUTE_MODE", "3");
        List<String> lines = Child.run(taken, "simulated", "probe", "choose", "demand");
        assertThat(lines.get(0)).startsWith("true 1 ").contains("for one process at a time");
        assertThat(lines).contains("chosen cpu");
        assertThat(String.join("\n", lines))
                .contains("the backend 'cuda' is not used: [device] " + why)
                .contains("  cuda       priority 100  unavailable: [device] " + why)
                .contains("used: cpu")
                .contains("DeviceException: [device] " + why)
                .doesNotContain("lost");
    }

    /** Asked for by name, no other device takes its place. */
    @Test
    void aDemandedDeviceThatAnotherProcessHas() throws IOException, InterruptedException {
        Map<String, String> taken = Map.of("JANGADA_SIM_COMPUTE_MODE", "3", "JANGADA_BACKEND", "cuda");
        List<String> lines = Child.run(taken, "simulated", "demandDefault");
        assertThat(lines).singleElement().asString().contains("DeviceException", "in exclusive use by another process");
    }

    /** The driver calls it an unknown error (cuda.h), which elsewhere means that a device is lost. */
    @Test
    void aDeviceThatIsClosedAfterTheLookForIt() {
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
        CudaSim.set(SimSetting.COMPUTE_MODE, 2);
        try {
            assertThatThrownBy(() -> new CudaProvider().open(0))
                    .isInstanceOf(DeviceException.class)
                    .hasMessageContaining("it is closed to all processes (compute mode PROHIBITED)");
        } finally {
            CudaSim.set(SimSetting.COMPUTE_MODE, 0);
        }
        assertThat(Backends.of(Device.of("cuda")).memory().inUse()).isNotNegative();
    }

    @Test
    void anArchitectureThatIsTooOld() throws IOException, InterruptedException {
        List<String> lines = Child.run(Map.of("JANGADA_SIM_CAPABILITY", "61"), "simulated", "probe");
        assertThat(lines.get(0)).contains("sm_61", "compiles for");
    }

    /** A driver, but no toolkit: the library that is missing is named, and the CPU goes on. */
    @ParameterizedTest
    @CsvSource({"libcublas.so.13, cuBLAS is missing", "libnvrtc.so.13, NVRTC is missing"})
    void withoutToolkit(String library, String reason) throws IOException, InterruptedException {
        Process process =
                Child.start(PLAIN, List.of("-Djangada.sim.without=" + library), "simulated", "probe", "choose");
        List<String> lines = Child.finish(process);
        assumeFalse(lines.get(0).startsWith("true"), "the toolkit is installed here");
        assertThat(lines.get(0)).startsWith("false 0 " + reason).contains(library);
        assertThat(lines).contains("chosen cpu");
    }

    /** TF32 is a choice, and the description says so. */
    @ParameterizedTest
    @CsvSource({"false, 2.44140625E-4", "true, 0.0"})
    void tf32(boolean on, double excess) throws IOException, InterruptedException {
        Process process = Child.start(PLAIN, List.of("-Djangada.cuda.tf32=" + on), "simulated", "product");
        List<String> lines = Child.finish(process);
        assertThat(lines.get(0).contains("TF32")).isEqualTo(on);
        assertThat(lines.get(1)).isEqualTo("excess " + excess);
    }

    @Test
    void severalDevices() throws IOException, InterruptedException {
        List<String> lines = Child.run(Map.of("JANGADA_SIM_DEVICES", "2"), "simulated", "probe", "both");
        assertThat(lines.get(0)).startsWith("true 2 ").contains("and 1 more");
        assertThat(lines).contains("on cuda:1: [2.0, 3.0], copied to cuda:0: [2.0, 3.0]");
        assertThat(String.join("\n", lines)).contains("DeviceException", "cuda:0", "cuda:1");
    }
}
