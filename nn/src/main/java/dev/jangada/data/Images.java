package dev.jangada.data;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.FormatException;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.autograd.Autograd;
import dev.jangada.io.AtomicFile;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Pictures as tensors and back: channels first, {@code [C, H, W]}, float32 in [0, 1].
 *
 * <pre>{@code
 * Tensor photo = Images.read(Path.of("photo.jpg"));                                   // [3, H, W]
 * Images.saveImage(Path.of("digits.png"), digits, GridOptions.of().withNrow(10));     // [100, 1, 28, 28]
 * }</pre>
 *
 * <p>Source: {@code torchvision.transforms} and {@code torchvision.utils}.
 */
public final class Images {
    private static final double LEAST_RANGE = 1e-5; // torchvision's
    private static final long MOST_PIXELS = 1 << 24; // of a picture, however few bytes it has
    private static final long MOST_PIXELS_PER_BYTE =
            10_000; // a PNG can have 8 in each of the 1032 bytes that one unpacks to

    private Images() {}

    // ---- pictures to tensors

    /**
     * Returns the pixels: one channel of a grey picture, red, green and blue of a coloured one, and its opacity if it has any.
     *
     * <p>Values are those of the file, without a correction of brightness. Source: {@code torchvision.transforms.ToTensor}.
     */
    public static Tensor toTensor(BufferedImage picture) {
        ColorModel model = picture.getColorModel();
        int type = model.getColorSpace().getType();
        boolean plain = model instanceof ComponentColorModel
                && !model.isAlphaPremultiplied()
                && model.getTransferType() <= DataBuffer.TYPE_USHORT
                && (type == ColorSpace.TYPE_GRAY || type == ColorSpace.TYPE_RGB);
        return plain ? samples(picture, model) : colors(picture, model.hasAlpha() ? 4 : 3);
    }

    /** Reads the raster itself: {@code getRGB} would take grey values for linear light and brighten them. */
    private static Tensor samples(BufferedImage picture, ColorModel model) {
        int channels = picture.getRaster().getNumBands();
        int pixels = Math.multiplyExact(picture.getWidth(), picture.getHeight());
        float[] out = new float[Math.multiplyExact(channels, pixels)];
        float[] band = new float[pixels];
        for (int c = 0; c < channels; c++) {
            float most = (1 << model.getComponentSize(c)) - 1;
            picture.getRaster().getSamples(0, 0, picture.getWidth(), picture.getHeight(), c, band);
            for (int i = 0; i < pixels; i++) {
                out[c * pixels + i] = band[i] / most;
            }
        }
        return Tensor.of(out, channels, picture.getHeight(), picture.getWidth());
    }

    private static Tensor colors(BufferedImage picture, int channels) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        int pixels = Math.multiplyExact(width, height);
        int[] argb = picture.getRGB(0, 0, width, height, null, 0, width);
        float[] out = new float[Math.multiplyExact(channels, pixels)];
        int[] shifts = {16, 8, 0, 24};
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < pixels; i++) {
                out[c * pixels + i] = (argb[i] >>> shifts[c] & 0xff) / 255f;
            }
        }
        return Tensor.of(out, channels, height, width);
    }

    /**
     * Reads a picture from a file of a format that the JDK knows: PNG, JPEG, GIF, BMP and others.
     *
     * @throws FormatException if it is no picture, or a damaged one
     * @throws IOException if the file can't be read
     */
    public static Tensor read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file); // so that what fails below is the content
        BufferedImage picture;
        try {
            picture = decode(bytes, file);
        } catch (FormatException e) {
            throw e;
        } catch (IOException | RuntimeException e) { // the JDK's readers throw both
            throw unreadable(file, e.toString(), e);
        }
        return toTensor(picture);
    }

    /** The size is looked at first: a header of a few bytes must not ask for all memory. */
    private static BufferedImage decode(byte[] bytes, Path file) throws IOException {
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw unreadable(file, "something else", null);
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(stream, true, true);
                long width = reader.getWidth(0);
                long height = reader.getHeight(0);
                if (width * height > MOST_PIXELS + MOST_PIXELS_PER_BYTE * bytes.length) {
                    throw unreadable(file, width + " x " + height + " pixels in " + bytes.length + " bytes", null);
                }
                return reader.read(0);
            } finally {
                reader.dispose();
            }
        }
    }

    private static FormatException unreadable(Path file, String given, Exception cause) {
        String message = "[read] expected a picture such as PNG or JPEG, got " + given + " in " + file
                + "; pass another file, or convert it";
        return cause == null ? new FormatException(message) : new FormatException(message, cause);
    }

    // ---- tensors to pictures

    /**
     * Returns a picture: grey of {@code [H, W]} and {@code [1, H, W]}, coloured of {@code [3, H, W]}, with opacity of {@code [4, H, W]}.
     *
     * @param image bytes, or values of a floating point type, which are multiplied by 255, rounded and cut to [0, 255]; NaN becomes 0
     * @throws ShapeException if it is not of such a shape, or has no pixel
     * @throws DTypeException if it is of another type
     */
    public static BufferedImage toImage(Tensor image) {
        boolean grey = image.dim() == 2;
        long channels = grey ? 1 : image.dim() == 3 ? image.size(0) : 0;
        if (channels != 1 && channels != 3 && channels != 4 || image.numel() == 0) {
            throw new ShapeException("[toImage] expected an image of shape [H, W] or [C, H, W] with 1, 3 or 4 channels,"
                    + " got shape " + image.shape() + "; reshape it, or make a grid of several");
        }
        int[] values = bytes(image);
        int type = channels == 1
                ? BufferedImage.TYPE_BYTE_GRAY
                : channels == 3 ? BufferedImage.TYPE_3BYTE_BGR : BufferedImage.TYPE_4BYTE_ABGR;
        int width = Math.toIntExact(image.size(-1));
        int height = Math.toIntExact(image.size(-2));
        BufferedImage picture = new BufferedImage(width, height, type);
        WritableRaster raster = picture.getRaster();
        for (int c = 0; c < channels; c++) {
            int[] band = Arrays.copyOfRange(values, c * width * height, (c + 1) * width * height);
            raster.setSamples(0, 0, width, height, c, band);
        }
        return picture;
    }

    private static int[] bytes(Tensor image) {
        if (image.dtype() != DType.UINT8 && !image.dtype().isFloatingPoint()) {
            throw new DTypeException("[toImage] expected bytes or values of a floating point type, got " + image.dtype()
                    + "; convert it with to(DType.UINT8)");
        }
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            if (image.dtype() == DType.UINT8) {
                return image.to(DType.INT32).toIntArray();
            }
            float[] values = image.detach().to(DType.FLOAT32).toFloatArray();
            int[] out = new int[values.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = (int) Math.max(0, Math.min(255, Math.floor(values[i] * 255.0 + 0.5))); // NaN becomes 0
            }
            return out;
        }
    }

    /**
     * Returns images side by side in one, row by row: {@code [C, rows * (H + padding) + padding, nrow * (W + padding) + padding]}, where
     * grey images become coloured ones. A single image is returned without padding.
     *
     * <p>Source: {@code torchvision.utils.make_grid}.
     *
     * @param images {@code [N, C, H, W]}; {@code [C, H, W]} and {@code [H, W]} are one image
     * @throws ShapeException if it is not of such a shape, or without a pixel
     */
    public static Tensor makeGrid(Tensor images, GridOptions options) {
        if (images.dim() < 2 || images.dim() > 4 || images.numel() == 0) {
            throw new ShapeException(
                    "[makeGrid] expected images [N, C, H, W], [C, H, W] or [H, W] with pixels, got shape "
                            + images.shape() + "; reshape them, or leave an empty one out");
        }
        try (TensorScope scope = new TensorScope();
                Autograd.Mode off = Autograd.noGrad()) {
            Tensor all = images.detach();
            while (all.dim() < 4) {
                all = all.unsqueeze(0);
            }
            if (all.size(1) == 1) {
                all = all.expand(-1, 3, -1, -1);
            }
            all = options.normalize() ? normalized(all, options) : all;
            if (all.size(0) == 1) {
                return scope.keep(all.squeeze(0).clone());
            }
            return scope.keep(grid(all, options));
        }
    }

    private static Tensor grid(Tensor all, GridOptions options) {
        long count = all.size(0);
        long columns = Math.min(options.nrow(), count);
        long rows = (count + columns - 1) / columns;
        int padding = options.padding();
        long height = all.size(2) + padding;
        long width = all.size(3) + padding;
        long[] sizes = {all.size(1), rows * height + padding, columns * width + padding};
        Tensor grid = Tensor.full(sizes, options.padValue(), all.dtype()).to(all.device());
        for (long i = 0; i < count; i++) {
            grid.narrow(1, i / columns * height + padding, all.size(2))
                    .narrow(2, i % columns * width + padding, all.size(3))
                    .copy_(all.select(0, i));
        }
        return grid;
    }

    private static Tensor normalized(Tensor all, GridOptions options) {
        int[] each = options.scaleEach() ? new int[] {1, 2, 3} : new int[] {0, 1, 2, 3};
        boolean given = !Double.isNaN(options.low());
        Tensor x = all.dtype().isFloatingPoint() ? all : all.to(DType.FLOAT32);
        Tensor low = given ? Tensor.fullLike(x.amin(each, true), options.low()) : x.amin(each, true);
        Tensor high = given ? Tensor.fullLike(low, options.high()) : x.amax(each, true);
        Tensor range = high.sub(low).clamp(LEAST_RANGE, Double.POSITIVE_INFINITY);
        return x.sub(low).div(range).clamp(0, 1);
    }

    /**
     * Writes images side by side into a file, whole or not at all; see {@link #makeGrid}.
     *
     * <p>Source: {@code torchvision.utils.save_image}.
     *
     * @param file its ending says the format: png, jpg, bmp, gif
     * @throws ArgumentException if no format has this ending
     * @throws IOException if the file can't be written; an older one stays as it was
     */
    public static void saveImage(Path file, Tensor images, GridOptions options) throws IOException {
        try (Tensor grid = makeGrid(images, options)) {
            write(file, toImage(grid));
        }
    }

    /** As {@link #saveImage(Path, Tensor, GridOptions)} with the defaults. */
    public static void saveImage(Path file, Tensor images) throws IOException {
        saveImage(file, images, GridOptions.of());
    }

    /**
     * Writes a picture into a file, whole or not at all.
     *
     * @param file its ending says the format: png, jpg, bmp, gif
     * @throws ArgumentException if no format has this ending, or the format can't hold the picture, as JPEG opacity
     * @throws IOException if the file can't be written; an older one stays as it was
     */
    public static void write(Path file, BufferedImage picture) throws IOException {
        String name = file.getFileName().toString();
        String format = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) { // not the JDK's temporary file
            if (!ImageIO.write(picture, format, stream)) {
                throw new ArgumentException("[saveImage] expected a file name with the ending of a format that can hold"
                        + " the picture, got " + name + "; name it for example " + name + ".png");
            }
        }
        AtomicFile.write(file, bytes.toByteArray());
    }
}
