package dev.jangada.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.cuda.CompiledKernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * Compiles for real GPUs what the corpus has generated on the simulated one, see {@link CompiledKernels}: the kernels that the tests of the
 * module backend-cuda have generated too are compiled there.
 */
@DisabledIfSystemProperty(named = "jangada.cuda.skip", matches = "true", disabledReason = "no tests of CUDA are wanted")
class SimulatedKernelsTest {
    /** Where {@link SimulatedCorpusTest} leaves the kernels of the corpus. */
    static final Path SOURCES = Path.of("target", "cuda-sources");

    private static final Path COMPILED = Path.of("..", "backend-cuda", "target", "cuda-sources");

    @Test
    void theCorpusCompiles() throws IOException {
        assumeTrue(Files.isDirectory(SOURCES), "the corpus has not run on the simulated device");
        CompiledKernels.needCompilers();
        CompiledKernels.compile("corpus", SOURCES, COMPILED);
    }
}
