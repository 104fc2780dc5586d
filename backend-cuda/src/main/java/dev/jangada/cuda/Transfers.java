package dev.jangada.cuda;

import dev.jangada.ArgumentException;
import dev.jangada.backend.Block;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Event;
import java.nio.ByteBuffer;

/**
 * Copies between Java buffers and the device through page-locked memory, which the device reads and writes by itself.
 *
 * <p>On the way in, small copies fill a slot one behind the other, and the host goes on at once; it waits only when it comes round to a
 * slot that the device has not read yet. On the way out two slots take turns: while the device fills one, the host empties the other.
 */
final class Transfers {
    private static final int SLOT = 1 << 20;
    private static final int IN_SLOTS = 4;
    private static final int OUT_SLOTS = 2;
    private static final int ALIGNMENT = 64;

    private final Context context;
    private final Faults faults;
    private final Object in = new Object();
    private final Object out = new Object();
    private final Slot[] inSlots = new Slot[IN_SLOTS];
    private final Slot[] outSlots = new Slot[OUT_SLOTS];
    private int current;
    private int filled;

    private static final class Slot {
        final long address;
        final ByteBuffer view;
        final Event done;
        boolean recorded;

        Slot(Context context) {
            address = context.allocatePinned(SLOT);
            view = Context.view(address, SLOT);
            done = context.event();
        }
    }

    Transfers(Context context, Faults faults) {
        this.context = context;
        this.faults = faults;
    }

    private Slot slot(Slot[] slots, int i) {
        if (slots[i] == null) {
            slots[i] = new Slot(context);
        }
        return slots[i];
    }

    void fromHost(Block target, long position, ByteBuffer source) {
        int n = source.remaining();
        long to = address(target, position, n);
        synchronized (in) {
            for (int done = 0; done < n; ) {
                int part = Math.min(room(), n - done);
                Slot slot = slot(inSlots, current);
                slot.view.put(filled, source, source.position() + done, part);
                context.copyIn(to + done, slot.address + filled, part);
                filled += (part + ALIGNMENT - 1) & -ALIGNMENT;
                done += part;
            }
        }
    }

    /** Returns the room left in the current slot, after going to the next one if it is full. */
    private int room() {
        if (filled == SLOT) {
            Slot full = inSlots[current];
            context.record(full.done);
            full.recorded = true;
            current = (current + 1) % IN_SLOTS;
            Slot next = slot(inSlots, current);
            if (next.recorded) {
                context.await(next.done, "copy");
            }
            filled = 0;
        }
        return SLOT - filled;
    }

    void toHost(ByteBuffer target, Block source, long position) {
        int n = target.remaining();
        long from = address(source, position, n);
        if (n == 0) {
            return;
        }
        synchronized (out) {
            long launches = faults.launchesSoFar();
            start(from, n, 0);
            for (int done = 0, i = 0; i * (long) SLOT < n; done += SLOT, i++) {
                if (n - done > SLOT) {
                    start(from + done + SLOT, n - done - SLOT, (i + 1) % OUT_SLOTS);
                }
                Slot slot = outSlots[i % OUT_SLOTS];
                context.await(slot.done, "copy");
                faults.check(launches);
                target.put(target.position() + done, slot.view, 0, Math.min(SLOT, n - done));
            }
        }
    }

    private void start(long from, int bytes, int number) {
        Slot slot = slot(outSlots, number);
        context.copyOut(slot.address, from, Math.min(SLOT, bytes));
        context.record(slot.done);
    }

    /** A wrong position must be an exception, not a lost device. */
    private static long address(Block block, long position, int bytes) {
        if (position < 0 || position + bytes > block.bytes()) {
            throw new ArgumentException("[copy] expected bytes within a block of " + block.bytes() + ", got " + bytes
                    + " from position " + position);
        }
        return block.address() + position;
    }

    void close() {
        for (Slot[] slots : new Slot[][] {inSlots, outSlots}) {
            for (Slot s : slots) {
                if (s != null) {
                    context.freePinned(s.address);
                }
            }
        }
    }
}
