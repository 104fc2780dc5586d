package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.cuda.sim.NeedsSimulator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A device of 64 MB: garbage is collected before an allocation fails; what fails says how things stand, and work goes on. */
@NeedsSimulator
class OutOfMemoryTest {
    @Test
    void garbageThenTooMuch() throws IOException, InterruptedException {
        List<String> lines = Child.run(Map.of("JANGADA_SIM_MEMORY_MB", "64"), "simulated", "garbage", "hoard");
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).isEqualTo("made 50 tensors");
        assertThat(lines.get(1))
                .startsWith(
                        "dev.jangada.OutOfMemoryException: [memory] expected 8388608 bytes (8.0 MB) of free memory on cuda:0")
                .contains("are in use by", "close tensors");
        assertThat(lines.get(2)).isEqualTo("sum 2097152.0");
    }
}
