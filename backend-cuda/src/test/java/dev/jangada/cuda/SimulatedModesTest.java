package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.cuda.sim.CudaSim;
import dev.jangada.cuda.sim.NeedsSimulator;
import dev.jangada.cuda.sim.TestRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Tests of this module in processes of their own, with other settings of the simulated device: in the checking mode, where each kernel's
 * accesses are looked at and memory is never reused, and in random order. Each of them fails if the simulator reports anything, see
 * {@code sim.ReportsExtension}. {@code -Djangada.sim.full=true} runs more of them, which takes many minutes.
 */
@NeedsSimulator
class SimulatedModesTest {
    private static final List<String> CHECKED = List.of("-Djangada.sim.check=1", "-Djangada.cuda.allocator=exact");

    /** Kernels whose threads work together, and work in several streams; the numbers are those of types, as a test names them. */
    private static final List<String> TOGETHER = List.of(
            "CudaReduceConformanceTest#largeReductions:2",
            "CudaReduceConformanceTest#fusedPrograms:2",
            "CudaSortConformanceTest#everyType:8",
            "CudaIndexConformanceTest#scatters:0,7,8",
            "CudaMatmulConformanceTest#epilogues:0,4",
            "CudaMemoryConformanceTest",
            "TransfersTest");

    /** Further kernels, one thread for itself. */
    private static final List<String> ALONE = List.of(
            "CudaMapConformanceTest#sizesAndLayouts:6,8",
            "CudaMapConformanceTest#randomWords",
            "CudaReduceConformanceTest#emptyOperands",
            "CudaIndexConformanceTest#gathers:0,8",
            "CudaIndexConformanceTest#indicesOutOfRange");

    private static final List<String> ALL = List.of(
            "CudaFullMapConformanceTest",
            "CudaFullReduceConformanceTest",
            "CudaFullScanConformanceTest",
            "CudaFullSortConformanceTest",
            "CudaIndexConformanceTest",
            "CudaFullMatmulConformanceTest",
            "CudaMemoryConformanceTest",
            "CudaMovementTensorConformanceTest",
            "CudaIndexingTensorConformanceTest",
            "CudaBothWaysTest",
            "MapGroupTest",
            "GraphsTest",
            "TransfersTest",
            "CudaActivityTest",
            "LimitsTest",
            "FaultsTest",
            "ClosingTest");

    private static List<String> shuffled(int seed) {
        return List.of("-Djangada.sim.order=2", "-Djangada.sim.async=2", "-Djangada.sim.seed=" + seed);
    }

    private static void run(List<String> settings, List<String> tests) throws IOException, InterruptedException {
        assumeTrue(CudaSim.install(), CudaSim::reason);
        List<String> options = new ArrayList<>(settings);
        options.add("-Xmx1g");
        options.add("-ea");
        String[] selected = tests.stream()
                .map(t -> SimulatedModesTest.class.getPackageName() + "." + t)
                .toArray(String[]::new);
        Process process = Child.startMain(TestRun.class, Map.of(), options, selected);
        List<String> lines = Child.finish(process);
        assertThat(lines.get(lines.size() - 1)).as(String.join("\n", lines)).matches("passed [1-9].* 0 failures");
    }

    /** Also numbers of half precision, indexing with sorting, and a loop on the device. */
    @Test
    void trainingIsChecked() throws IOException, InterruptedException {
        run(CHECKED, List.of("TrainingTest", "CudaBothWaysTest#onTheDevice:18,21,23"));
    }

    @Test
    void kernelsAreChecked() throws IOException, InterruptedException {
        run(CHECKED, Stream.concat(TOGETHER.stream(), ALONE.stream()).toList());
    }

    @Test
    void kernelsInRandomOrder() throws IOException, InterruptedException {
        run(shuffled(3), TOGETHER);
    }

    @Test
    @EnabledIfSystemProperty(named = "jangada.sim.full", matches = "true")
    void allIsChecked() throws IOException, InterruptedException {
        run(CHECKED, ALL);
    }

    @Test
    @EnabledIfSystemProperty(named = "jangada.sim.full", matches = "true")
    void allInRandomOrder() throws IOException, InterruptedException {
        run(shuffled(5), ALL);
        run(shuffled(8), ALL);
    }
}
