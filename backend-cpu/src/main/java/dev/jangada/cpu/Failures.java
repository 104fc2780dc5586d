package dev.jangada.cpu;

import dev.jangada.ArgumentException;
import dev.jangada.IndexException;
import dev.jangada.JangadaException;
import dev.jangada.OutOfMemoryException;
import dev.jangada.backend.Layout;

/** What went wrong in a kernel, as exceptions: the same ones whether it was called alone or in a plan. */
final class Failures {
    /** The status of a kernel that found no memory for its temporary needs: it has written nothing. */
    static final int NO_MEMORY = 2;

    private Failures() {}

    /** Returns the exception of an element-wise kernel, a reduction or a product. */
    static JangadaException ofKernel(String kernel, int status) {
        return status == NO_MEMORY
                ? new OutOfMemoryException("[" + kernel
                        + "] expected free memory for temporary copies, got none; close tensors or use smaller batches")
                : new ArgumentException("[" + kernel
                        + "] expected divisors other than 0, got an integer division by zero; convert to a floating point"
                        + " type, or replace the zeros");
    }

    /** Returns the exception of a gather from, or scatter to, an operand with this layout. */
    static IndexException ofIndex(String op, long index, int dim, Layout layout) {
        return new IndexException("[" + op + "] expected indices in [0, " + Calls.size(layout, dim) + ") for dimension "
                + dim + " of shape " + layout.shape() + ", got " + index);
    }

    /** Returns the exception of a plan that found no memory for the temporary needs of its kernels. */
    static OutOfMemoryException ofPlan() {
        return new OutOfMemoryException(
                "[capture] expected free memory for the temporary copies and sums of a plan, got"
                        + " none; nothing was run: close tensors or use smaller batches");
    }

    /** Returns the exception of a program that found no memory for its native form. */
    static OutOfMemoryException ofProgram() {
        return new OutOfMemoryException(
                "[kernel] expected free memory for the native form of a program, got none; close tensors");
    }

    /** Returns the exception of a sort along a dimension. */
    static OutOfMemoryException ofSort(int dim, Layout layout) {
        return new OutOfMemoryException("[sort] expected free memory for " + 2 * Calls.size(layout, dim)
                + " pairs of value and position, got none; close tensors or sort in parts");
    }
}
