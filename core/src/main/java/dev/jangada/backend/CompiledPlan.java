package dev.jangada.backend;

/** A {@link Plan} that can be run. One run at a time: whoever calls sees to that. */
public interface CompiledPlan {
    /**
     * Runs the plan once.
     *
     * @param arena memory for the arena, at least as large as the plan says; it holds nothing between runs
     * @param bound the storages of this run, by number
     * @param offsets for each of them the byte where its slot starts
     */
    void run(Storage arena, Storage[] bound, long[] offsets);

    /**
     * Returns how many of the plan's steps the last run has finished: after a failure, the number of the step that failed, or -1 if none had
     * begun.
     */
    int finished();

    /** Returns how many kernels the last run has launched. */
    long launches();

    /** Returns how often the last run has called the device from Java. */
    long hostCalls();

    /** Returns how the plan runs, in words: by how many calls, or why step by step. */
    default String description() {
        return "step by step";
    }

    /**
     * Tells whether mistakes in values (an index out of range, an integer divided by zero) come to light after {@link #run} has returned, at the
     * next synchronisation: nothing is taken back then. What comes before the failed kernel has happened, what comes after it has not; Java's
     * state (step counters, positions of generators) is that after the run.
     */
    default boolean failsLate() {
        return false;
    }

    /**
     * Tells whether a run has all memory that it needs before its first kernel: then no kernel fails for lack of it once another one has
     * changed something. Where this is not so, whoever runs a plan keeps copies of all that it changes.
     */
    default boolean reservesMemory() {
        return false;
    }

    /**
     * Tells whether a run has asked all sources of scalars before its first kernel, or takes back what it has asked and done if one of them
     * fails. Where this is not so, whoever runs a plan keeps copies of all that it changes.
     */
    default boolean asksFirst() {
        return false;
    }

    /** Gives up what the plan holds on its device; it is not run again. What becomes unreachable is given up too, only later. */
    default void close() {}
}
