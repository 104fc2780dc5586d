package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The kernels of the other tests in machine code, see {@link CompiledKernels}. */
class KernelCompilationTest {
    @BeforeAll
    static void needCompilers() throws IOException {
        CompiledKernels.needCompilers();
    }

    /** The kernels on hot paths: none of them spills. */
    @Test
    void hotKernelsDoNotSpill() throws IOException {
        List<CompiledKernels.Use> uses = CompiledKernels.compile("hot", RepresentativeKernels.hot());
        assertThat(uses).allMatch(u -> u.usage().spillBytes() == 0, "no spills");
    }

    /** All that the tests before this one generated; run alone, kernels that stand for them. */
    @Test
    void everyKernelCompiles() throws IOException {
        Path recorded = Path.of(System.getProperty(SourceFolder.PROPERTY, "target/cuda-sources"));
        List<KernelSource> sources = CompiledKernels.recorded(recorded);
        if (sources.isEmpty()) {
            sources.addAll(RepresentativeKernels.primitives());
            sources.addAll(RepresentativeKernels.reductions());
            sources.addAll(RepresentativeKernels.others());
        }
        CompiledKernels.expectNoSpills(CompiledKernels.compile("all", sources));
    }
}
