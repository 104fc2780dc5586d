package dev.jangada.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.Device;
import dev.jangada.testkit.OpCasesTest;
import org.junit.jupiter.api.BeforeAll;

/** Gradients of every operation, and agreement with the reference backend, on the CPU. */
class CpuOpCasesTest extends OpCasesTest {
    @BeforeAll
    static void theDefaultDeviceIsTheCpu() {
        assertThat(Device.best()).isEqualTo(Device.cpu());
    }
}
