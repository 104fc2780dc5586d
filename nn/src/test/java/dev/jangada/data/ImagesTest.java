package dev.jangada.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.FormatException;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
    @TempDir
    private Path folder;

    /** Every byte comes back, through the file too: no colour space brightens it. */
    @Test
    void greyAndColourSurviveTheFile() throws IOException {
        Tensor grey = Tensor.arange(256).reshape(1, 16, 16).to(DType.FLOAT32).div(255);
        for (Tensor image : new Tensor[] {grey, Tensor.cat(0, grey, grey.flip(1), grey.flip(2))}) {
            Path file = folder.resolve("a.png");
            Images.write(file, Images.toImage(image));
            Tensor back = Images.read(file);
            assertThat(back.shape()).isEqualTo(image.shape());
            assertThat(back.toFloatArray()).containsExactly(image.toFloatArray(), within(1e-7f));
        }
        Tensor opacity = Tensor.cat(0, grey, grey, grey, Tensor.ones(1, 16, 16).mul(0.2));
        assertThat(Images.toTensor(Images.toImage(opacity)).toFloatArray())
                .containsExactly(opacity.toFloatArray(), within(1e-7f));
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_INT_RGB,
                BufferedImage.TYPE_INT_BGR,
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_4BYTE_ABGR
            })
    void channelsAreRedGreenBlueWhateverTheOrderInMemory(int type) {
        BufferedImage picture = new BufferedImage(2, 1, type);
        picture.setRGB(0, 0, 0xffff3300);
        picture.setRGB(1, 0, 0xff000066);
        float[] x = Images.toTensor(picture).narrow(0, 0, 3).toFloatArray();
        assertThat(x).containsExactly(new float[] {1, 0, 0.2f, 0, 0, 0.4f}, within(1e-6f));
        assertThat(Images.toTensor(picture).size(0))
                .isEqualTo(picture.getColorModel().hasAlpha() ? 4 : 3);
    }

    @Test
    void sixteenBitsAreKept() {
        BufferedImage picture = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
        picture.getRaster().setSample(0, 0, 0, 13_107);
        assertThat(Images.toTensor(picture).item()).isCloseTo(0.2, within(1e-6));
    }

    @Test
    void valuesOutsideAreCutAndBytesTaken() {
        Tensor x = Tensor.of(new float[][] {{-1, 0.5f, 2, Float.NaN}});
        int[] grey = Images.toImage(x).getRaster().getSamples(0, 0, 4, 1, 0, (int[]) null);
        assertThat(grey).containsExactly(0, 128, 255, 0);
        Tensor bytes = Tensor.of(new byte[] {0, 7, (byte) 255}, DType.UINT8, 1, 1, 3);
        assertThat(Images.toImage(bytes).getRaster().getSamples(0, 0, 3, 1, 0, (int[]) null))
                .containsExactly(0, 7, 255);
        assertThatThrownBy(() -> Images.toImage(Tensor.zeros(DType.INT64, 2, 2)))
                .isInstanceOf(DTypeException.class);
        for (Tensor wrong : new Tensor[] {Tensor.zeros(2, 4, 4), Tensor.zeros(4), Tensor.zeros(1, 0, 3)}) {
            assertThatThrownBy(() -> Images.toImage(wrong)).isInstanceOf(ShapeException.class);
        }
    }

    @Test
    void gridIsThatOfTorchvision() {
        Tensor images =
                Tensor.arange(1, 4).reshape(3, 1, 1, 1).to(DType.FLOAT32).expand(3, 1, 1, 2);
        GridOptions options = GridOptions.of().withNrow(2).withPadding(1).withPadValue(9);
        Tensor grid = Images.makeGrid(images, options);
        assertThat(grid.shape()).isEqualTo(Shape.of(3, 5, 7));
        float[] expected = {
            9, 9, 9, 9, 9, 9, 9, //
            9, 1, 1, 9, 2, 2, 9, //
            9, 9, 9, 9, 9, 9, 9, //
            9, 3, 3, 9, 9, 9, 9, //
            9, 9, 9, 9, 9, 9, 9
        };
        assertThat(grid.select(0, 2).contiguous().toFloatArray()).containsExactly(expected);
        assertThat(Images.makeGrid(images.narrow(0, 0, 1), options).shape()).isEqualTo(Shape.of(3, 1, 2));
        assertThat(Images.makeGrid(Tensor.zeros(4, 5), options).shape()).isEqualTo(Shape.of(3, 4, 5));
        assertThat(Images.makeGrid(Tensor.zeros(3, 4, 5), options).shape()).isEqualTo(Shape.of(3, 4, 5));
        assertThat(Images.makeGrid(Tensor.zeros(20, 3, 4, 5), GridOptions.of()).shape())
                .isEqualTo(Shape.of(3, 3 * 6 + 2, 8 * 7 + 2));
        for (Tensor wrong : new Tensor[] {Tensor.zeros(4), Tensor.zeros(0, 1, 2, 2), Tensor.zeros(1, 1, 1, 2, 2)}) {
            assertThatThrownBy(() -> Images.makeGrid(wrong, options)).isInstanceOf(ShapeException.class);
        }
        assertThatThrownBy(() -> options.withNrow(0)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> options.withPadding(-1)).isInstanceOf(ArgumentException.class);
        assertThatThrownBy(() -> options.withValueRange(1, 1)).isInstanceOf(ArgumentException.class);
    }

    @Test
    void normalizedByAllByEachOrByRange() {
        Tensor images = Tensor.of(new float[] {0, 1, 2, 4}, 2, 1, 1, 2);
        GridOptions plain = GridOptions.of().withPadding(0);
        assertThat(row(images, plain)).containsExactly(0, 1, 2, 4);
        assertThat(row(images, plain.withNormalize(true))).containsExactly(0, 0.25f, 0.5f, 1);
        assertThat(row(images, plain.withScaleEach(true))).containsExactly(0, 1, 0, 1);
        assertThat(row(images, plain.withValueRange(1, 3))).containsExactly(0, 0, 0.5f, 1);
        assertThat(row(images.mul(0), plain.withNormalize(true))).containsExactly(0, 0, 0, 0);
    }

    private static float[] row(Tensor images, GridOptions options) {
        return Images.makeGrid(images, options).select(0, 0).contiguous().toFloatArray();
    }

    @Test
    void picturesAreWrittenWholeOrNotAtAll() throws IOException {
        Path file = folder.resolve("grid.png");
        Images.saveImage(file, Tensor.rand(10, 1, 28, 28));
        assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(8 * 30 + 2);
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> Images.saveImage(file, Tensor.rand(10))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> Images.saveImage(folder.resolve("grid.xyz"), Tensor.rand(2, 2)))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("grid.xyz.png");
        assertThatThrownBy(() -> Images.saveImage(folder.resolve("none").resolve("grid.png"), Tensor.rand(2, 2)))
                .isInstanceOf(NoSuchFileException.class);
        assertThat(file).hasBinaryContent(before);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void whatIsNoPictureIsRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("a.png"), "no picture");
        assertThatThrownBy(() -> Images.read(text))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("a.png");
        Path cut = folder.resolve("b.png");
        Images.saveImage(cut, Tensor.rand(3, 40, 40));
        Files.write(cut, java.util.Arrays.copyOf(Files.readAllBytes(cut), 100));
        assertThatThrownBy(() -> Images.read(cut)).isInstanceOf(FormatException.class);
        assertThatThrownBy(() -> Images.read(folder.resolve("c.png"))).isInstanceOf(NoSuchFileException.class);
    }

    /** A whole PNG header that announces 40,000 x 40,000 pixels in colour, and nothing behind it. */
    @Test
    void hugePicturesInFewBytesAreRefused() throws IOException {
        ByteBuffer header = ByteBuffer.allocate(17).put("IHDR".getBytes(StandardCharsets.US_ASCII));
        header.putInt(40_000).putInt(40_000).put(new byte[] {8, 2, 0, 0, 0});
        CRC32 crc = new CRC32();
        crc.update(header.array());
        ByteBuffer png =
                ByteBuffer.allocate(8 + 4 + 17 + 4).put(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
        png.putInt(13).put(header.array()).putInt((int) crc.getValue());
        Path file = Files.write(folder.resolve("huge.png"), png.array());
        assertThatThrownBy(() -> Images.read(file))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("40000 x 40000 pixels in 33 bytes");
    }
}
