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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
    /** Of the kernels that a test run left in the folder of {@link SourceFolder}: as many as fit the time. */
    private static final int MOST_RECORDED = 150;

    private final Path folder = Path.of("target", "kernels");

    /** One set: what it is called, and whether no kernel of it may spill registers. */
    record Kernels(String name, List<KernelSource> sources, boolean hot) {
        @Override
        public String toString() {
            return name;
        }
    }

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

    static Stream<Kernels> kernels() {
        return Stream.of(
                new Kernels("hot", RepresentativeKernels.hot(), true),
                new Kernels("primitives", RepresentativeKernels.primitives(), false),
                new Kernels("reductions", RepresentativeKernels.reductions(), false),
                new Kernels("others", RepresentativeKernels.others(), false));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void compilesForEveryGeneration(Kernels kernels) throws IOException {
        List<Use> uses = compile(kernels.name(), kernels.sources());
        assertThat(uses).hasSize(kernels.sources().size() * ARCHITECTURES.length);
        if (kernels.hot()) {
            assertThat(uses).allMatch(u -> u.usage.spillBytes() == 0, "no spills");
        }
    }

    /** What another test run generated: set the property of {@link SourceFolder} to the folder given here. */
    @Test
    void compilesWhatTestsRan() throws IOException {
        Path recorded = Path.of(System.getProperty(SourceFolder.PROPERTY, "target/cuda-sources"));
        assumeTrue(Files.isDirectory(recorded), "no kernels were recorded in " + recorded);
        List<KernelSource> sources = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> all = Files.list(recorded)) {
            files = all.filter(f -> f.toString().endsWith(".cu")).sorted().toList();
        }
        int step = Math.max(1, (files.size() + MOST_RECORDED - 1) / MOST_RECORDED);
        for (int i = 0; i < files.size(); i += step) {
            String name = files.get(i).getFileName().toString();
            sources.add(new KernelSource(name.substring(0, name.lastIndexOf('-')), Files.readString(files.get(i))));
        }
        assertThat(compile("recorded", sources)).hasSize(sources.size() * ARCHITECTURES.length);
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
