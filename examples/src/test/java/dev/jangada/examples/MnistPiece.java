package dev.jangada.examples;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the first images of the embedded subset as the four files of MNIST. */
final class MnistPiece {
    private MnistPiece() {}

    static void write(Path folder, int train, int test) throws IOException {
        MnistFiles all = MnistSource.embedded();
        write(folder, MnistPart.TRAIN_IMAGES, all.trainImages().data(), train, 28, 28);
        write(folder, MnistPart.TRAIN_LABELS, all.trainLabels().data(), train);
        write(folder, MnistPart.TEST_IMAGES, all.testImages().data(), test, 28, 28);
        write(folder, MnistPart.TEST_LABELS, all.testLabels().data(), test);
    }

    private static void write(Path folder, MnistPart part, byte[] bytes, int... dims) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {0, 0, 8, (byte) dims.length});
        int length = 1;
        for (int d : dims) {
            file.writeBytes(new byte[] {(byte) (d >>> 24), (byte) (d >>> 16), (byte) (d >>> 8), (byte) d});
            length *= d;
        }
        file.write(bytes, 0, length);
        Files.write(folder.resolve(part.fileName()), file.toByteArray());
    }
}
