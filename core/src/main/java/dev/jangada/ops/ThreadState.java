package dev.jangada.ops;

import dev.jangada.TensorScope;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What differs from thread to thread: gradient recording, the open scope, and who executes operations. */
public final class ThreadState {
    private static final ThreadLocal<ThreadState> CURRENT = ThreadLocal.withInitial(ThreadState::new);

    /** Whether operations are recorded for gradients. */
    public boolean gradEnabled = true;

    /** Whether new tensors are inference tensors, which can never be recorded. */
    public boolean inference;

    /** The innermost open scope, or null. */
    public TensorScope scope;

    /** Who executes operations. */
    public Executor executor = EagerExecutor.INSTANCE;

    /** Number of the next graph node of this thread: later nodes run first in the backward pass. */
    public long sequence;

    /** Room for one element that is read back. */
    final ByteBuffer word = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());

    private ThreadState() {}

    /** Returns the state of the calling thread. */
    public static ThreadState current() {
        return CURRENT.get();
    }
}
