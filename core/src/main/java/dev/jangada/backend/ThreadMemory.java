package dev.jangada.backend;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.Arrays;

/**
 * A thread's part of memory management: the entries of the storages that it allocated, the bytes that it allocated less those that it freed,
 * and what its running kernel uses. Only that thread writes it, so that an operation takes no lock.
 *
 * <p>When the thread has ended, the next new thread takes its part over, with the entries in it.
 */
final class ThreadMemory {
    private static final int CHUNK_BITS = 8;
    private static final int CHUNK = 1 << CHUNK_BITS;
    /** After so many bytes a thread compares the sum of all threads with the limit. */
    private static final long CHECK_EVERY = 1 << 20;

    private static final ThreadLocal<ThreadMemory> CURRENT = ThreadLocal.withInitial(ThreadMemory::join);
    private static final VarHandle OUTSTANDING;
    private static volatile ThreadMemory[] all = {};

    static {
        try {
            OUTSTANDING = MethodHandles.lookup().findVarHandle(ThreadMemory.class, "outstanding", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final InUse inUse = new InUse();
    private WeakReference<Thread> owner = new WeakReference<>(Thread.currentThread()); // guarded by the class

    private Reclaimer.Entry[][] chunks = {new Reclaimer.Entry[CHUNK]};
    private int[] freeSlots = new int[CHUNK];
    private int freeCount;
    private int sweep;
    private int found;

    @SuppressWarnings("unused") // through OUTSTANDING
    private long outstanding;

    private long unchecked;
    private long nextId;

    private ThreadMemory(int number) {
        nextId = (long) number << 48;
    }

    static ThreadMemory current() {
        return CURRENT.get();
    }

    private static synchronized ThreadMemory join() {
        for (ThreadMemory m : all) {
            Thread t = m.owner.get();
            if (t == null || !t.isAlive()) {
                m.owner = new WeakReference<>(Thread.currentThread());
                return m;
            }
        }
        ThreadMemory[] more = Arrays.copyOf(all, all.length + 1);
        more[all.length] = new ThreadMemory(all.length);
        all = more;
        return more[more.length - 1];
    }

    /** Returns how many threads have a part, ended ones that nobody has succeeded included. */
    static int parts() {
        return all.length;
    }

    /** Returns a number that no other storage has (or one that had it long ago: a wait too much does no harm). */
    long newId() {
        return nextId++;
    }

    /** Waits until no other thread's kernel uses a storage that has no handles left. */
    void awaitOthers(long id) {
        for (ThreadMemory m : all) {
            if (m != this) {
                m.inUse.await(id);
            }
        }
    }

    /** Returns the bytes of all storages that have not been freed. */
    static long totalOutstanding() {
        long sum = 0;
        for (ThreadMemory m : all) {
            sum += (long) OUTSTANDING.getOpaque(m);
        }
        return sum;
    }

    /** Counts an allocation, or a negative number for memory that is freed. */
    void count(long bytes) {
        OUTSTANDING.setOpaque(this, outstanding + bytes);
    }

    /** Tells whether so much was asked for since the last time that the sum must be compared with the limit. */
    boolean mustCheck(long bytes) {
        unchecked += bytes;
        if (unchecked < CHECK_EVERY && bytes >= 0) {
            return false;
        }
        unchecked = 0;
        return true;
    }

    /** Returns the number of a free slot: one that this thread has freed, or one that another thread has. */
    int takeSlot() {
        return freeCount > 0 ? freeSlots[--freeCount] : findSlot();
    }

    Reclaimer.Entry[] chunk(int slot) {
        return chunks[slot >> CHUNK_BITS];
    }

    static int place(int slot) {
        return slot & (CHUNK - 1);
    }

    void giveSlot(int slot) {
        freeSlots[freeCount++] = slot;
    }

    /** Looks through all slots in turn. A round that finds few free ones is the last at this size, so that the search stays short. */
    private int findSlot() {
        while (true) {
            int capacity = freeSlots.length;
            for (; sweep < capacity; sweep++) {
                if (chunk(sweep)[place(sweep)] == null) {
                    found++;
                    return sweep++;
                }
            }
            if (found < capacity / 4) {
                grow(); // and go on with the new ones
            } else {
                sweep = 0;
            }
            found = 0;
        }
    }

    private void grow() {
        int before = chunks.length;
        chunks = Arrays.copyOf(chunks, 2 * before);
        for (int i = before; i < chunks.length; i++) {
            chunks[i] = new Reclaimer.Entry[CHUNK];
        }
        freeSlots = new int[chunks.length * CHUNK]; // empty now
    }
}
