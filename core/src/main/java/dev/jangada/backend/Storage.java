package dev.jangada.backend;

import dev.jangada.CaptureException;
import dev.jangada.ClosedTensorException;
import dev.jangada.Device;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/**
 * The memory of one or more tensors, counted by handles: freed when the last handle is released, or when the storage becomes unreachable.
 *
 * <p>Every tensor, view and graph node that uses a storage holds one handle. A handle that nobody releases costs only time: the garbage
 * collector's reference queue frees the memory.
 */
public final class Storage {
    private static final VarHandle HANDLES;
    private static final VarHandle VERSION;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            HANDLES = lookup.findVarHandle(Storage.class, "handles", int.class);
            VERSION = lookup.findVarHandle(Storage.class, "version", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Backend backend;
    private final Memory memory;
    private final long bytes;
    private final long id;
    private final Reclaimer.Entry entry;

    /** Read and written through HANDLES: plain only here, where a volatile write would cost as much as the rest of the constructor. */
    @SuppressWarnings("UnusedVariable")
    private int handles = 1;

    private volatile int version;

    private int marks;

    private Storage(Backend backend, Memory memory, long bytes, ThreadMemory thread) {
        this.backend = backend;
        this.memory = memory;
        this.bytes = bytes;
        this.id = thread.newId();
        this.entry = memory == null ? null : new Reclaimer.Entry(this, memory, bytes, thread);
    }

    /**
     * Allocates a storage with one handle and undefined content.
     *
     * @throws dev.jangada.OutOfMemoryException if there is no memory left after a garbage collection and emptying the cache
     */
    public static Storage allocate(Backend backend, long bytes) {
        ThreadMemory thread = ThreadMemory.current();
        return new Storage(backend, Reclaimer.allocate(thread, backend, bytes), bytes, thread);
    }

    /**
     * Collects unreachable storages and empties the cache of a backend: what is done once before anything fails for want of memory.
     * {@link #allocate} does so by itself.
     */
    public static void reclaim(Backend backend) {
        Reclaimer.reclaim(backend, 0);
    }

    /** Returns a storage without memory, with one handle: it stands for one that each run of a plan will have. */
    public static Storage symbolic(Backend backend, long bytes) {
        return new Storage(backend, null, bytes, ThreadMemory.current());
    }

    /** Tells whether this storage has no memory; see {@link #symbolic}. */
    public boolean isSymbolic() {
        return memory == null;
    }

    /** Returns the backend that owns the memory. */
    public Backend backend() {
        return backend;
    }

    /** Returns the device. */
    public Device device() {
        return backend.device();
    }

    /** Returns the size in bytes. */
    public long bytes() {
        return bytes;
    }

    /**
     * Returns the block of memory; the caller holds a handle for as long as it uses the block, or has marked it as {@link InUse}.
     *
     * @throws ClosedTensorException if all handles were released
     */
    public Memory memory() {
        if ((int) HANDLES.getVolatile(this) <= 0) {
            throw closed();
        }
        if (memory == null) {
            throw new CaptureException(
                    "[capture] expected a tensor with memory, got one made inside a captured function,"
                            + " which lives only there; return it from the function, or copy_ it into a tensor made outside");
        }
        return memory;
    }

    /** Returns the number by which {@link InUse} knows it. */
    long id() {
        return id;
    }

    private static ClosedTensorException closed() {
        return new ClosedTensorException(
                "[tensor] expected an open tensor, got one whose memory has been freed by close() or the end of"
                        + " its TensorScope; keep it with scope.keep(t), or clone it before");
    }

    /**
     * Adds a handle.
     *
     * @throws ClosedTensorException if all handles were released
     */
    public void retain() {
        int n;
        do {
            n = (int) HANDLES.getAcquire(this);
            if (n <= 0) {
                throw closed();
            }
        } while (!HANDLES.weakCompareAndSet(this, n, n + 1));
    }

    /** Releases a handle; with the last one the memory is freed, after the kernels of other threads that use it. */
    public void release() {
        int before = (int) HANDLES.getAndAdd(this, -1);
        if (before == 1) {
            if (entry != null) {
                ThreadMemory thread = ThreadMemory.current();
                thread.awaitOthers(id);
                entry.free(thread);
                Reference.reachabilityFence(this); // see Entry.freed
            }
        } else if (before < 1) {
            HANDLES.getAndAdd(this, 1);
            throw new AssertionError("a storage was released more often than retained");
        }
    }

    /** Returns whether exactly one handle is left, so that its owner may reuse the memory. */
    public boolean isUnique() {
        return (int) HANDLES.getAcquire(this) == 1;
    }

    /** Tells whether there is a handle left. */
    public boolean isOpen() {
        return (int) HANDLES.getAcquire(this) > 0;
    }

    /**
     * Returns a fingerprint of which tensors show this storage otherwise than when they were made: with another memory given to them, or
     * another wish for a gradient. A plan fits only as long as the fingerprints of its storages are those of its trace.
     */
    public int marks() {
        return marks;
    }

    /** Adds something to the fingerprint; adding it again takes it away. */
    public void mark(int change) {
        marks ^= change;
    }

    /** Returns how often the content was changed in place: saved tensors compare it to find changes. */
    public int version() {
        return version;
    }

    /** Records a change in place. */
    public void bumpVersion() {
        VERSION.getAndAdd(this, 1);
    }
}
