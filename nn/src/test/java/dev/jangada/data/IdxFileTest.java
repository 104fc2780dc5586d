package dev.jangada.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.FormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFileTest {
    private static final byte[] ELEMENTS = {0, 1, 2, (byte) 253, (byte) 254, (byte) 255};

    @TempDir
    private Path folder;

    private static byte[] idx(int magic, byte[] elements, int... dims) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * dims.length + elements.length);
        bytes.putInt(magic);
        for (int dim : dims) {
            bytes.putInt(dim);
        }
        return bytes.put(elements).array();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream stream = new GZIPOutputStream(packed)) {
            stream.write(plain);
        }
        return packed.toByteArray();
    }

    private static IdxFile read(byte[] bytes) throws IOException {
        return IdxFile.read(new ByteArrayInputStream(bytes), "the test");
    }

    @Test
    void readsPlainFile() throws IOException {
        IdxFile file = IdxFile.read(Files.write(folder.resolve("x-idx3-ubyte"), idx(0x803, ELEMENTS, 3, 1, 2)));
        assertThat(file.dims()).containsExactly(3, 1, 2);
        assertThat(file.data()).isEqualTo(ELEMENTS);
        assertThat(file).hasToString("IdxFile[3, 1, 2]");
    }

    @Test
    void readsPackedFileWhateverItsName() throws IOException {
        IdxFile file = IdxFile.read(Files.write(folder.resolve("plain"), gzip(idx(0x801, ELEMENTS, 6))));
        assertThat(file.dims()).containsExactly(6);
        assertThat(file.data()).isEqualTo(ELEMENTS);
    }

    @Test
    void readsEmptyDimension() throws IOException {
        IdxFile file = read(idx(0x803, new byte[0], 0, 28, 28));
        assertThat(file.dims()).containsExactly(0, 28, 28);
        assertThat(file.data()).isEmpty();
    }

    @Test
    void dimensionsAreCopied() throws IOException {
        IdxFile file = read(idx(0x801, ELEMENTS, 6));
        file.dims()[0] = 99;
        assertThat(file.dims()).containsExactly(6);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x800, 0x901, 0xd03, 0x01000801, 0x00010801, 0x89504e47})
    void refusesOtherMagicNumbers(int magic) {
        assertThatThrownBy(() -> read(idx(magic, ELEMENTS, 6)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("magic number")
                .hasMessageContaining(String.format("0x%08x", magic))
                .hasMessageContaining("the test");
    }

    @Test
    void refusesEveryTruncation() throws IOException {
        byte[] plain = idx(0x802, ELEMENTS, 2, 3);
        byte[] packed = gzip(plain);
        for (int length = 0; length < plain.length; length++) {
            byte[] cut = Arrays.copyOf(plain, length);
            assertThatThrownBy(() -> read(cut)).as("%d bytes", length).isInstanceOf(FormatException.class);
        }
        for (int length = 0; length < packed.length; length++) {
            byte[] cut = Arrays.copyOf(packed, length);
            assertThatThrownBy(() -> read(cut)).as("%d packed bytes", length).isInstanceOf(FormatException.class);
        }
    }

    @Test
    void refusesTrailingBytes() throws IOException {
        byte[] plain = idx(0x802, ELEMENTS, 2, 3);
        byte[] longer = Arrays.copyOf(plain, plain.length + 1);
        assertThatThrownBy(() -> read(longer))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("more bytes");
        byte[] packed = gzip(longer);
        assertThatThrownBy(() -> read(packed))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("more bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 10, 100, 100_000})
    void refusesBytesBehindTheGzipData(int count) throws IOException {
        byte[] packed = gzip(idx(0x802, ELEMENTS, 2, 3));
        byte[] longer = Arrays.copyOf(packed, packed.length + count);
        assertThatThrownBy(() -> read(longer))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("more bytes");
    }

    @Test
    void readsSeveralGzipParts() throws IOException {
        byte[] plain = idx(0x802, ELEMENTS, 2, 3);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        packed.write(gzip(Arrays.copyOf(plain, 7)));
        packed.write(gzip(Arrays.copyOfRange(plain, 7, plain.length)));
        assertThat(read(packed.toByteArray()).data()).isEqualTo(ELEMENTS);
    }

    @Test
    void refusesDamagedGzip() throws IOException {
        byte[] packed = gzip(idx(0x801, ELEMENTS, 6));
        packed[packed.length - 6] ^= 1; // in the checksum
        assertThatThrownBy(() -> read(packed))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("gzip");
    }

    @Test
    void refusesNegativeSize() {
        assertThatThrownBy(() -> read(idx(0x802, ELEMENTS, 6, -1)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("-1 in dimension 1");
    }

    @Test
    void refusesSizesWhoseProductOverflows() {
        assertThatThrownBy(() -> read(idx(0x804, ELEMENTS, 65536, 65536, 65536, 65536)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("at most");
    }

    @Test
    void hugeSizesInShortFileCostNoMemory() {
        assertThatThrownBy(() -> read(idx(0x801, ELEMENTS, Integer.MAX_VALUE - 8)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("got 6 before the file ends");
    }

    @Test
    void missingFileIsNoFormatError() {
        assertThatThrownBy(() -> IdxFile.read(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }
}
