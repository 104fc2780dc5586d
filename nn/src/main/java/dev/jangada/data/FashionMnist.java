package dev.jangada.data;

import dev.jangada.FormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Fashion-MNIST: grey images of ten kinds of clothes, in the form of MNIST and harder to tell apart.
 *
 * <p>Its files bear the names of MNIST's, so each set needs a folder of its own. Source: {@code torchvision.datasets.FashionMNIST}; H. Xiao,
 * K. Rasul, R. Vollgraf, arXiv 1708.07747.
 */
public final class FashionMnist {
    /** What the labels 0 to 9 stand for. */
    public static final List<String> CLASSES = List.of(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot");

    private FashionMnist() {}

    /**
     * Reads the training or the test set from a folder: uint8 {@code [N, 28, 28]} and int64 {@code [N]}; see {@link Mnist#read}.
     *
     * @throws FormatException if a file is damaged or they do not fit together
     * @throws IOException if a file is missing or can't be read
     */
    public static TensorDataset read(Path folder, boolean train) throws IOException {
        return Mnist.read(folder, train);
    }
}
