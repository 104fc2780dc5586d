package dev.jangada.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.ClosedTensorException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is written comes back with the same bits, types, shapes and order. */
class RoundTripTest {
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

    private static void assertSame(Map<String, Tensor> actual, Map<String, Tensor> expected) {
        assertThat(actual.keySet()).containsExactlyElementsOf(expected.keySet());
        expected.forEach((name, t) -> assertSame(name, actual.get(name), t));
    }

    private static void assertSame(String name, Tensor actual, Tensor expected) {
        assertThat(actual.dtype()).as(name).isEqualTo(expected.dtype());
        assertThat(actual.shape()).as(name).isEqualTo(expected.shape());
        assertThat(Samples.bytes(actual)).as(name).isEqualTo(Samples.bytes(expected));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void safetensors(DType type) throws IOException {
        Path file = folder.resolve("a.safetensors");
        Map<String, Tensor> state = Samples.everyShape(type);
        Safetensors.save(file, state, Map.of("epoch", "3", "täxt", "\"\n"));
        assertSame(Safetensors.load(file), state);
        assertThat(Safetensors.metadata(file)).containsExactlyInAnyOrderEntriesOf(Map.of("epoch", "3", "täxt", "\"\n"));
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, mode = EnumSource.Mode.EXCLUDE, names = "BFLOAT16")
    void npzAndNpy(DType type) throws IOException {
        Path file = folder.resolve("a.npz");
        Map<String, Tensor> state = Samples.everyShape(type);
        Npz.save(file, state);
        assertSame(Npz.load(file), state);
        for (Map.Entry<String, Tensor> e : state.entrySet()) {
            Path single = folder.resolve("a.npy");
            Npy.save(single, e.getValue());
            assertSame(e.getKey(), Npy.load(single), e.getValue());
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void torch(DType type) throws IOException {
        Path file = folder.resolve("a.pt");
        Map<String, Tensor> state = Samples.everyShape(type);
        TorchFile.save(file, state);
        assertSame(TorchFile.loadStateDict(file), state);
    }

    @Test
    void specialValuesKeepTheirBits() throws IOException {
        int[] bits = {0x80000000, 1, 0x807fffff, 0x7f800000, 0xff800000, 0x7f800001, 0xffc12345, 0x7f7fffff};
        java.nio.ByteBuffer b = java.nio.ByteBuffer.allocate(32).order(java.nio.ByteOrder.nativeOrder());
        b.asIntBuffer().put(bits);
        Map<String, Tensor> state = Map.of("t", Tensor.fromBuffer(b, DType.FLOAT32));
        for (String name : List.of("a.safetensors", "a.npz", "a.pt", "a.pth")) {
            StateFile.save(folder.resolve(name), state);
            assertSame(StateFile.load(folder.resolve(name)), state);
        }
        assertThatThrownBy(() -> StateFile.save(folder.resolve("a.bin"), state))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining(".safetensors");
    }

    @Test
    void numPyHasNoBfloat16() {
        Tensor t = Samples.bits(DType.BFLOAT16, 1, 3);
        assertThatThrownBy(() -> Npy.save(folder.resolve("a.npy"), t))
                .isInstanceOf(DTypeException.class)
                .hasMessageContaining("bfloat16");
        assertThatThrownBy(() -> Npz.save(folder.resolve("a.npz"), Map.of("t", t)))
                .isInstanceOf(DTypeException.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void safetensorsOfSeveralTypesKeepTheirOrderAndLieAligned() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (DType type : DType.values()) {
            state.put("t" + type, Samples.bits(type, 1, 3));
        }
        Safetensors.save(file, state);
        assertSame(Safetensors.load(file), state);
        String header = new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(header).contains("\"tfloat64\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[24,48]}");
    }

    @Test
    void nothingIsSavedAndLoaded() throws IOException {
        Safetensors.save(folder.resolve("a.safetensors"), Map.of());
        assertThat(Safetensors.load(folder.resolve("a.safetensors"))).isEmpty();
        Npz.save(folder.resolve("a.npz"), Map.of());
        assertThat(Npz.load(folder.resolve("a.npz"))).isEmpty();
        TorchFile.save(folder.resolve("a.pt"), Map.of());
        assertThat(TorchFile.load(folder.resolve("a.pt"))).isEqualTo(Map.of());
    }

    @Test
    void sharedMemoryStaysSharedInTorchFiles() throws IOException {
        Path file = folder.resolve("a.pt");
        Tensor base = Samples.bits(DType.FLOAT32, 1, 3, 4);
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("base", base);
        state.put("turned", base.transpose(0, 1));
        state.put("row", base.select(0, 2));
        state.put("own", base.clone());
        state.put("alone", List.of(Samples.bits(DType.INT64, 2, 100).narrow(0, 50, 2)));
        TorchFile.save(file, state);
        assertThat(Files.size(file))
                .as("a view that stands alone takes its elements only")
                .isLessThan(3000);
        Map<?, ?> loaded = (Map<?, ?>) TorchFile.load(file);
        Tensor first = (Tensor) loaded.get("base");
        Tensor turned = (Tensor) loaded.get("turned");
        Tensor row = (Tensor) loaded.get("row");
        assertThat(turned.stride()).containsExactly(1, 4);
        assertThat(row.storageOffset()).isEqualTo(8);
        assertThat(first.sharesStorage(turned)).isTrue();
        assertThat(first.sharesStorage((Tensor) loaded.get("own"))).isFalse();
        row.fill_(7);
        assertThat(turned.select(1, 2).toFloatArray()).containsExactly(7, 7, 7, 7);
    }

    @Test
    void plainContainersComeBack() throws IOException {
        Path file = folder.resolve("a.pt");
        Map<Object, Object> value = new LinkedHashMap<>();
        value.put("epoch", 3);
        value.put("big", Long.MIN_VALUE);
        value.put("lr", 1e-3);
        value.put("nan", Double.NaN);
        value.put("name", "größer \uD83D\uDE00");
        value.put("flags", Arrays.asList(true, false, null));
        value.put(17, Map.of("nested", List.of(List.of(), Map.of())));
        TorchFile.save(file, value);
        Map<Object, Object> expected = new LinkedHashMap<>(value);
        expected.put("epoch", 3L);
        expected.put(17L, expected.remove(17));
        assertThat(TorchFile.load(file)).isEqualTo(expected);
        assertThatThrownBy(() -> TorchFile.loadStateDict(file)).hasMessageContaining("epoch");
    }

    @Test
    void gradientsAreAskedForAgain() throws IOException {
        Path file = folder.resolve("a.pt");
        Tensor p = Tensor.of(new float[] {1, 2}).requiresGrad_();
        TorchFile.save(file, List.of(p, p.detach().clone()));
        List<?> loaded = (List<?>) TorchFile.load(file);
        assertThat(((Tensor) loaded.get(0)).requiresGrad()).isTrue();
        assertThat(((Tensor) loaded.get(0)).isLeaf()).isTrue();
        assertThat(((Tensor) loaded.get(1)).requiresGrad()).isFalse();
    }

    @Test
    void whatCannotBeWrittenIsRefusedBeforeAnythingIs() {
        Path file = folder.resolve("a.pt");
        assertThatThrownBy(() -> TorchFile.save(file, Map.of("x", new Object())))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("java.lang.Object");
        assertThatThrownBy(() -> TorchFile.save(file, Map.of(1.5, 1))).isInstanceOf(ArgumentException.class);
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertThatThrownBy(() -> TorchFile.save(file, cycle))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("itself");
        Map<String, Tensor> withNull = new HashMap<>();
        withNull.put("x", null);
        assertThatThrownBy(() -> Safetensors.save(file, withNull)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Safetensors.save(file, Map.of("__metadata__", Tensor.ones(1))))
                .isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> Npz.save(file, Map.of("n".repeat(70_000), Tensor.ones(1))))
                .isInstanceOf(ArgumentException.class);
        Tensor closed = Tensor.ones(1);
        closed.close();
        assertThatThrownBy(() -> TorchFile.save(file, List.of(closed))).isInstanceOf(ClosedTensorException.class);
        assertThatThrownBy(() -> Npz.save(file, Map.of("t", closed))).isInstanceOf(ClosedTensorException.class);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void theSameTensorsGiveTheSameBytes() throws IOException {
        Map<String, Tensor> state = Samples.everyShape(DType.FLOAT32);
        Npz.save(folder.resolve("a.npz"), state);
        Npz.save(folder.resolve("b.npz"), state);
        assertThat(folder.resolve("a.npz")).hasSameBinaryContentAs(folder.resolve("b.npz"));
    }

    @Test
    void loadedTensorsBelongToTheCallersScope() throws IOException {
        Path file = folder.resolve("a.pt");
        TorchFile.save(file, Map.of("t", Tensor.ones(3)));
        Tensor t;
        try (TensorScope inner = new TensorScope()) {
            t = TorchFile.loadStateDict(file).get("t");
            assertThat(t.isClosed()).isFalse();
        }
        assertThat(t.isClosed()).isTrue();
    }

    @Test
    void tensorsLargerThanOnePiecePassThrough() throws IOException {
        Tensor large = Samples.bits(DType.INT16, 1, 300, 1001).transpose(0, 1);
        Npz.save(folder.resolve("a.npz"), Map.of("t", large));
        assertSame("npz", Npz.load(folder.resolve("a.npz")).get("t"), large);
        Safetensors.save(folder.resolve("a.safetensors"), Map.of("t", large));
        assertSame(
                "safetensors", Safetensors.load(folder.resolve("a.safetensors")).get("t"), large);
        TorchFile.save(folder.resolve("a.pt"), large);
        assertSame("pt", (Tensor) TorchFile.load(folder.resolve("a.pt")), large);
    }
}
