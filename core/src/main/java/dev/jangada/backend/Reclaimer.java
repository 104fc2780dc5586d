package dev.jangada.backend;

import dev.jangada.OutOfMemoryException;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLong;

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
    private static final Entry HEAD = new Entry();
    /** Written under the lock of HEAD, read without it. */
    private static final AtomicLong OUTSTANDING = new AtomicLong();

    private static volatile long limit = BUDGET;
    private static final Object COLLECTING = new Object();

    private Reclaimer() {}

    static {
        Thread t = new Thread(Reclaimer::drainForever, "jangada-reclaimer");
        t.setDaemon(true);
        t.start();
    }

    /** What must be freed when its storage is unreachable; a node of a doubly linked list that keeps it reachable itself. */
    static final class Entry extends PhantomReference<Storage> {
        private final Memory memory;
        private final long bytes;
        private Entry previous = this;
        private Entry next = this;
        private boolean freed;

        private Entry() {
            super(null, null);
            memory = null;
            bytes = 0;
        }

        private Entry(Storage storage, Memory memory, long bytes) {
            super(storage, QUEUE);
            this.memory = memory;
            this.bytes = bytes;
            synchronized (HEAD) {
                next = HEAD.next;
                previous = HEAD;
                next.previous = this;
                HEAD.next = this;
                OUTSTANDING.lazySet(OUTSTANDING.getPlain() + bytes);
            }
        }

        void free() {
            synchronized (HEAD) {
                if (freed) {
                    return;
                }
                freed = true;
                previous.next = next;
                next.previous = previous;
                OUTSTANDING.lazySet(OUTSTANDING.getPlain() - bytes);
            }
            // no clear(), a native call: out of the list this reference is unreachable itself and will not be enqueued
            memory.free();
        }
    }

    static Entry track(Storage storage, Memory memory, long bytes) {
        return new Entry(storage, memory, bytes);
    }

    /** Returns the bytes of all storages that have not been freed. */
    static long outstanding() {
        return OUTSTANDING.get();
    }

    static Memory allocate(Backend backend, long bytes) {
        drain();
        if (OUTSTANDING.get() + bytes > limit) {
            collect(bytes, false);
        }
        try {
            return backend.allocate(bytes);
        } catch (OutOfMemoryException e) {
            collect(bytes, true);
            backend.emptyCache();
            return lastTry(backend, bytes);
        }
    }

    private static Memory lastTry(Backend backend, long bytes) {
        try {
            return backend.allocate(bytes);
        } catch (OutOfMemoryException e) {
            long live = OUTSTANDING.get();
            limit = live + Math.max(BUDGET, live); // nothing was allocated: a huge request must not raise the limit
            throw e;
        }
    }

    private static void drain() {
        Entry e;
        while ((e = (Entry) QUEUE.poll()) != null) {
            e.free();
        }
    }

    private static void drainForever() {
        while (true) {
            try {
                ((Entry) QUEUE.remove()).free();
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
            if (!needed && OUTSTANDING.get() + bytes <= limit) {
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
            long live = OUTSTANDING.get();
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
            long before = OUTSTANDING.get();
            drain();
            pause();
            quiet = OUTSTANDING.get() == before ? quiet + 1 : 0;
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
