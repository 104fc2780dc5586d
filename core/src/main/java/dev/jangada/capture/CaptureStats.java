package dev.jangada.capture;

/**
 * What a captured function's plan does in one run; of the plan that was used last.
 *
 * @param nodesBefore kernels that the function asked for
 * @param nodesAfter kernels that are left after all passes; those of a loop count once
 * @param launches kernels that the last run launched, with all turns of loops
 * @param hostCalls calls from Java to the device in the last run
 * @param flops floating point operations of one run, loops counted as one turn
 * @param bytesMoved bytes that the kernels of one run read and write, loops counted as one turn
 * @param arenaBytes memory for intermediate results
 * @param intermediateBytes sum of the sizes of all intermediate results that the function asked for
 * @param plans plans that are kept
 * @param traces how often the function was traced
 * @param lastReason why it was traced the last time; empty after the first trace
 */
public record CaptureStats(
        int nodesBefore,
        int nodesAfter,
        long launches,
        long hostCalls,
        long flops,
        long bytesMoved,
        long arenaBytes,
        long intermediateBytes,
        int plans,
        long traces,
        String lastReason) {}
