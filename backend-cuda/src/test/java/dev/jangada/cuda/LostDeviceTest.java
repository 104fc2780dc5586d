package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.cuda.sim.NeedsSimulator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A kernel that touches foreign memory ends the device, not the process. */
@NeedsSimulator
class LostDeviceTest {
    @Test
    void everyLaterCallSaysSo() throws IOException, InterruptedException {
        List<String> lines = Child.run(Map.of(), "simulated", "fault");
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0))
                .startsWith("dev.jangada.BackendException: [synchronize] the device cuda:0 is lost: CUDA_ERROR_")
                .contains("wild", "jangada.cuda.synchronous");
        assertThat(lines.get(1))
                .startsWith("dev.jangada.BackendException: [")
                .contains("expected a working device, got cuda:0, which is lost since [synchronize] failed");
        assertThat(lines.get(2)).isEqualTo("nothing was thrown");
    }

    /** A fault that comes to light at a copy: the kernels that may have done it are named, and the CPU goes on. */
    @Test
    void aFaultNamesTheLastKernels() throws IOException, InterruptedException {
        List<String> lines = Child.run(Map.of(), "simulated", "injected");
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0))
                .startsWith(
                        "dev.jangada.BackendException: [copy] the device cuda:0 is lost: CUDA_ERROR_ILLEGAL_ADDRESS")
                .contains("scan", "Exp", "jangada.cuda.synchronous");
        assertThat(lines.get(1)).contains("expected a working device, got cuda:0");
        assertThat(lines.get(2)).isEqualTo("sum on the CPU 3.0");
    }

    /** Asked to wait after each kernel, the exception names the one that failed. */
    @Test
    void synchronousFaultsNameTheirOperation() throws IOException, InterruptedException {
        Process process = Child.start(Map.of(), List.of("-Djangada.cuda.synchronous=true"), "simulated", "injected");
        String first = Child.finish(process).get(0);
        assertThat(first).startsWith("dev.jangada.BackendException: [scan] the device cuda:0 is lost");
    }
}
