package dev.jangada.cuda;

import dev.jangada.nn.BothWays;
import dev.jangada.testkit.NeedsBackend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every training program of {@code nn} gives the same bits step by step and as CUDA graphs. */
@NeedsBackend("cuda")
class CudaBothWaysTest {
    @ParameterizedTest
    @MethodSource("dev.jangada.nn.BothWaysTest#programs")
    void onTheDevice(BothWays.Program program) {
        BothWays.check(program, "cuda", 8);
    }
}
