package dev.jangada.capture;

/**
 * What a captured function's plan does in one run; of the plan that was used last.
 *
 * @param nodesBefore kernels that the function asked for, those of a loop once
 * @param nodesAfter launches that are left after all passes, those of a loop once
 * @param kernels different kernels among them
 * @param launches kernels that the last run launched, with all turns of loops; several that are launched together count once
 * @param hostCalls calls from Java to the device in the last run
 * @param flops arithmetic operations of the last run, with all turns of loops
 * @param bytesMoved bytes that the kernels of the last run read and wrote, with all turns of loops
 * @param arenaBytes memory for intermediate results
 * @param intermediateBytes sum of the sizes of all intermediate results that the function asked for
 * @param plans plans that are kept
 * @param traces how often the function was traced
 * @param traceMillis how long it took to trace it and to make this plan, in milliseconds
 * @param lastReason why it was traced the last time; empty after the first trace
 */
public record CaptureStats(
        int nodesBefore,
        int nodesAfter,
        int kernels,
        long launches,
        long hostCalls,
        long flops,
        long bytesMoved,
        long arenaBytes,
        long intermediateBytes,
        int plans,
        long traces,
        double traceMillis,
        String lastReason) {}
