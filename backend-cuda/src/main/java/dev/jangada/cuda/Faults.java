package dev.jangada.cuda;

import dev.jangada.ArgumentException;
import dev.jangada.JangadaException;
import dev.jangada.cuda.driver.Context;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.LongFunction;

/**
 * Mistakes that only a kernel can see: an index out of range, an integer divided by zero.
 *
 * <p>The first kernel that meets one claims the failure record of {@link CallContext}. From then on every kernel of ours does nothing, so
 * that what follows a failure leaves no trace, as if it had not been called. The failing kernel writes what it found into memory of the host
 * itself, so that looking costs no copy; whoever waits for the device next looks, clears the record and throws.
 */
final class Faults {
    private static final int HOST_WORDS = 4;
    private static final int BYTES = HOST_WORDS * Long.BYTES;
    /** Behind what a kernel writes the host's word stands that tells where. */
    private static final int REPORT_BYTES = 3 * Long.BYTES;

    private static final int REMEMBERED = 4096;

    private final Context context;
    private final long device;
    private final long pinned;
    private final ByteBuffer host;
    private final AtomicLong tickets = new AtomicLong();
    private final AtomicReferenceArray<Report> reports = new AtomicReferenceArray<>(REMEMBERED);
    private final Map<Long, LongFunction<JangadaException>> lasting = new ConcurrentHashMap<>();
    private final AtomicLong lastingTickets = new AtomicLong();
    private volatile long checked;

    private record Report(long ticket, LongFunction<JangadaException> failure) {}

    Faults(Context context) {
        this.context = context;
        this.device = context.allocateOrFail(256);
        this.pinned = context.allocatePinned(BYTES);
        this.host = Context.view(pinned, BYTES);
        host.putLong(0, 0).putLong(REPORT_BYTES, pinned);
        context.fill(device, (byte) 0, Long.BYTES);
        context.copyIn(device + Long.BYTES, pinned + REPORT_BYTES, Long.BYTES);
    }

    /** Returns the address of the record. */
    long address() {
        return device;
    }

    /**
     * Returns the ticket of a launch that may fail.
     *
     * @param report makes the exception of the value that was wrong
     */
    long ticket(LongFunction<JangadaException> report) {
        long ticket = tickets.incrementAndGet();
        reports.set((int) (ticket % REMEMBERED), new Report(ticket, report));
        return ticket;
    }

    /** Returns a ticket as {@link #ticket} does, for a launch that is recorded and runs many times: it is good until {@link #forget}. */
    long lastingTicket(LongFunction<JangadaException> report) {
        long ticket = -lastingTickets.incrementAndGet();
        lasting.put(ticket, report);
        return ticket;
    }

    /** Tells that something with lasting tickets was launched. */
    void launched() {
        tickets.incrementAndGet();
    }

    /** Gives a lasting ticket up. */
    void forget(long ticket) {
        lasting.remove(ticket);
    }

    /** Returns how many launches that may fail there were: what to pass to {@link #check} once the device has come so far. */
    long launchesSoFar() {
        return tickets.get();
    }

    /** Tells whether a kernel may have failed since {@link #launchesSoFar} was a number, and nobody has looked yet. */
    boolean mayHaveFailedSince(long launches) {
        return tickets.get() > Math.max(launches, checked);
    }

    /** Throws what a kernel has reported, if there is anything new; the device has come at least so far. */
    void check(long launches) {
        if (launches != checked) {
            JangadaException failure = look(launches);
            if (failure != null) {
                throw failure;
            }
        }
    }

    private synchronized JangadaException look(long launches) {
        long ticket = host.getLong(0);
        if (ticket == 0) {
            checked = Math.max(checked, launches);
            return null;
        }
        long value = host.getLong(Long.BYTES);
        host.putLong(0, 0); // until the record is cleared, no kernel writes here
        context.fill(device, (byte) 0, Long.BYTES);
        return report(ticket).apply(value);
    }

    private LongFunction<JangadaException> report(long ticket) {
        if (ticket < 0) {
            return lasting.getOrDefault(ticket, Faults::closed);
        }
        Report r = reports.get((int) (ticket % REMEMBERED));
        return r.ticket == ticket ? r.failure : Faults::forgotten;
    }

    private static JangadaException forgotten(long value) {
        return new ArgumentException("[cuda] expected values that every kernel takes, got " + value + " more than "
                + REMEMBERED + " launches ago; synchronize more often to see where");
    }

    private static JangadaException closed(long value) {
        return new ArgumentException("[capture] expected values that every kernel takes, got " + value
                + " in a captured function that has been closed since; synchronize before closing it to see where");
    }

    void close() {
        context.freePinned(pinned);
    }
}
