package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Kernels through NVIDIA's compilers, for every supported generation of GPUs, without one: registers, shared memory and spills of each stand in
 * {@code target/kernels/*.txt} of the module whose tests these are.
 */
public final class CompiledKernels {
    private static final String REQUIRED = "jangada.nvcc.required";
    private static final int[] ARCHITECTURES = {75, 80, 90, 100};
    private static final int UNIT = 200;
    private static final Pattern COMMENT = Pattern.compile("//.*|(?s:/\\*.*?\\*/)");
    private static final Path FOLDER = Path.of("target", "kernels");

    /** What a kernel uses on an architecture. */
    record Use(int architecture, Nvcc.Usage usage, KernelSource source) {}

    private CompiledKernels() {}

    /** Skips the test where {@code nvcc} or {@code ptxas} are missing, unless the property {@value #REQUIRED} says that they must be there. */
    public static void needCompilers() throws IOException {
        boolean there = Nvcc.isThere();
        assertThat(there || !Boolean.getBoolean(REQUIRED))
                .as("nvcc and ptxas, which " + REQUIRED + " asks for, on the PATH")
                .isTrue();
        assumeTrue(there, "no nvcc or ptxas on the PATH: kernels are not compiled for real GPUs");
    }

    /**
     * Compiles what other tests have generated, and fails where a kernel does not compile or, if not of float64, spills registers.
     *
     * @param name of the table
     * @param recorded the folder of their sources, which the property {@code jangada.cuda.sources} named
     * @param compiled folders of sources that were compiled before, and are not again
     */
    public static void compile(String name, Path recorded, Path... compiled) throws IOException {
        expectNoSpills(compile(name, recorded(recorded, compiled)));
    }

    /** In float64, which is on no hot path, functions and divisions are calls on some architectures: a few registers may be saved around these. */
    static void expectNoSpills(List<Use> uses) {
        List<String> spilling = uses.stream()
                .filter(u -> u.usage.spillBytes() > 0 && !u.source.code().contains("double* "))
                .map(u -> "sm_" + u.architecture + " " + u.usage)
                .toList();
        assertThat(spilling).as("kernels that spill registers").isEmpty();
    }

    /** Returns the sources of a folder that say something else than each other and those of other folders; one that is missing holds none. */
    static List<KernelSource> recorded(Path folder, Path... compiled) throws IOException {
        Set<String> known = new HashSet<>();
        for (Path other : compiled) {
            all(other).forEach(s -> known.add(meaning(s)));
        }
        List<KernelSource> sources = all(folder);
        sources.removeIf(s -> !known.add(meaning(s)));
        return sources;
    }

    private static List<KernelSource> all(Path folder) throws IOException {
        List<KernelSource> sources = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path f :
                        files.filter(f -> f.toString().endsWith(".cu")).sorted().toList()) {
                    String name = f.getFileName().toString();
                    sources.add(new KernelSource(name.substring(0, name.lastIndexOf('-')), Files.readString(f)));
                }
            }
        }
        return sources;
    }

    /** The same text for kernels that differ in their names and comments alone: operations have kernels of their own names. */
    private static String meaning(KernelSource source) {
        return COMMENT.matcher(source.code().replaceAll("\\b" + source.entry() + "\\b", "kernel"))
                .replaceAll("");
    }

    /** Several units at once, as many for each core: a compiler runs on one. */
    static List<Use> compile(String name, List<KernelSource> sources) throws IOException {
        Files.createDirectories(FOLDER);
        int cores = Runtime.getRuntime().availableProcessors();
        ExecutorService pool = Executors.newFixedThreadPool(cores);
        try {
            List<Future<List<Use>>> units = new ArrayList<>();
            for (List<KernelSource> part : dealt(sources, cores * ((sources.size() - 1) / (UNIT * cores) + 1))) {
                String unit = name + "-" + units.size();
                units.add(pool.submit(() -> unit(unit, part)));
            }
            List<Use> uses = new ArrayList<>();
            for (Future<List<Use>> unit : units) {
                uses.addAll(unit.get());
            }
            uses.sort(Comparator.comparing((Use u) -> u.usage.kernel()).thenComparing(Use::architecture));
            write(name, uses);
            assertThat(uses).hasSize(sources.size() * ARCHITECTURES.length);
            return uses;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(name + " does not compile", e);
        } finally {
            pool.shutdownNow();
        }
    }

    /** Deals neighbours, which are alike, to different units, so that these take the same time. */
    private static List<List<KernelSource>> dealt(List<KernelSource> sources, int units) {
        List<List<KernelSource>> parts = new ArrayList<>();
        for (int i = 0; i < Math.min(units, sources.size()); i++) {
            parts.add(new ArrayList<>());
        }
        for (int i = 0; i < sources.size(); i++) {
            parts.get(i % parts.size()).add(sources.get(i));
        }
        return parts;
    }

    private static List<Use> unit(String name, List<KernelSource> sources) throws IOException {
        Path ptx = Nvcc.ptx(FOLDER, name, Nvcc.unit(sources), ARCHITECTURES[0]);
        List<Use> uses = new ArrayList<>();
        for (int architecture : ARCHITECTURES) {
            for (Nvcc.Usage u : Nvcc.assemble(ptx, architecture)) {
                int number = Integer.parseInt(u.kernel().substring(u.kernel().lastIndexOf('_') + 1));
                uses.add(new Use(architecture, u, sources.get(number)));
            }
        }
        return uses;
    }

    private static void write(String name, List<Use> uses) throws IOException {
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
        Files.write(FOLDER.resolve(name + ".txt"), lines);
    }
}
