package dev.jangada.backend;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts launches, host calls and work for a backend; off at first.
 *
 * <p>A backend owns one and asks {@link #isOn} before it counts, so that counting costs nothing while it is off. Safe for use by several
 * threads.
 */
public final class Tally {
    private final LongAdder launches = new LongAdder();
    private final LongAdder hostCalls = new LongAdder();
    private final LongAdder flops = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private volatile boolean on;

    /** Creates a tally that is off. */
    public Tally() {}

    /** Tells whether to count. */
    public boolean isOn() {
        return on;
    }

    /** Starts or ends counting; what was counted stays. */
    public void turn(boolean on) {
        this.on = on;
    }

    /** Counts one kernel that Java called. */
    public void launch(KernelCall call, Operand[] outs, Operand... ins) {
        run(1, 1, Work.of(call, Arrays.asList(outs), Arrays.asList(ins)));
    }

    /**
     * Counts a run of a plan.
     *
     * @param kernels kernels that ran, with all turns of loops
     * @param calls calls from Java to the device
     * @param work what the kernels did
     */
    public void run(long kernels, long calls, Work work) {
        launches.add(kernels);
        hostCalls.add(calls);
        flops.add(work.flops());
        bytes.add(work.bytes());
    }

    /** Counts a call that launches no kernel, such as a copy. */
    public void hostCall() {
        hostCalls.increment();
    }

    /**
     * Returns what was counted.
     *
     * @param busyNanos time inside kernels, which the backend measures
     * @param lanes what works at once
     */
    public Activity activity(long busyNanos, int lanes) {
        return new Activity(busyNanos, lanes, launches.sum(), hostCalls.sum(), flops.sum(), bytes.sum());
    }
}
