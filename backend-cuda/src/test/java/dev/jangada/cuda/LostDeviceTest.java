package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A kernel that touches foreign memory ends the device, not the process. */
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
}
