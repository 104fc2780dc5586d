package dev.jangada.cuda;

import dev.jangada.backend.Block;
import dev.jangada.cuda.driver.Context;
import dev.jangada.cuda.driver.Cublas;
import dev.jangada.cuda.driver.Graph;
import dev.jangada.cuda.driver.Stream;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Where graphs of one device are recorded: a stream on which nothing runs, and cuBLAS on it. One graph at a time. */
final class Recording {
    private final CudaBackend backend;
    private final Context context;
    private Stream stream;
    private Cublas cublas;

    Recording(CudaBackend backend, Context context) {
        this.backend = backend;
        this.context = context;
    }

    /**
     * Records what {@code work} asks of the kernels it is given.
     *
     * @param scratch temporary memory that lasts as long as the graph
     * @param tickets failure tickets that do
     * @param lasting tells of a block whether it must keep its content if a kernel has failed before
     */
    synchronized Graph record(
            Scratch scratch, CudaKernels.Tickets tickets, Predicate<Block> lasting, Consumer<CudaKernels> work) {
        if (stream == null) {
            stream = context.recordingStream();
        }
        if (cublas == null) {
            cublas = backend.openCublas(stream); // not while something is recorded: it allocates and synchronises
        }
        CudaKernels kernels = backend.kernels(stream, () -> cublas, scratch, tickets, lasting);
        return new Graph(context, stream, () -> work.accept(kernels));
    }

    /** Gives stream and handle back. */
    synchronized void close() {
        if (cublas != null) {
            cublas.close();
        }
        if (stream != null) {
            context.destroy(stream);
        }
    }
}
