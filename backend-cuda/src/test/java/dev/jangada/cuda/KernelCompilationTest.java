package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Compiles kernels with NVIDIA's compilers for every supported generation of GPUs, without one: registers, shared memory and spills of each
 * stand in {@code target/kernels/*.txt} afterwards.
 *
 * <p>Skipped where {@code nvcc} or {@code ptxas} are missing, unless the property {@value #REQUIRED} says that they must be there.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KernelCompilationTest {
    private static final String REQUIRED = "jangada.nvcc.required";
    private static final int[] ARCHITECTURES = {75, 80, 90, 100};
    private static final int UNIT = 50;

    private final Path folder = Path.of("target", "kernels");

    private record Use(int architecture, Nvcc.Usage usage) {}

    @BeforeAll
    void needsCompilers() throws IOException {
        boolean there = Nvcc.isThere();
        assertThat(there || !Boolean.getBoolean(REQUIRED))
                .as("nvcc and ptxas, which " + REQUIRED + " asks for, on the PATH")
                .isTrue();
        assumeTrue(there, "no nvcc or ptxas on the PATH: kernels are not compiled for real GPUs");
        Files.createDirectories(folder);
    }

    /** The kernels on hot paths: none of them spills. */
    @Test
    void hotKernelsDoNotSpill() throws IOException {
        List<Use> uses = compile("hot", RepresentativeKernels.hot());
        assertThat(uses).allMatch(u -> u.usage.spillBytes() == 0, "no spills");
    }

    /** All that the tests before this one generated; run alone, kernels that stand for them. */
    @Test
    void everyKernelCompiles() throws IOException {
        List<KernelSource> sources = recorded();
        if (sources.isEmpty()) {
            sources.addAll(RepresentativeKernels.primitives());
            sources.addAll(RepresentativeKernels.reductions());
            sources.addAll(RepresentativeKernels.others());
        }
        compile("all", sources);
    }

    private static List<KernelSource> recorded() throws IOException {
        List<KernelSource> sources = new ArrayList<>();
        Path recorded = Path.of(System.getProperty(SourceFolder.PROPERTY, "target/cuda-sources"));
        if (Files.isDirectory(recorded)) {
            try (Stream<Path> files = Files.list(recorded)) {
                for (Path f :
                        files.filter(f -> f.toString().endsWith(".cu")).sorted().toList()) {
                    String name = f.getFileName().toString();
                    sources.add(new KernelSource(name.substring(0, name.lastIndexOf('-')), Files.readString(f)));
                }
            }
        }
        return sources;
    }

    /** Several units at once: each compiler runs on one core. */
    private List<Use> compile(String name, List<KernelSource> sources) throws IOException {
        ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<Future<List<Use>>> units = new ArrayList<>();
            for (int i = 0; i < sources.size(); i += UNIT) {
                String unit = name + "-" + i / UNIT;
                List<KernelSource> part = sources.subList(i, Math.min(i + UNIT, sources.size()));
                units.add(pool.submit(() -> unit(unit, part)));
            }
            List<Use> uses = new ArrayList<>();
            for (Future<List<Use>> unit : units) {
                uses.addAll(unit.get());
            }
            write(name, uses);
            assertThat(uses).hasSize(sources.size() * ARCHITECTURES.length);
            return uses;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(name + " does not compile", e);
        } finally {
            pool.shutdownNow();
        }
    }

    private List<Use> unit(String name, List<KernelSource> sources) throws IOException {
        Path ptx = Nvcc.ptx(folder, name, Nvcc.unit(sources), ARCHITECTURES[0]);
        List<Use> uses = new ArrayList<>();
        for (int architecture : ARCHITECTURES) {
            for (Nvcc.Usage u : Nvcc.assemble(ptx, architecture)) {
                uses.add(new Use(architecture, u));
            }
        }
        return uses;
    }

    private void write(String name, List<Use> uses) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("  sm  registers  shared  stack  spills  kernel");
        for (Use u : uses) {
            Nvcc.Usage k = u.usage;
            lines.add(String.format(
                    Locale.ROOT,
                    "%4d  %9d  %6d  %5d  %6d  %s",
                    u.architecture,
                    k.registers(),
                    k.sharedBytes(),
                    k.stackBytes(),
                    k.spillBytes(),
                    k.kernel()));
        }
        Files.write(folder.resolve(name + ".txt"), lines);
    }
}
