package dev.jangada.cuda;

import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Event;
import java.nio.LongBuffer;

/**
 * Page-locked memory for the words that the host brings to each launch of a graph. A few pages take turns: the host writes the next one while
 * the device has yet to read those before. The pages are parts of one allocation: the copy at the head of a graph may be given another place
 * to read from, but not memory that is mapped otherwise.
 */
final class Staging {
    private static final int PAGES = 4;

    private final Context context;
    private final long address;
    private final int bytes;
    private final LongBuffer[] views = new LongBuffer[PAGES];
    private final Event[] read = new Event[PAGES];
    private final boolean[] recorded = new boolean[PAGES];
    private int current;

    /** Creates pages of so many words. */
    Staging(Context context, int words) {
        this.context = context;
        this.bytes = words * Long.BYTES;
        this.address = context.allocatePinned((long) PAGES * bytes);
        for (int i = 0; i < PAGES; i++) {
            views[i] = Context.view(address(i), bytes).asLongBuffer();
            read[i] = context.event();
        }
    }

    /** Goes to the next page, waiting for the device if it has not read what stands there, and returns it, empty. */
    LongBuffer next() {
        current = (current + 1) % PAGES;
        if (recorded[current]) {
            context.await(read[current], "capture");
            recorded[current] = false;
        }
        return views[current].clear();
    }

    /** Returns the address of the page. */
    long address() {
        return address(current);
    }

    private long address(int page) {
        return address + (long) page * bytes;
    }

    /** Tells that the device has been asked to read the page. */
    void launched() {
        context.record(read[current]);
        recorded[current] = true;
    }

    /** Gives the memory back; the device must have read it. */
    void close() {
        context.freePinned(address);
        for (Event e : read) {
            context.destroy(e);
        }
    }
}
