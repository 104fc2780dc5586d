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
        long[] sizes = shape.toArray();
        long[] index = new long[sizes.length];
        long[] positions = new long[layouts.length];
        long[][] strides = new long[layouts.length][];
        for (int l = 0; l < layouts.length; l++) {
            strides[l] = layouts[l].strides();
        }
        for (long number = 0; number < shape.numel(); number++) {
            for (int l = 0; l < layouts.length; l++) {
                positions[l] = layouts[l].offset();
                for (int d = 0; d < index.length; d++) {
                    positions[l] += index[d] * strides[l][d];
                }
            }
            visitor.visit(number, positions);
            for (int d = sizes.length - 1; d >= 0 && ++index[d] == sizes[d]; d--) {
                index[d] = 0;
            }
        }
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
