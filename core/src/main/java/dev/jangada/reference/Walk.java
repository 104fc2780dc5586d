package dev.jangada.reference;

import dev.jangada.Shape;
import dev.jangada.backend.Layout;

/** Visits all indices of a shape in row-major order, with the positions they have in several layouts. */
final class Walk {
    private Walk() {}

    /** Receives one index. */
    interface Visitor {
        /** Receives the row-major number of the index, and its position in each layout. */
        void visit(long number, long[] positions);
    }

    static void over(Shape shape, Visitor visitor, Layout... layouts) {
        int rank = shape.rank();
        long[] index = new long[rank];
        long[] positions = new long[layouts.length];
        for (long number = 0; number < shape.numel(); number++) {
            for (int l = 0; l < layouts.length; l++) {
                positions[l] = position(layouts[l], index);
            }
            visitor.visit(number, positions);
            for (int d = rank - 1; d >= 0 && ++index[d] == shape.size(d); d--) {
                index[d] = 0;
            }
        }
    }

    private static long position(Layout layout, long[] index) {
        long p = layout.offset();
        for (int d = 0; d < index.length; d++) {
            p += index[d] * layout.stride(d);
        }
        return p;
    }

    static Layout[] layouts(Elements[]... groups) {
        int n = 0;
        for (Elements[] g : groups) {
            n += g.length;
        }
        Layout[] all = new Layout[n];
        int i = 0;
        for (Elements[] g : groups) {
            for (Elements e : g) {
                all[i++] = e.layout();
            }
        }
        return all;
    }
}
