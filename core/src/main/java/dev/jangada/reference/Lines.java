package dev.jangada.reference;

import dev.jangada.Shape;
import dev.jangada.kernel.Element;
import dev.jangada.kernel.ScanOp;
import java.util.Arrays;
import java.util.Comparator;

/** Kernels that go along one dimension, line by line: scan and sort. */
final class Lines {
    private final int dim;

    Lines(int dim) {
        this.dim = dim;
    }

    /** Visits the first positions of all lines. */
    private void each(Walk.Visitor visitor, Elements... all) {
        Shape starts = all[0].shape().with(dim, 1);
        Walk.over(starts, visitor, Walk.layouts(all));
    }

    private long stride(Elements e) {
        return e.layout().stride(dim);
    }

    void scan(ScanOp op, Elements out, Elements in) {
        long n = in.shape().size(dim);
        each(
                (number, at) -> {
                    double floating = 0;
                    long integer = 0;
                    for (long i = 0; i < n; i++) {
                        long from = at[1] + i * stride(in);
                        long to = at[0] + i * stride(out);
                        if (in.isFloat()) {
                            double x = in.getDouble(from);
                            floating = i == 0 ? x : combine(op, floating, x);
                            out.put(to, floating);
                        } else {
                            long x = in.getLong(from);
                            integer = i == 0 ? x : Element.wrap(combine(op, integer, x), in.type());
                            out.put(to, integer);
                        }
                    }
                },
                out,
                in);
    }

    private static double combine(ScanOp op, double a, double b) {
        return switch (op) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    private static long combine(ScanOp op, long a, long b) {
        return switch (op) {
            case SUM -> a + b;
            case PROD -> a * b;
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
        };
    }

    void sort(Elements values, Elements indices, Elements in, boolean descending) {
        int n = Math.toIntExact(in.shape().size(dim));
        long k = values.shape().size(dim);
        each(
                (number, at) -> {
                    Integer[] order = new Integer[n];
                    Arrays.setAll(order, i -> i);
                    Comparator<Integer> ascending = comparator(in, at[2]);
                    Arrays.sort(order, descending ? ascending.reversed() : ascending);
                    for (int i = 0; i < k; i++) {
                        values.copy(at[0] + i * stride(values), in, at[2] + order[i] * stride(in));
                        indices.put(at[1] + i * stride(indices), (long) order[i]);
                    }
                },
                values,
                indices,
                in);
    }

    /** Arrays.sort is stable, so equal elements keep their order, descending too. The line is read once. */
    private Comparator<Integer> comparator(Elements in, long start) {
        int n = Math.toIntExact(in.shape().size(dim));
        if (in.isFloat()) {
            double[] line = new double[n];
            Arrays.setAll(line, i -> in.getDouble(start + i * stride(in)));
            return (i, j) -> compare(line[i], line[j]);
        }
        long[] line = new long[n];
        Arrays.setAll(line, i -> in.getLong(start + i * stride(in)));
        return (i, j) -> Long.compare(line[i], line[j]);
    }

    /** Unlike Double.compare: both zeros are equal. NaN is the largest. */
    private static int compare(double a, double b) {
        return a < b ? -1 : a > b ? 1 : Boolean.compare(Double.isNaN(a), Double.isNaN(b));
    }
}
