package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.BackendException;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Probe;
import dev.jangada.cuda.sim.CudaSim;
import dev.jangada.cuda.sim.NeedsSimulator;
import dev.jangada.cuda.sim.SimSetting;
import dev.jangada.testkit.NeedsBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsSimulator
@NeedsBackend("cuda")
class KernelCacheTest {
    @TempDir
    Path folder;

    private Context context;

    private record Text(String entry, String code) implements Variant {
        @Override
        public KernelSource source() {
            return new KernelSource(entry, code);
        }
    }

    @BeforeEach
    void open() {
        context = Context.open(Probe.result().devices().get(0));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void aMistakeIsShownWithNumberedSource() {
        KernelCache cache = new KernelCache(context, new DiskCache(Optional.of(folder)));
        String code = "extern \"C\" __global__ void bad(float* x) {\n    x[0] = nowhere;\n}\n";
        assertThatThrownBy(() -> cache.get(new Text("bad", code), new ConcurrentHashMap<>()))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining("[bad.cu] expected CUDA C that compiles")
                .hasMessageContaining("nowhere")
                .hasMessageContaining("   2      x[0] = nowhere;")
                .hasMessageContaining("--gpu-architecture=sm_");
    }

    /** NVRTC loads a second library when it compiles, which was not looked for before. */
    @Test
    void aMissingPartOfTheCompilerIsNamed() {
        KernelCache cache = new KernelCache(context, new DiskCache(Optional.of(folder)));
        Text text = new Text("three", "extern \"C\" __global__ void three(float* x) { x[0] = 3; }\n");
        CudaSim.set(SimSetting.REFUSE, 8);
        CudaSim.set(SimSetting.REFUSALS, 1);
        assertThatThrownBy(() -> cache.get(text, new ConcurrentHashMap<>()))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining("NVRTC_ERROR_BUILTIN_OPERATION_FAILURE")
                .hasMessageContaining("put the folder of libnvrtc-builtins")
                .hasMessageNotContaining("mistake of the backend");
        assertThat(cache.get(text, new ConcurrentHashMap<>())).isNotNull();
    }

    @Test
    void oneTextIsCompiledOnce() throws IOException {
        KernelCache cache = new KernelCache(context, new DiskCache(Optional.of(folder)));
        Text text = new Text("one", "extern \"C\" __global__ void one(float* x) { x[0] = 1; }\n");
        Map<Variant, dev.jangada.cuda.driver.Function> known = new ConcurrentHashMap<>();
        assertThat(cache.get(text, known)).isSameAs(cache.get(text, known)).isSameAs(known.get(text));
        assertThat(cache.get(text, new ConcurrentHashMap<>())).isSameAs(known.get(text));
        assertThat(files()).hasSize(1);
    }

    /** What lies on disk but is no code for this driver is compiled again. */
    @Test
    void foreignCodeIsReplaced() throws IOException {
        Text text = new Text("two", "extern \"C\" __global__ void two(float* x) { x[0] = 2; }\n");
        DiskCache disk = new DiskCache(Optional.of(folder));
        new KernelCache(context, disk).get(text, new ConcurrentHashMap<>());
        Path file = files().get(0);
        String key = file.getFileName().toString().replace(".cubin", "");
        byte[] good = disk.read(key).orElseThrow();
        disk.write(key, "no code at all, but undamaged".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        new KernelCache(context, disk).get(text, new ConcurrentHashMap<>());
        assertThat(disk.read(key).orElseThrow()).isEqualTo(good);
        if (CudaSim.install()) {
            assertThat(CudaSim.takeReports())
                    .containsOnly("cuModuleLoadData: the image is not from the simulated NVRTC");
        }
    }

    /** Processes that start at the same moment share the folder; none sees half a file, and none leaves one behind. */
    @Test
    void severalProcessesShareTheFolder() throws IOException, InterruptedException {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            processes.add(Child.start(Map.of(), List.of("-Dfolder=" + folder), "simulated", "compile"));
        }
        for (Process p : processes) {
            assertThat(Child.finish(p)).containsExactly("compiled wild");
        }
        assertThat(files()).hasSize(1).allMatch(f -> f.toString().endsWith(".cubin"));
    }
}
