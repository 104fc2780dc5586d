package dev.jangada.cuda.driver;

import dev.jangada.backend.Activity;
import dev.jangada.backend.Tally;
import dev.jangada.backend.Work;
import java.util.function.IntSupplier;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;

/**
 * Counts what a device is asked for, and times what it runs, while this is switched on.
 *
 * <p>An event goes before and one behind every launch of a kernel, a library's product or a graph; the time between them is busy, also where
 * a graph's kernels wait for each other. A few pairs are on their way at once.
 */
public final class Meter {
    private static final int PAIRS = 256;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Context context;
    private final CUstream_st stream;
    private final Tally tally = new Tally();

    // Guarded by this.
    private final CUevent_st[] starts = new CUevent_st[PAIRS];
    private final CUevent_st[] ends = new CUevent_st[PAIRS];
    private int oldest;
    private int pending;
    private double busyNanos;

    Meter(Context context, CUstream_st stream) {
        this.context = context;
        this.stream = stream;
    }

    /** Starts or ends counting; what was counted stays. */
    public synchronized void turn(boolean on) {
        if (on && starts[0] == null) {
            context.bind("activity");
            for (int i = 0; i < PAIRS; i++) {
                starts[i] = event();
                ends[i] = event();
            }
        }
        tally.turn(on);
    }

    private CUevent_st event() {
        CUevent_st e = new CUevent_st();
        context.check(cudart.cuEventCreate(e, cudart.CU_EVENT_DEFAULT), "activity");
        return e;
    }

    /** Tells whether to count. */
    public boolean isOn() {
        return tally.isOn();
    }

    /** Adds what kernels that were launched read, write and compute. */
    public void work(Work work) {
        tally.run(0, 0, work);
    }

    /** Counts a call that launches no kernel, such as a copy, if this is on. */
    void hostCall() {
        if (tally.isOn()) {
            tally.hostCall();
        }
    }

    /**
     * Makes a call that puts kernels on the device's stream.
     *
     * @return the status of the call
     */
    synchronized int measure(long kernels, IntSupplier call) {
        if (pending == PAIRS) {
            settle();
        }
        int at = (oldest + pending) % PAIRS;
        boolean started = cudart.cuEventRecord(starts[at], stream) == Status.SUCCESS;
        int status = call.getAsInt();
        if (status == Status.SUCCESS) {
            tally.run(kernels, 1, Work.NONE);
            if (started && cudart.cuEventRecord(ends[at], stream) == Status.SUCCESS) {
                pending++;
            }
        }
        return status;
    }

    /** Waits for the oldest pair. What a lost device has done in the end is not known. */
    private void settle() {
        float[] millis = new float[1];
        if (cudart.cuEventSynchronize(ends[oldest]) == Status.SUCCESS
                && cudart.cuEventElapsedTime(millis, starts[oldest], ends[oldest]) == Status.SUCCESS) {
            busyNanos += millis[0] * NANOS_PER_MILLI;
        }
        oldest = (oldest + 1) % PAIRS;
        pending--;
    }

    /** Waits for what was timed, and returns all that was counted. */
    public synchronized Activity activity() {
        if (pending > 0 && context.isUsable()) {
            while (pending > 0) {
                settle();
            }
        }
        return tally.activity((long) busyNanos, 1);
    }

    /** Gives the events back; the context is current. */
    synchronized void close() {
        tally.turn(false);
        pending = 0;
        for (int i = 0; i < PAIRS && starts[i] != null; i++) {
            cudart.cuEventDestroy(starts[i]);
            cudart.cuEventDestroy(ends[i]);
            starts[i] = null;
        }
    }
}
