package dev.jangada.backend;

import dev.jangada.OutOfMemoryException;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;

/**
 * Frees the memory of unreachable storages, and asks for a garbage collection when much memory is outstanding.
 *
 * <p>The collector sees only small Java objects and would not run for a long time while native memory grows. So the bytes outstanding are
 * counted, and when they have grown by {@link #BUDGET} (or doubled) since the last collection another one is asked for. With
 * {@code -XX:+DisableExplicitGC} only an allocation that fails frees anything.
 */
final class Reclaimer {
    /** Bytes of possible garbage before a collection is asked for. */
    private static final long BUDGET = Long.getLong("jangada.gcBudgetMegabytes", 448) << 20;

    private static final ReferenceQueue<Storage> QUEUE = new ReferenceQueue<>();
    private static volatile long limit = BUDGET;
    private static final Object COLLECTING = new Object();

    private Reclaimer() {}

    static {
        Thread t = new Thread(Reclaimer::drainForever, "jangada-reclaimer");
        t.setDaemon(true);
        t.start();
    }

    /** What must be freed when its storage is unreachable; the thread that made it keeps it reachable itself. */
    static final class Entry extends PhantomReference<Storage> {
        private final Memory memory;
        private final long bytes;
        private final ThreadMemory home;
        private final Entry[] chunk;
        private final int slot;

        /** Plain: releasing a storage keeps it reachable until it is set, so that the collector's queue brings the entry after that. */
        private boolean freed;

        Entry(Storage storage, Memory memory, long bytes, ThreadMemory home) {
            super(storage, QUEUE);
            this.memory = memory;
            this.bytes = bytes;
            this.home = home;
            this.slot = home.takeSlot();
            this.chunk = home.chunk(slot);
            chunk[ThreadMemory.place(slot)] = this;
            home.count(bytes);
        }

        /** Frees the memory, once. */
        void free(ThreadMemory thread) {
            if (freed) {
                return;
            }
            freed = true;
            chunk[ThreadMemory.place(slot)] = null;
            if (home == thread) {
                thread.giveSlot(slot);
            }
            thread.count(-bytes);
            // no clear(), a native call: nothing refers to this reference now, so it will not be enqueued
            memory.free();
        }
    }

    /** Returns the bytes of all storages that have not been freed. */
    static long outstanding() {
        return ThreadMemory.totalOutstanding();
    }

    static Memory allocate(ThreadMemory thread, Backend backend, long bytes) {
        drain();
        if (thread.mustCheck(bytes) && outstanding() + bytes > limit) {
            collect(bytes, false);
        }
        try {
            return backend.allocate(bytes);
        } catch (OutOfMemoryException e) {
            reclaim(backend, bytes);
            return lastTry(backend, bytes);
        }
    }

    /** Frees what is unreachable, and gives the cache of a backend back. */
    static void reclaim(Backend backend, long bytes) {
        collect(bytes, true);
        backend.emptyCache();
    }

    private static Memory lastTry(Backend backend, long bytes) {
        try {
            return backend.allocate(bytes);
        } catch (OutOfMemoryException e) {
            long live = outstanding();
            limit = live + Math.max(BUDGET, live); // nothing was allocated: a huge request must not raise the limit
            throw e;
        }
    }

    private static void drain() {
        Entry e;
        while ((e = (Entry) QUEUE.poll()) != null) {
            e.free(ThreadMemory.current());
        }
    }

    private static void drainForever() {
        while (true) {
            try {
                ((Entry) QUEUE.remove()).free(ThreadMemory.current());
            } catch (InterruptedException e) {
                return; // only a shutdown of the JVM interrupts a daemon
            } catch (RuntimeException | Error e) {
                System.getLogger("dev.jangada").log(System.Logger.Level.WARNING, "freeing memory failed", e);
            }
        }
    }

    /** Collects garbage and waits until the queue brings nothing more; one thread at a time. */
    private static void collect(long bytes, boolean needed) {
        synchronized (COLLECTING) {
            if (!needed && outstanding() + bytes <= limit) {
                return; // another thread has just done it
            }
            boolean interrupted = Thread.interrupted(); // an interrupted thread could not wait
            try {
                gather();
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
            long live = outstanding();
            limit = live + bytes + Math.max(BUDGET, live);
        }
    }

    private static void gather() {
        ReferenceQueue<Object> seen = new ReferenceQueue<>();
        WeakReference<Object> witness = new WeakReference<>(new Object(), seen);
        System.gc();
        await(seen, witness);
        int quiet = 0;
        while (quiet < 2 && !Thread.currentThread().isInterrupted()) {
            long before = outstanding();
            drain();
            pause();
            quiet = outstanding() == before ? quiet + 1 : 0;
        }
    }

    /** Waits until the collector has handed over references, but not for ever: explicit collections may be disabled. */
    private static void await(ReferenceQueue<Object> queue, WeakReference<Object> witness) {
        try {
            if (queue.remove(200) != null) {
                witness.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
