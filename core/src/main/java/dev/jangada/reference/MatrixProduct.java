package dev.jangada.reference;

import dev.jangada.DType;
import dev.jangada.backend.Layout;

/** {@code out = alpha * a @ b + beta * out}, batch by batch, row by column. */
final class MatrixProduct {
    private final Elements out;
    private final Elements a;
    private final Elements b;
    private final double alpha;
    private final double beta;

    MatrixProduct(Elements out, Elements a, Elements b, double alpha, double beta) {
        this.out = out;
        this.a = a;
        this.b = b;
        this.alpha = alpha;
        this.beta = beta;
    }

    void run() {
        for (long batch = 0; batch < out.shape().size(0); batch++) {
            if (out.isFloat()) {
                floats(batch);
            } else {
                integers(batch);
            }
        }
    }

    private static long position(Elements e, long batch, long row, long column) {
        Layout l = e.layout();
        return l.offset() + batch * l.stride(0) + row * l.stride(1) + column * l.stride(2);
    }

    private static int size(Elements e, int dim) {
        return Math.toIntExact(e.shape().size(dim));
    }

    /** The columns of b are read once: reading an element costs far more than a multiplication. */
    private void floats(long batch) {
        int k = size(a, 2);
        double[][] columns = new double[size(out, 2)][k];
        for (int j = 0; j < columns.length; j++) {
            for (int p = 0; p < k; p++) {
                columns[j][p] = b.getDouble(position(b, batch, p, j));
            }
        }
        double[] row = new double[k];
        for (int i = 0; i < size(out, 1); i++) {
            for (int p = 0; p < k; p++) {
                row[p] = a.getDouble(position(a, batch, i, p));
            }
            for (int j = 0; j < columns.length; j++) {
                double sum = 0;
                for (int p = 0; p < k; p++) {
                    sum += row[p] * columns[j][p];
                }
                long at = position(out, batch, i, j);
                out.put(at, alpha * sum + (beta == 0 ? 0 : beta * out.getDouble(at)));
            }
        }
    }

    private void integers(long batch) {
        boolean bool = out.type() == DType.BOOL;
        int k = size(a, 2);
        long[][] columns = new long[size(out, 2)][k];
        for (int j = 0; j < columns.length; j++) {
            for (int p = 0; p < k; p++) {
                columns[j][p] = b.getLong(position(b, batch, p, j));
            }
        }
        long[] row = new long[k];
        for (int i = 0; i < size(out, 1); i++) {
            for (int p = 0; p < k; p++) {
                row[p] = a.getLong(position(a, batch, i, p));
            }
            for (int j = 0; j < columns.length; j++) {
                long sum = 0;
                for (int p = 0; p < k; p++) {
                    long product = row[p] * columns[j][p];
                    sum = bool ? sum | product : sum + product;
                }
                long at = position(out, batch, i, j);
                out.put(at, (long) alpha * sum + (beta == 0 ? 0 : (long) beta * out.getLong(at)));
            }
        }
    }
}
