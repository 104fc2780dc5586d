package dev.jangada.cuda;

import dev.jangada.cuda.driver.Arguments;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Function;
import java.util.Map;

/** Puts jobs on the device's stream. */
final class Launcher {
    private final Context context;
    private final Allocator allocator;
    private final KernelCache kernels;

    Launcher(Context context, Allocator allocator, KernelCache kernels) {
        this.context = context;
        this.allocator = allocator;
        this.kernels = kernels;
    }

    /**
     * Launches a job; returns at once. Its workspace is free for others when this returns: what they launch comes later.
     *
     * @param operation name for messages
     * @param known see {@link KernelCache#get}
     */
    void run(String operation, Job job, Map<Variant, Function> known) {
        Block workspace = job.workspaceBytes() == 0 ? null : allocator.allocate(job.workspaceBytes());
        try {
            for (Launch l : job.launches()) {
                LaunchShape s = l.shape();
                long[] words = l.words().at(workspace == null ? 0 : workspace.address());
                context.launch(
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
                workspace.free();
            }
        }
    }
}
