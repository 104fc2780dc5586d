package dev.jangada.backend;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * The storages that a thread's running kernel uses. Another thread that closes the last tensor of one of them waits until the kernel is done
 * before it frees the memory.
 *
 * <p>This costs one memory fence per kernel, where a handle on each storage would cost two atomic changes per operand. A kernel publishes
 * the numbers of its storages, then checks that they are open; who closes takes the last handle, then looks at what others have published.
 * Both steps are sequentially consistent, so that one of the two sees the other.
 */
public final class InUse {
    private static final VarHandle COUNT;
    private static final int SPINS = 200;
    private static final long PAUSE_NANOS = 20_000;

    static {
        try {
            COUNT = MethodHandles.lookup().findVarHandle(InUse.class, "count", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long[] ids = new long[30];

    @SuppressWarnings("unused") // through COUNT
    private int count;

    InUse() {}

    /** Returns that of the calling thread. */
    public static InUse current() {
        return ThreadMemory.current().inUse;
    }

    /**
     * Marks storages as used, until {@link #end} is called with the result.
     *
     * @throws dev.jangada.ClosedTensorException if one of them has been freed; none is marked then
     */
    public int begin(Operand[] some, Operand[] others) {
        int before = count;
        int n = before + some.length + others.length;
        if (n > ids.length) {
            ids = Arrays.copyOf(ids, 2 * n);
        }
        int at = put(ids, before, some);
        put(ids, at, others);
        COUNT.setVolatile(this, n);
        try {
            check(some);
            check(others);
        } catch (RuntimeException e) {
            end(before);
            throw e;
        }
        return before;
    }

    /** As {@link #begin(Operand[], Operand[])} for storages. */
    public int begin(Storage[] storages) {
        int before = count;
        int n = before + storages.length;
        if (n > ids.length) {
            ids = Arrays.copyOf(ids, 2 * n);
        }
        int at = before;
        for (Storage s : storages) {
            ids[at++] = s.id();
        }
        COUNT.setVolatile(this, n);
        try {
            for (Storage s : storages) {
                s.memory();
            }
        } catch (RuntimeException e) {
            end(before);
            throw e;
        }
        return before;
    }

    private static int put(long[] ids, int from, Operand[] operands) {
        int at = from;
        for (Operand o : operands) {
            ids[at++] = o.storage().id();
        }
        return at;
    }

    private static void check(Operand[] operands) {
        for (Operand o : operands) {
            o.storage().memory();
        }
    }

    /** Ends the use that began with this mark. */
    public void end(int mark) {
        COUNT.setRelease(this, mark);
    }

    /** Waits until the thread of this object, another one, does not use a storage that has no handles left. */
    void await(long id) {
        for (int i = 0; uses(id); i++) {
            if (i < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** A number read while it changes does no harm: a kernel that begins now finds the storage without handles. */
    private boolean uses(long id) {
        int n = (int) COUNT.getVolatile(this);
        if (n == 0) {
            return false;
        }
        long[] published = ids;
        for (int i = Math.min(n, published.length) - 1; i >= 0; i--) {
            if (published[i] == id) {
                return true;
            }
        }
        return false;
    }
}
