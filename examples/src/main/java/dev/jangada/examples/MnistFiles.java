package dev.jangada.examples;

import dev.jangada.FormatException;
import dev.jangada.data.IdxFile;
import dev.jangada.data.Mnist;
import dev.jangada.data.TensorDataset;
import java.io.IOException;
import java.util.Arrays;

/**
 * The four files of MNIST, or of a data set in its form, checked against each other.
 *
 * @param trainImages grey values {@code [N, rows, columns]}
 * @param trainLabels digits {@code [N]}
 * @param testImages grey values {@code [M, rows, columns]}
 * @param testLabels digits {@code [M]}
 * @param origin where the files came from, for the user
 */
public record MnistFiles(
        IdxFile trainImages, IdxFile trainLabels, IdxFile testImages, IdxFile testLabels, String origin) {
    private static final int CLASSES = 10;

    /**
     * Checks that images and labels belong together.
     *
     * @throws FormatException if the images are not three-dimensional, the labels not one-dimensional or not below 10,
     *     the counts of images and labels differ, a set is empty, or the sizes of training and test images differ
     */
    public MnistFiles {
        requirePair("training", trainImages, trainLabels, origin);
        requirePair("test", testImages, testLabels, origin);
        int[] train = trainImages.dims();
        int[] test = testImages.dims();
        if (train[1] != test[1] || train[2] != test[2]) {
            throw invalid("training and test images of the same size", trainImages + " and " + testImages, origin);
        }
    }

    /** Finds the files, in the folder of {@code --data} if it was given. */
    static MnistFiles find(Options options) throws IOException {
        return MnistSource.standard(options.console()).find(options.data());
    }

    /** Returns the images and labels to learn from, see {@link Mnist#of}. */
    TensorDataset training() {
        return Mnist.of(trainImages, trainLabels);
    }

    /** Returns the images and labels to test with. */
    TensorDataset test() {
        return Mnist.of(testImages, testLabels);
    }

    private static void requirePair(String set, IdxFile images, IdxFile labels, String origin) {
        int[] dims = images.dims();
        if (dims.length != 3 || Arrays.stream(dims).anyMatch(d -> d == 0)) {
            throw invalid(set + " images of shape [N, rows, columns]", images.toString(), origin);
        }
        if (labels.dims().length != 1 || labels.dims()[0] != dims[0]) {
            throw invalid(dims[0] + " " + set + " labels", labels.toString(), origin);
        }
        for (byte label : labels.data()) {
            if (Byte.toUnsignedInt(label) >= CLASSES) {
                throw invalid(set + " labels from 0 to 9", "a " + Byte.toUnsignedInt(label), origin);
            }
        }
    }

    private static FormatException invalid(String expected, String given, String origin) {
        return new FormatException("[mnist] expected " + expected + ", got " + given + " in " + origin
                + "; take the four files of one data set");
    }
}
