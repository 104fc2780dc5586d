package dev.jangada.cuda.driver;

import org.bytedeco.cuda.cudart.CUDA_MEMCPY3D_v2;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraphNode_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * Work that was recorded from a stream instead of running, and can be launched again and again as a whole.
 *
 * <p>Only functions of the driver that are as old as CUDA 11 are used.
 */
public final class Graph implements AutoCloseable {
    private static final CUgraphNode_st NOTHING = null;

    private final Context context;
    private final CUgraph_st handle = new CUgraph_st();
    private final long kernels;

    /** Records what {@code work} puts on a stream; no other thread may use that stream meanwhile. */
    public Graph(Context context, Stream recording, Runnable work) {
        this.context = context;
        context.bind("capture");
        // relaxed: kernels are loaded and memory is allocated on the way
        context.check(cudart.cuStreamBeginCapture(recording.handle, cudart.CU_STREAM_CAPTURE_MODE_RELAXED), "capture");
        boolean recorded = false;
        try {
            work.run();
            recorded = true;
        } finally {
            int status = cudart.cuStreamEndCapture(recording.handle, handle);
            if (recorded) {
                context.check(status, "capture");
            } else if (status == Status.SUCCESS) {
                cudart.cuGraphDestroy(handle);
            }
        }
        kernels = size();
    }

    private long size() {
        try (SizeTPointer count = new SizeTPointer(1)) {
            count.put(0);
            context.check(cudart.cuGraphGetNodes(handle, NOTHING, count), "capture");
            return count.get();
        }
    }

    /** Returns the number of kernels, those of libraries included. */
    public long kernels() {
        return kernels;
    }

    /**
     * A graph that is ready to be launched: some turns of a recorded one.
     *
     * <p>If the host brings something, the first thing that happens is a copy from page-locked memory; each launch may name another place.
     */
    public static final class Executable implements AutoCloseable {
        private final Context context;
        private final CUgraph_st whole = new CUgraph_st(); // kept: the driver finds the copy to change through it
        private final CUgraphExec_st handle = new CUgraphExec_st();
        private final CUgraphNode_st copy = new CUgraphNode_st();
        private final CUDA_MEMCPY3D_v2 parameters = new CUDA_MEMCPY3D_v2();
        private final long kernels;

        private Executable(Context context, long kernels) {
            this.context = context;
            this.kernels = kernels;
        }

        /** Names the page-locked memory that later launches copy from; those in flight keep theirs. */
        public void copyFrom(long pinned) {
            context.bind("capture");
            parameters.srcHost(Raw.of(pinned));
            context.check(cudart.cuGraphExecMemcpyNodeSetParams(handle, copy, parameters, context.handle), "capture");
        }

        /** Launches the graph on the device's stream; returns at once. */
        public void launch(String operation) {
            context.bind(operation);
            context.run(operation, () -> context.measured(kernels, () -> cudart.cuGraphLaunch(handle, context.stream)));
        }

        /** Gives the executable back; its work must be done. Does nothing on a lost device. */
        @Override
        public void close() {
            parameters.close();
            if (context.isUsable()) {
                cudart.cuGraphExecDestroy(handle);
                cudart.cuGraphDestroy(whole);
            }
        }
    }

    /** Returns an executable of so many turns, one after the other. */
    public Executable executable(int turns) {
        return executable(turns, 0, 0, 0);
    }

    /**
     * Returns an executable that first copies from the host.
     *
     * @param turns how often this graph runs
     * @param device where the copy goes
     * @param pinned where it comes from at first
     * @param bytes its size; 0 for no copy
     */
    public Executable executable(int turns, long device, long pinned, long bytes) {
        context.bind("capture");
        Executable e = new Executable(context, kernels * turns);
        context.check(cudart.cuGraphCreate(e.whole, 0), "capture");
        boolean made = false;
        try {
            CUgraphNode_st last = NOTHING;
            if (bytes > 0) {
                e.parameters.zero();
                e.parameters.srcMemoryType(cudart.CU_MEMORYTYPE_HOST).srcHost(Raw.of(pinned));
                e.parameters.dstMemoryType(cudart.CU_MEMORYTYPE_DEVICE).dstDevice(device);
                e.parameters.WidthInBytes(bytes).Height(1).Depth(1);
                context.check(
                        cudart.cuGraphAddMemcpyNode(e.copy, e.whole, NOTHING, 0, e.parameters, context.handle),
                        "capture");
                last = e.copy;
            }
            for (int i = 0; i < turns; i++) {
                CUgraphNode_st next = new CUgraphNode_st();
                context.check(
                        cudart.cuGraphAddChildGraphNode(next, e.whole, last, last == NOTHING ? 0 : 1, handle),
                        "capture");
                last = next;
            }
            context.run("capture", () -> cudart.cuGraphInstantiate(e.handle, e.whole, 0));
            made = true;
        } finally {
            if (!made && context.isUsable()) {
                cudart.cuGraphDestroy(e.whole);
            }
        }
        return e;
    }

    /** Gives the recording back; executables stay. Does nothing on a lost device. */
    @Override
    public void close() {
        if (context.isUsable()) {
            cudart.cuGraphDestroy(handle);
        }
    }
}
