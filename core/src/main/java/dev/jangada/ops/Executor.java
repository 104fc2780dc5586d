package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Kernels;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import java.nio.ByteBuffer;

/**
 * Who carries out what operations ask for: at once ({@link EagerExecutor}), or by writing it down.
 *
 * <p>Every kernel, allocation and transfer of a tensor operation passes here and nowhere else.
 */
public interface Executor extends Kernels {
    /** Returns a new contiguous operand with undefined content, whose storage has one handle. */
    default Operand allocate(DType dtype, Shape shape, Backend backend) {
        return allocate(dtype, Layout.contiguous(shape), backend);
    }

    /** As {@link #allocate(DType, Shape, Backend)} for a contiguous layout at offset 0. */
    Operand allocate(DType dtype, Layout layout, Backend backend);

    /** Copies from the host, in native byte order, to a contiguous operand. */
    void write(Operand target, ByteBuffer source);

    /** Copies a contiguous operand to the host, in native byte order, waiting for the device. */
    void read(ByteBuffer target, Operand source);

    /** Returns the executor of the calling thread. */
    static Executor current() {
        return ThreadState.current().executor;
    }
}
