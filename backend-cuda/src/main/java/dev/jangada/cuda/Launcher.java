package dev.jangada.cuda;

import dev.jangada.backend.Block;
import dev.jangada.cuda.driver.Arguments;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Function;
import dev.jangada.cuda.driver.Stream;
import java.util.Map;

/** Puts jobs on a stream. */
final class Launcher {
    private final Context context;
    private final Stream stream;
    private final Scratch scratch;
    private final KernelCache kernels;

    Launcher(Context context, Stream stream, Scratch scratch, KernelCache kernels) {
        this.context = context;
        this.stream = stream;
        this.scratch = scratch;
        this.kernels = kernels;
    }

    /** Copies bytes on the device, also if a kernel has failed before; returns at once. */
    void copy(long to, long from, long bytes) {
        context.copyWithin(stream, to, from, bytes);
    }

    /**
     * Launches a job; returns at once. Its workspace is free for others when this returns: what they launch comes later.
     *
     * @param operation name for messages
     * @param known see {@link KernelCache#get}
     */
    void run(String operation, Job job, Map<Variant, Function> known) {
        Block workspace = job.workspaceBytes() == 0 ? null : scratch.allocate(job.workspaceBytes());
        try {
            for (Launch l : job.launches()) {
                LaunchShape s = l.shape();
                long[] words = l.words().at(workspace == null ? 0 : workspace.address());
                context.launch(
                        stream,
                        kernels.get(l.variant(), known),
                        s.gridX(),
                        s.gridY(),
                        s.gridZ(),
                        s.blockX(),
                        s.blockY(),
                        s.sharedBytes(),
                        Arguments.start().put(words),
                        operation);
            }
        } finally {
            if (workspace != null) {
                scratch.free(workspace);
            }
        }
    }
}
