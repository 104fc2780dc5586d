package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Kernels;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

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

    /** Returns scalars for the next kernel, which gets this very array. */
    default long[] scalars(int count, HostScalars source) {
        long[] bits = new long[count];
        source.fill(bits);
        return bits;
    }

    /** Returns a value of Java's that decides what is computed: a plan is chosen by it. */
    default <T> T guard(Supplier<T> value) {
        return value.get();
    }

    /** Makes tensors that outlast the program, such as the state of an optimiser: at once, also while a program is traced. */
    default <T> T outside(Supplier<T> body) {
        return body.get();
    }

    /** Tells whether kernels are written down instead of run. */
    default boolean isTracing() {
        return false;
    }

    /** Returns the executor of the calling thread. */
    static Executor current() {
        return ThreadState.current().executor;
    }
}
