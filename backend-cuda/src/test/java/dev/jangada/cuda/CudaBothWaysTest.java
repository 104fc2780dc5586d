package dev.jangada.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.backend.Availability;
import dev.jangada.nn.BothWays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every training program of {@code nn} gives the same bits step by step and as CUDA graphs. */
class CudaBothWaysTest {
    @ParameterizedTest
    @MethodSource("dev.jangada.nn.BothWaysTest#programs")
    void onTheDevice(BothWays.Program program) {
        Availability a = new CudaProvider().availability();
        assumeTrue(a.available(), a::reason);
        BothWays.check(program, "cuda", 8);
    }
}
