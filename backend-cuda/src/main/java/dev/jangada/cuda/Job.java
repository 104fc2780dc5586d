package dev.jangada.cuda;

import java.util.List;

/**
 * The launches that one call of a kernel family becomes, in order on one stream; none where there is nothing to do.
 *
 * @param launches what is launched
 * @param workspaceBytes size of the device memory that they share, with undefined content, aligned to 256 bytes
 */
record Job(List<Launch> launches, long workspaceBytes) {
    /** Nothing to do. */
    static final Job NOTHING = new Job(List.of(), 0);

    Job {
        launches = List.copyOf(launches);
    }

    static Job of(Launch launch) {
        return new Job(List.of(launch), 0);
    }
}
