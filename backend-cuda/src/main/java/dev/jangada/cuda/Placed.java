package dev.jangada.cuda;

import dev.jangada.DType;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;

/**
 * An operand at an address on the device.
 *
 * @param address of element 0 of the layout's dimensions, its offset included
 * @param dtype type of the elements
 * @param layout sizes and strides; its offset is already in the address
 */
record Placed(long address, DType dtype, Layout layout) {
    /** Returns an operand whose storage starts at an address. */
    static Placed of(long storage, Operand operand) {
        return of(storage, operand.dtype(), operand.layout());
    }

    /** Returns elements of a type in memory that starts at an address. */
    static Placed of(long storage, DType dtype, Layout layout) {
        return new Placed(storage + layout.offset() * dtype.size(), dtype, layout);
    }

    long size(int dim) {
        return layout.size(dim);
    }

    long stride(int dim) {
        return layout.stride(dim);
    }
}
