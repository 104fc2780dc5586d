package dev.jangada.backend;

import dev.jangada.DType;

/** Elements of a type at the positions of a layout: what the operands of kernels and of plans have in common. */
public interface Elements {
    /** Returns the element type. */
    DType dtype();

    /** Returns where the elements lie. */
    Layout layout();

    /** Returns the bytes that these elements take in memory; what is broadcast counts as it is stored. */
    default long storedBytes() {
        Layout l = layout();
        long n = 1;
        for (int i = 0; i < l.rank(); i++) {
            n *= l.stride(i) == 0 && l.size(i) > 0 ? 1 : l.size(i);
        }
        return n * dtype().size();
    }
}
