package dev.jangada.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.DType;
import dev.jangada.FormatException;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistTest {
    private static final byte[] IMAGES = {
        0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, /* pixels */ 0, 51, (byte) 255, (byte) 128
    };
    private static final byte[] LABELS = {0, 0, 8, 1, 0, 0, 0, 2, 7, 3};

    private static IdxFile idx(byte[] bytes) throws IOException {
        return IdxFile.read(new ByteArrayInputStream(bytes), "test");
    }

    @Test
    void imagesStayBytes() throws IOException {
        TensorDataset data = Mnist.of(idx(IMAGES), idx(LABELS));
        Tensor images = data.tensors().get(0);
        assertThat(images.dtype()).isEqualTo(DType.UINT8);
        assertThat(images.shape()).isEqualTo(Shape.of(2, 1, 2));
        assertThat(data.tensors().get(1).toLongArray()).containsExactly(7, 3);
        Tensor pixels = Mnist.pixels(images);
        assertThat(pixels.shape()).isEqualTo(Shape.of(2, 2));
        assertThat(pixels.toFloatArray()).containsExactly(0, 0.2f, 1, 128f / 255);
    }

    @Test
    void filesAreFoundPlainAndPacked(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("t10k-images-idx3-ubyte"), IMAGES);
        assertThatThrownBy(() -> Mnist.read(folder, false))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("t10k-labels-idx1-ubyte");
        try (OutputStream out =
                new GZIPOutputStream(Files.newOutputStream(folder.resolve("t10k-labels-idx1-ubyte.gz")))) {
            out.write(LABELS);
        }
        assertThat(Mnist.read(folder, false).size()).isEqualTo(2);
        long label = FashionMnist.read(folder, false).get(0).get(1).itemLong();
        assertThat(FashionMnist.CLASSES.get((int) label)).isEqualTo("Sneaker");
        assertThat(FashionMnist.CLASSES).hasSize(10);
        assertThatThrownBy(() -> Mnist.read(folder, true)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void filesThatDoNotFitAreRefused() throws IOException {
        byte[] three = {0, 0, 8, 1, 0, 0, 0, 3, 7, 3, 1};
        assertThatThrownBy(() -> Mnist.of(idx(IMAGES), idx(three))).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> Mnist.of(idx(LABELS), idx(LABELS))).isInstanceOf(FormatException.class);
    }
}
