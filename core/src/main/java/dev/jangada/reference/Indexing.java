package dev.jangada.reference;

import dev.jangada.DType;
import dev.jangada.IndexException;
import dev.jangada.backend.Layout;
import dev.jangada.kernel.ScatterOp;

/** Gather and scatter along one dimension by an index tensor. */
final class Indexing {
    private final Elements index;
    private final int dim;

    Indexing(Elements index, int dim) {
        this.index = index;
        this.dim = dim;
    }

    void gather(Elements out, Elements in) {
        check("gather", in);
        long stride = in.layout().stride(dim);
        Walk.over(
                index.shape(),
                (number, at) -> out.copy(at[0], in, at[1] + index.getLong(at[2]) * stride),
                out.layout(),
                without(in.layout()),
                index.layout());
    }

    void scatter(ScatterOp op, Elements out, Elements src) {
        check("scatter", out);
        long stride = out.layout().stride(dim);
        Walk.over(
                index.shape(),
                (number, at) -> {
                    long to = at[0] + index.getLong(at[1]) * stride;
                    switch (op) {
                        case ASSIGN -> out.copy(to, src, at[2]);
                        case ADD -> add(out, to, src, at[2]);
                    }
                },
                without(out.layout()),
                index.layout(),
                src.layout());
    }

    private static void add(Elements out, long to, Elements src, long from) {
        if (out.isFloat()) {
            out.put(to, out.getDouble(to) + src.getDouble(from));
        } else {
            long sum = out.getLong(to) + src.getLong(from);
            out.put(to, out.type() == DType.BOOL ? Math.min(sum, 1) : sum);
        }
    }

    /** The layout with a stride of 0 in the indexed dimension: the index decides there. */
    private Layout without(Layout layout) {
        long[] strides = layout.strides();
        strides[dim] = 0;
        return Layout.of(layout.shape(), strides, layout.offset());
    }

    /** Checks every index before anything is written. */
    private void check(String op, Elements indexed) {
        long size = indexed.shape().size(dim);
        Walk.over(
                index.shape(),
                (number, at) -> {
                    long i = index.getLong(at[0]);
                    if (i < 0 || i >= size) {
                        throw new IndexException("[" + op + "] expected indices in [0, " + size + ") for dimension "
                                + dim + " of " + indexed.shape() + ", got " + i + " at element " + number
                                + " of the index");
                    }
                },
                index.layout());
    }
}
