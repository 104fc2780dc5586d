package dev.jangada.cuda;

import java.util.Arrays;

/**
 * What a launch needs beside its operands.
 *
 * <p>Kernels that can fail, and all kernels of a guarded call, get the address of a failure record on the device: two int64 words, the first
 * zero while nothing has failed. A failing kernel claims it: word 0 becomes {@code site}. Word 1 is the address of page-locked host memory, to
 * which the kernel writes {@code site}, the offending value (an index; 0 for a division by zero) and the row-major number of the element where
 * it stood. A guarded kernel returns at once when word 0 is not zero: what follows a failed kernel writes nothing.
 *
 * @param scalars values of the run-time scalars, as {@link dev.jangada.backend.Kernels} passes them
 * @param scalarAddress 0 to pass the scalars by value, else where the kernel reads them on the device, in the same order
 * @param failure address of the failure record
 * @param site number of the call for the failure record, not 0
 * @param guarded whether the kernel does nothing once something has failed
 * @param multiprocessors of the device: bounds grids, changes no result
 */
record CallContext(long[] scalars, long scalarAddress, long failure, long site, boolean guarded, int multiprocessors) {
    boolean scalarsInMemory() {
        return scalarAddress != 0 && scalars.length > 0;
    }

    /** Returns the context of a call that has {@code count} of the scalars, from number {@code from} on. */
    CallContext part(int from, int count) {
        long address = scalarAddress == 0 ? 0 : scalarAddress + (long) from * Long.BYTES;
        long[] own = Arrays.copyOfRange(scalars, from, from + count);
        return new CallContext(own, address, failure, site, guarded, multiprocessors);
    }

    /** Appends the scalars, or where they stand. */
    void addScalars(Words words) {
        if (scalarsInMemory()) {
            words.add(scalarAddress);
        } else {
            words.addAll(scalars);
        }
    }

    /** Appends the failure record's address and the site, as {@link Text#failureFields} declares them. */
    void addFailure(Words words) {
        words.add(failure).add(site);
    }
}
