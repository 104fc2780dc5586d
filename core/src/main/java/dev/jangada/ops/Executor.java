package dev.jangada.ops;

import dev.jangada.CaptureException;
import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Kernels;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
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

    /** As {@link #guard(Supplier)} for a value that the program may change itself, by {@link #assign} with the same owner. */
    default <T> T guard(Object owner, Supplier<T> value) {
        return value.get();
    }

    /**
     * Changes Java's state that decides what is computed, such as a training flag: now and at each run of a captured program.
     *
     * @param wayBack returns what puts the value back that stands now, if the program fails
     */
    default void assign(Object owner, Runnable change, Supplier<Runnable> wayBack) {
        change.run();
    }

    /**
     * Changes Java's state that programs only use at run time, such as the position of a generator: not while a program is traced.
     *
     * @param wayBack returns what puts the state back that is there now
     */
    default void atRun(Runnable change, Supplier<Runnable> wayBack) {
        change.run();
    }

    /** Refuses what would happen at the trace of a captured program only. */
    static void requireEager(String op, String what, String instead) {
        if (current().isTracing()) {
            throw new CaptureException("[" + op + "] expected to be called outside of captured functions, for " + what
                    + " while one is traced would not be seen at its later runs, got a call"
                    + current().at() + "; "
                    + instead);
        }
    }

    /** Hears that the gradient of a tensor is about to be read or replaced. */
    default void touchGrad(GradState state, boolean read) {}

    /** Hears that a recorded operation is about to change a tensor in place, so that it gets another history. */
    default void touchGraph(Tensor tensor) {}

    /** Hears that a tensor on a storage is about to be given other memory, or another wish for a gradient. */
    default void touch(Storage storage) {}

    /** Returns the sequence number of the first graph node that a backward pass may reach. */
    default long firstNode() {
        return Long.MIN_VALUE;
    }

    /** Returns which line of a captured program asks for what is done now, as words to end a message with; nothing outside of one. */
    default String at() {
        return "";
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
