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
        int k = Math.toIntExact(a.shape().size(2));
        for (long batch = 0; batch < out.shape().size(0); batch++) {
            for (long j = 0; j < out.shape().size(2); j++) {
                if (out.isFloat()) {
                    floatColumn(batch, j, k);
                } else {
                    intColumn(batch, j, k);
                }
            }
        }
    }

    private static long position(Elements e, long batch, long row, long column) {
        Layout l = e.layout();
        return l.offset() + batch * l.stride(0) + row * l.stride(1) + column * l.stride(2);
    }

    private void floatColumn(long batch, long j, int k) {
        double[] column = new double[k];
        for (int p = 0; p < k; p++) {
            column[p] = b.getDouble(position(b, batch, p, j));
        }
        for (long i = 0; i < out.shape().size(1); i++) {
            double sum = 0;
            for (int p = 0; p < k; p++) {
                sum += a.getDouble(position(a, batch, i, p)) * column[p];
            }
            long at = position(out, batch, i, j);
            out.put(at, alpha * sum + (beta == 0 ? 0 : beta * out.getDouble(at)));
        }
    }

    private void intColumn(long batch, long j, int k) {
        boolean bool = out.type() == DType.BOOL;
        long[] column = new long[k];
        for (int p = 0; p < k; p++) {
            column[p] = b.getLong(position(b, batch, p, j));
        }
        for (long i = 0; i < out.shape().size(1); i++) {
            long sum = 0;
            for (int p = 0; p < k; p++) {
                long product = a.getLong(position(a, batch, i, p)) * column[p];
                sum = bool ? sum | product : sum + product;
            }
            long at = position(out, batch, i, j);
            long old = beta == 0 ? 0 : (long) beta * out.getLong(at);
            out.put(at, (long) alpha * sum + old);
        }
    }
}
