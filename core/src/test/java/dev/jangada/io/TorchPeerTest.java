package dev.jangada.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PyTorch and NumPy read what is written here, and write it again; skipped where they are not installed. */
@Tag("slow")
class TorchPeerTest {
    @TempDir
    private Path folder;

    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = new TensorScope();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static String python(String python, Path folder, String program) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(python, "-c", program)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            return "not installed: " + e.getMessage();
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? output : "failed: " + output;
    }

    /** Runs a program by the first Python that has a module: that of the path, or the system's. */
    private String requiring(String module, String program) throws IOException, InterruptedException {
        String found = "";
        for (String python : List.of("python3", "/usr/bin/python3")) {
            found = python(python, folder, "import " + module + "; print('found')");
            if (found.endsWith("found\n")) {
                return python(python, folder, program);
            }
        }
        return abort("no Python has the module " + module + ": " + found);
    }

    @Test
    void torchReadsAndWritesEveryType() throws Exception {
        Map<String, Object> value = new LinkedHashMap<>();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (DType type : DType.values()) {
            Samples.everyShape(type).forEach((name, t) -> tensors.put(type + " " + name, t));
        }
        Tensor base = Samples.bits(DType.FLOAT32, 5, 3, 4);
        tensors.put("base", base);
        tensors.put("turned", base.transpose(0, 1));
        value.put("tensors", tensors);
        value.put("epoch", 3);
        value.put("plain", List.of(1L << 40, -1, 0.5, "größer", true, List.of(), Map.of(7, "x")));
        TorchFile.save(folder.resolve("a.pt"), value);
        TorchFile.save(folder.resolve("w.pt"), tensors); // weights_only of PyTorch 1.13 knows no floats
        String program = """
                import torch
                for t in (torch.load('a.pt')['tensors'], torch.load('w.pt', weights_only=True)):
                    assert t['base'].storage().data_ptr() == t['turned'].storage().data_ptr()
                    assert t['turned'].stride() == (1, 4)
                    t['base'].view(torch.int32)[0, 1] = 77
                    assert t['turned'].view(torch.int32)[1, 0] == 77
                d = torch.load('a.pt')
                assert d['epoch'] == 3 and d['plain'] == [1 << 40, -1, 0.5, 'größer', True, [], {7: 'x'}]
                torch.save(d, 'b.pt')
                torch.save(d, 'c.pt', _use_new_zipfile_serialization=False)
                print(len(d['tensors']))
                """;
        assertThat(requiring("torch", program)).isEqualTo(tensors.size() + "\n");
        for (String name : List.of("a.pt", "b.pt", "c.pt")) {
            Map<?, ?> loaded = (Map<?, ?>) TorchFile.load(folder.resolve(name));
            Map<?, ?> again = (Map<?, ?>) loaded.get("tensors");
            assertThat(again.keySet()).isEqualTo(tensors.keySet());
            tensors.forEach((key, t) -> {
                Tensor read = (Tensor) again.get(key);
                assertThat(read.dtype()).as(key).isEqualTo(t.dtype());
                assertThat(read.shape()).as(key).isEqualTo(t.shape());
                assertThat(Samples.bytes(read)).as(key).isEqualTo(Samples.bytes(t));
            });
            assertThat(loaded.get("epoch")).isEqualTo(3L);
            assertThat(loaded.get("plain"))
                    .isEqualTo(List.of(1L << 40, -1L, 0.5, "größer", true, List.of(), Map.of(7L, "x")));
        }
    }

    @Test
    void numPyReadsAndWritesEveryType() throws Exception {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (DType type : DType.values()) {
            if (type != DType.BFLOAT16) {
                Samples.everyShape(type)
                        .forEach((name, t) -> tensors.put(type + " " + name.replaceAll("[^a-z ]", "_"), t));
            }
        }
        Npz.save(folder.resolve("a.npz"), tensors);
        String program = """
                import numpy, zipfile
                assert zipfile.ZipFile('a.npz').testzip() is None
                d = numpy.load('a.npz')
                numpy.savez('b.npz', **d)
                numpy.savez_compressed('c.npz', **{k: numpy.asfortranarray(v) if v.ndim else v for k, v in d.items()})
                print(len(d))
                """;
        assertThat(requiring("numpy", program)).isEqualTo(tensors.size() + "\n");
        for (String name : List.of("b.npz", "c.npz")) {
            Map<String, Tensor> loaded = Npz.load(folder.resolve(name));
            assertThat(loaded.keySet()).isEqualTo(tensors.keySet());
            tensors.forEach((key, t) -> {
                assertThat(loaded.get(key).shape()).as(key).isEqualTo(t.shape());
                assertThat(content(loaded.get(key))).as(key).isEqualTo(content(t));
            });
        }
        assertThat(Files.size(folder.resolve("a.npz"))).isPositive();
    }

    /** Returns the bytes; of float16 the values, as making a tensor in Fortran order contiguous may give a NaN other bits. */
    private static Object content(Tensor t) {
        return t.dtype() == DType.FLOAT16 ? t.toDoubleArray() : Samples.bytes(t);
    }
}
