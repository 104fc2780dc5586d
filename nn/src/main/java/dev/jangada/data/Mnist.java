package dev.jangada.data;

import dev.jangada.DType;
import dev.jangada.FormatException;
import dev.jangada.Fused;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The handwritten digits of MNIST, or another data set in its form, as tensors.
 *
 * <p>Images stay bytes, a quarter of the memory; {@link #pixels} makes numbers in [0, 1] of a batch by one kernel.
 * Source: {@code torchvision.datasets.MNIST}; Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
 */
public final class Mnist {
    private static final Fused SCALE = Fused.of("Scale", 1, 1, (x, s) -> x[0].div(s[0]));

    private Mnist() {}

    /**
     * Returns images and labels as a data set: uint8 {@code [N, rows, columns]} and int64 {@code [N]}.
     *
     * @throws FormatException if the files do not fit together
     */
    public static TensorDataset of(IdxFile images, IdxFile labels) {
        int[] dims = images.dims();
        if (dims.length != 3 || labels.dims().length != 1 || labels.dims()[0] != dims[0]) {
            throw new FormatException("[mnist] expected images [N, rows, columns] and as many labels [N], got " + images
                    + " and " + labels + "; take the files of one data set");
        }
        try (TensorScope scope = new TensorScope()) {
            Tensor pixels = Tensor.of(images.data(), DType.UINT8, dims[0], dims[1], dims[2]);
            Tensor digits = Tensor.of(labels.data(), DType.UINT8, dims[0]).to(DType.INT64);
            return new TensorDataset(pixels, digits);
        }
    }

    /**
     * Reads the training or the test set from a folder with the files under their usual names, such as {@code train-images-idx3-ubyte}, plain
     * or with {@code .gz}.
     *
     * @throws FormatException if a file is damaged or they do not fit together
     * @throws IOException if a file is missing or can't be read
     */
    public static TensorDataset read(Path folder, boolean train) throws IOException {
        String set = train ? "train" : "t10k";
        return of(
                IdxFile.read(find(folder, set + "-images-idx3-ubyte")),
                IdxFile.read(find(folder, set + "-labels-idx1-ubyte")));
    }

    private static Path find(Path folder, String name) throws IOException {
        Path plain = folder.resolve(name);
        Path packed = folder.resolve(name + ".gz");
        if (Files.isRegularFile(plain)) {
            return plain;
        }
        if (Files.isRegularFile(packed)) {
            return packed;
        }
        throw new NoSuchFileException(
                "[mnist] expected " + name + " or " + name + ".gz in " + folder + ", got neither; name another folder");
    }

    /** Returns grey values in [0, 1]: float32 {@code [B, rows * columns]} of bytes {@code [B, rows, columns]}. */
    public static Tensor pixels(Tensor images) {
        return SCALE.apply(new Tensor[] {images.reshape(images.size(0), -1)}, 255);
    }
}
