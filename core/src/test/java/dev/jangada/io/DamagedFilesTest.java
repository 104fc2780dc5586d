package dev.jangada.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.DType;
import dev.jangada.FormatException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are cut off, changed or made up: the answer is a FormatException or tensors, never anything else. */
class DamagedFilesTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("damaged");
    }

    @FunctionalInterface
    interface Reader {
        Object read(Path path) throws IOException;
    }

    enum Kind {
        NPY(Npy::load),
        NPZ(Npz::load),
        DEFLATED_NPZ(Npz::load),
        SAFETENSORS(Safetensors::load),
        TORCH(TorchFile::load),
        LEGACY_TORCH(TorchFile::load);

        private final Reader reader;

        Kind(Reader reader) {
            this.reader = reader;
        }

        byte[] sample(Path at) throws IOException {
            try (TensorScope scope = new TensorScope()) {
                Map<String, Tensor> state = new LinkedHashMap<>();
                state.put("weight", Samples.bits(DType.FLOAT32, 1, 2, 3));
                state.put("mask", Samples.bits(DType.BOOL, 2, 3).expand(2, 3));
                state.put("n", Samples.bits(DType.INT64, 3));
                switch (this) {
                    case NPY -> Npy.save(at, state.get("weight"));
                    case NPZ -> Npz.save(at, state);
                    case DEFLATED_NPZ -> {
                        Npy.save(at, state.get("weight"));
                        byte[] npy = Files.readAllBytes(at);
                        Files.write(at, Forged.zip(true, Map.of("a.npy", npy, "b.npy", npy)));
                    }
                    case SAFETENSORS -> Safetensors.save(at, state, Map.of("epoch", "3"));
                    case TORCH -> TorchFile.save(at, Map.of("model", state, "list", List.of(1, 2.5, "x", true)));
                    case LEGACY_TORCH -> Files.write(at, Forged.legacy());
                }
            }
            return Files.readAllBytes(at);
        }
    }

    /** Reads a file and every tensor of it. */
    private static void readAll(Reader reader, Path path) throws IOException {
        try (TensorScope scope = new TensorScope()) {
            touch(reader.read(path));
        }
    }

    private static void touch(Object value) {
        if (value instanceof Tensor t) {
            assertThat(t.dtype()).isNotNull();
            if (t.numel() < 100_000) {
                Samples.bytes(t);
            }
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(DamagedFilesTest::touch);
        } else if (value instanceof List<?> list) {
            list.forEach(DamagedFilesTest::touch);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void everyTruncationIsNoticed(Kind kind) throws IOException {
        byte[] whole = kind.sample(file);
        readAll(kind.reader, file);
        for (int n = 0; n < whole.length; n++) {
            Files.write(file, Arrays.copyOf(whole, n));
            assertThatThrownBy(() -> readAll(kind.reader, file))
                    .as("%s of %s bytes", n, whole.length)
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("expected")
                    .hasMessageContaining(file.toString());
        }
        Files.write(file, Arrays.copyOf(whole, whole.length + 1));
        assertThatThrownBy(() -> readAll(kind.reader, file)).isInstanceOf(FormatException.class);
    }

    /** Returns how many of the changed files were refused. */
    private int fuzz(Kind kind, int runs, long seed) throws IOException {
        byte[] whole = kind.sample(file);
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < runs; i++) {
            byte[] changed = whole.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                int at = random.nextInt(changed.length);
                changed[at] =
                        random.nextBoolean() ? (byte) random.nextInt() : (byte) (changed[at] ^ 1 << random.nextInt(8));
            }
            Files.write(file, changed);
            try {
                readAll(kind.reader, file);
            } catch (FormatException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("run " + i + " of " + kind + " with seed " + seed, e);
            }
        }
        return refused;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void changedBytesAreRefusedOrRead(Kind kind) throws IOException {
        assertThat(fuzz(kind, 400, 1)).isGreaterThan(50);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    @Tag("slow")
    void manyChangedBytesAreRefusedOrRead(Kind kind) throws IOException {
        assertThat(fuzz(kind, 4_000, 2)).isGreaterThan(500);
    }

    /** In a zip file, checksums catch most changes before the pickle is looked at; here they are right. */
    private void fuzzPickle(int runs, long seed) throws IOException {
        byte[] pickle = Forged.pickle();
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < runs; i++) {
            byte[] changed = pickle.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            Files.write(file, Forged.torch(changed));
            try {
                readAll(TorchFile::load, file);
            } catch (FormatException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("run " + i + " with seed " + seed, e);
            }
        }
        assertThat(refused).isBetween(runs / 2, runs - 1);
    }

    @Test
    void changedPicklesAreRefusedOrRead() throws IOException {
        fuzzPickle(1_000, 1);
    }

    @Test
    @Tag("slow")
    void manyChangedPicklesAreRefusedOrRead() throws IOException {
        fuzzPickle(8_000, 2);
    }

    @Test
    void changedElementsInZipFilesFailTheirChecksum() throws IOException {
        for (Kind kind : new Kind[] {Kind.NPZ, Kind.TORCH}) {
            byte[] whole = kind.sample(file);
            byte[] element = Samples.bytes(Samples.bits(DType.INT64, 3));
            int at = indexOf(whole, element);
            whole[at + 2] ^= 1;
            Files.write(file, whole);
            assertThatThrownBy(() -> readAll(kind.reader, file))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("checksum");
        }
    }

    private static int indexOf(byte[] whole, byte[] part) {
        for (int i = 0; i + part.length <= whole.length; i++) {
            if (Arrays.equals(whole, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }

    // ---- declared sizes

    private void safetensors(String header, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer b = ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, b.putLong(json.length).put(json).array());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904],\"data_offsets\":[0,8]}}",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[100000000000],\"data_offsets\":[0,400000000000]}}",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"v\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[8,8]}}",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}",
                "{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}",
                "{\"w\":[]}",
                "{\"__metadata__\":{\"a\":1},\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} x",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[02],\"data_offsets\":[0,8]}}",
                "{\"w\\u00g0\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"w:{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
            })
    void headersOfSafetensorsAreChecked(String header) throws IOException {
        safetensors(header, 8);
        assertThatThrownBy(() -> Safetensors.load(file)).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> Safetensors.metadata(file)).isInstanceOf(FormatException.class);
    }

    @Test
    void nestedHeadersDoNotOverflowTheStack() throws IOException {
        safetensors("{\"w\":" + "[".repeat(1_000_000), 0);
        assertThatThrownBy(() -> Safetensors.load(file)).hasMessageContaining("levels");
        safetensors("{\"w\":" + "{\"a\":".repeat(1_000_000), 0);
        assertThatThrownBy(() -> Safetensors.load(file)).hasMessageContaining("levels");
    }

    private void npy(String header, int dataBytes) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
        ByteBuffer b = ByteBuffer.allocate(10 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        b.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0})
                .putShort((short) text.length)
                .put(text);
        Files.write(file, b.array());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (100000000000,), }",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2), }",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
                "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }",
                "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
                "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }",
                "{'descr': '<f4', 'shape': (2,), }",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 'x'}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } __import__('os')",
            })
    void headersOfNpyAreChecked(String header) throws IOException {
        npy(header, 8);
        assertThatThrownBy(() -> Npy.load(file)).isInstanceOf(FormatException.class);
    }

    @Test
    void headersOfNpyAreReadAsPythonWouldWriteThem() throws IOException {
        npy("{\"shape\": (2L, 1L), \"fortran_order\": True, \"descr\": \"<f4\"}\n", 8);
        assertThat(Npy.load(file).shape().toArray()).containsExactly(2, 1);
    }

    /** A thousand times smaller than what it unpacks to. */
    @Test
    void zipBombsAreRefusedByTheirDeclaredSize() throws IOException {
        byte[] zeros = new byte[40 << 20];
        byte[] packed = Forged.zip(true, Map.of("a.npy", zeros));
        for (long declared : new long[] {3L << 30, 60L << 20}) { // beyond the limit, beyond what deflate can do
            byte[] lying = packed.clone();
            ByteBuffer b = ByteBuffer.wrap(lying).order(ByteOrder.LITTLE_ENDIAN);
            int central = indexOf(lying, new byte[] {'P', 'K', 1, 2});
            b.putInt(central + 24, (int) declared);
            Files.write(file, lying);
            assertThatThrownBy(() -> Npz.load(file)).isInstanceOf(FormatException.class);
        }
    }

    @Test
    void membersThatShareTheirBytesAreRefused() throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        members.put("a.npy", new byte[1000]);
        members.put("b.npy", new byte[1000]);
        byte[] zip = Forged.zip(false, members);
        ByteBuffer b = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        int central = indexOf(zip, new byte[] {'P', 'K', 1, 2});
        for (int entry : new int[] {central, central + 46 + 5}) {
            b.putInt(entry + 20, 1900).putInt(entry + 24, 1900).putInt(entry + 42, 0);
        }
        Files.write(file, zip);
        assertThatThrownBy(() -> Npz.load(file)).hasMessageContaining("fit into the file");
    }

    @Test
    void foldersAndMissingFilesAreInputErrors() {
        assertThatThrownBy(() -> Safetensors.load(folder)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> TorchFile.load(folder.resolve("none")))
                .isInstanceOf(java.nio.file.NoSuchFileException.class);
    }
}
