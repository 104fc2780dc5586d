package dev.jangada.examples;

/** The four files of MNIST, by their usual names. */
enum MnistPart {
    TRAIN_IMAGES("train-images-idx3-ubyte"),
    TRAIN_LABELS("train-labels-idx1-ubyte"),
    TEST_IMAGES("t10k-images-idx3-ubyte"),
    TEST_LABELS("t10k-labels-idx1-ubyte");

    private final String fileName;

    MnistPart(String fileName) {
        this.fileName = fileName;
    }

    String fileName() {
        return fileName;
    }

    String packedName() {
        return fileName + ".gz";
    }
}
