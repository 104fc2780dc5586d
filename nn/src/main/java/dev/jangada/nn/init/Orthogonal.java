package dev.jangada.nn.init;

import dev.jangada.DType;
import dev.jangada.Generator;
import dev.jangada.Tensor;

/**
 * Random orthogonal matrices, evenly distributed: normally distributed vectors, each less its parts along those before it (Gram-Schmidt).
 *
 * <p>The parts are taken off twice: once leaves errors where vectors are nearly parallel.
 */
final class Orthogonal {
    private Orthogonal() {}

    /** A float64 matrix on the CPU whose shorter side's vectors are orthogonal and of length {@code gain}. */
    static Tensor matrix(int rows, int columns, double gain, Generator generator) {
        int count = Math.min(rows, columns);
        int size = Math.max(rows, columns);
        double[][] vectors = new double[count][];
        try (Tensor drawn = Tensor.empty(DType.FLOAT64, count, size).normal_(0, 1, generator)) {
            double[] all = drawn.toDoubleArray();
            for (int i = 0; i < count; i++) {
                vectors[i] = java.util.Arrays.copyOfRange(all, i * size, (i + 1) * size);
                for (int pass = 0; pass < 2; pass++) {
                    for (int j = 0; j < i; j++) {
                        addScaled(vectors[i], vectors[j], -dot(vectors[i], vectors[j]));
                    }
                }
                scale(vectors[i], 1 / Math.sqrt(dot(vectors[i], vectors[i])));
            }
        }
        double[] out = new double[rows * columns];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < size; j++) {
                out[rows <= columns ? i * columns + j : j * columns + i] = gain * vectors[i][j];
            }
        }
        try (Tensor flat = Tensor.of(out)) {
            return flat.reshape(rows, columns);
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void addScaled(double[] a, double[] b, double factor) {
        for (int i = 0; i < a.length; i++) {
            a[i] += factor * b[i];
        }
    }

    private static void scale(double[] a, double factor) {
        for (int i = 0; i < a.length; i++) {
            a[i] *= factor;
        }
    }
}
