package dev.jangada.cuda.sim;

import static dev.jangada.cuda.sim.Machine.allocate;
import static dev.jangada.cuda.sim.Machine.check;
import static dev.jangada.cuda.sim.Machine.download;
import static dev.jangada.cuda.sim.Machine.downloadInts;
import static dev.jangada.cuda.sim.Machine.function;
import static dev.jangada.cuda.sim.Machine.launch;
import static dev.jangada.cuda.sim.Machine.pinned;
import static dev.jangada.cuda.sim.Machine.upload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_INVALID_VALUE;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
import static org.bytedeco.cuda.global.cudart.CU_EVENT_DISABLE_TIMING;
import static org.bytedeco.cuda.global.cudart.CU_GRAPH_COND_ASSIGN_DEFAULT;
import static org.bytedeco.cuda.global.cudart.CU_GRAPH_COND_TYPE_WHILE;
import static org.bytedeco.cuda.global.cudart.CU_GRAPH_NODE_TYPE_CONDITIONAL;
import static org.bytedeco.cuda.global.cudart.CU_MEMORYTYPE_DEVICE;
import static org.bytedeco.cuda.global.cudart.CU_MEMORYTYPE_HOST;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_CAPTURE_MODE_GLOBAL;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_CAPTURE_MODE_RELAXED;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuGraphAddKernelNode;
import static org.bytedeco.cuda.global.cudart.cuGraphAddMemcpyNode;
import static org.bytedeco.cuda.global.cudart.cuGraphAddNode;
import static org.bytedeco.cuda.global.cudart.cuGraphConditionalHandleCreate;
import static org.bytedeco.cuda.global.cudart.cuGraphCreate;
import static org.bytedeco.cuda.global.cudart.cuGraphExecKernelNodeSetParams;
import static org.bytedeco.cuda.global.cudart.cuGraphExecMemcpyNodeSetParams;
import static org.bytedeco.cuda.global.cudart.cuGraphExecUpdate;
import static org.bytedeco.cuda.global.cudart.cuGraphGetNodes;
import static org.bytedeco.cuda.global.cudart.cuGraphInstantiate;
import static org.bytedeco.cuda.global.cudart.cuGraphLaunch;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuStreamBeginCapture;
import static org.bytedeco.cuda.global.cudart.cuStreamEndCapture;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;
import static org.bytedeco.cuda.global.cudart.cuStreamWaitEvent;

import org.bytedeco.cuda.cudart.CUDA_KERNEL_NODE_PARAMS_v2;
import org.bytedeco.cuda.cudart.CUDA_MEMCPY3D_v2;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUgraphExecUpdateResultInfo_v1;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraphNodeParams;
import org.bytedeco.cuda.cudart.CUgraphNode_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Captured and built graphs: replay, update, loops on the device, and what a capture forbids. */
@NeedsSimulator
class GraphTest {
    private static final String SOURCE = """
            extern "C" __device__ void cudaGraphSetConditional(unsigned long long handle, unsigned int value);
            extern "C" __global__ void add(float* x, float value, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) x[i] += value;
            }
            extern "C" __global__ void multiply(float* x, float value, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) x[i] *= value;
            }
            extern "C" __global__ void turn(int* counter, int turns, unsigned long long handle) {
                if (threadIdx.x == 0) cudaGraphSetConditional(handle, ++counter[0] < turns);
            }
            """;

    private static CUfunc_st add;
    private static CUfunc_st multiply;
    private static CUfunc_st turn;
    private static CUstream_st stream;
    private static CUstream_st side;

    @BeforeAll
    static void start() {
        Machine.start();
        CUmod_st module = Machine.module(SOURCE);
        add = function(module, "add");
        multiply = function(module, "multiply");
        turn = function(module, "turn");
        stream = Machine.stream();
        side = Machine.stream();
    }

    @AfterEach
    void reset() {
        CudaSim.reset();
        CudaSim.set(SimSetting.ORDER, 0);
    }

    private static void begin(int mode) {
        check(cuStreamBeginCapture(stream, mode));
    }

    private static CUgraph_st end() {
        CUgraph_st graph = new CUgraph_st();
        check(cuStreamEndCapture(stream, graph));
        return graph;
    }

    private static CUgraphExec_st instantiate(CUgraph_st graph) {
        CUgraphExec_st exec = new CUgraphExec_st();
        check(cuGraphInstantiate(exec, graph, 0));
        return exec;
    }

    private static CUgraph_st capture(long x, float plus, float times) {
        begin(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
        check(launch(stream, add, 1, 32, x, plus, 4));
        check(launch(stream, multiply, 1, 32, x, times, 4));
        return end();
    }

    @Test
    void captureRunsNothingAndReplays() {
        long x = upload(new float[4]);
        CUgraphExec_st exec = instantiate(capture(x, 1, 2));
        check(cuStreamSynchronize(stream));
        assertThat(download(x, 4)).containsOnly(0);
        for (int i = 0; i < 3; i++) {
            check(cuGraphLaunch(exec, stream));
        }
        check(cuStreamSynchronize(stream));
        assertThat(download(x, 4)).containsOnly(14);
    }

    @Test
    void updateTakesNewArgumentsButNotAnotherShape() {
        long x = upload(new float[4]);
        CUgraphExec_st exec = instantiate(capture(x, 1, 2));
        check(cuGraphLaunch(exec, stream)); // not run yet: keeps its arguments
        check(cuGraphExecUpdate(exec, capture(x, 5, 3), new CUgraphExecUpdateResultInfo_v1()));
        check(cuGraphLaunch(exec, stream));
        check(cuStreamSynchronize(stream));
        assertThat(download(x, 4)).containsOnly(((0 + 1) * 2 + 5) * 3);
        begin(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
        check(launch(stream, add, 1, 32, x, 1f, 4));
        assertThat(cuGraphExecUpdate(exec, end(), new CUgraphExecUpdateResultInfo_v1()))
                .isEqualTo(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE);
    }

    @Test
    void kernelNodesAndTheirParameters() {
        long x = upload(new float[4]);
        CUgraph_st graph = new CUgraph_st();
        check(cuGraphCreate(graph, 0));
        CUgraphNode_st first = new CUgraphNode_st();
        check(cuGraphAddKernelNode(first, graph, new CUgraphNode_st(), 0, parameters(add, x, 1f, 4)));
        CUgraphNode_st second = new CUgraphNode_st();
        check(cuGraphAddKernelNode(second, graph, first, 1, parameters(multiply, x, 2f, 4)));
        CUgraphExec_st exec = instantiate(graph);
        check(cuGraphExecKernelNodeSetParams(exec, second, parameters(multiply, x, 10f, 4)));
        check(cuGraphLaunch(exec, stream));
        check(cuStreamSynchronize(stream));
        assertThat(download(x, 4)).containsOnly(10);
    }

    private static CUDA_MEMCPY3D_v2 copy(Pointer from, long to, long bytes) {
        CUDA_MEMCPY3D_v2 p = new CUDA_MEMCPY3D_v2();
        Pointer.memset(p, 0, p.sizeof());
        p.srcMemoryType(CU_MEMORYTYPE_HOST).srcHost(from);
        p.dstMemoryType(CU_MEMORYTYPE_DEVICE).dstDevice(to);
        return p.WidthInBytes(bytes).Height(1).Depth(1);
    }

    /** A copy node may be given another place to read from, of the same kind; and there is no copy of nothing. */
    @Test
    void copyNodesAndTheirParameters() {
        long x = upload(new float[4]);
        FloatPointer first = pinned(4).put(1, 1, 1, 1);
        FloatPointer second = pinned(4).put(2, 2, 2, 2);
        CUctx_st context = new CUctx_st();
        check(org.bytedeco.cuda.global.cudart.cuCtxGetCurrent(context));
        CUgraph_st graph = new CUgraph_st();
        check(cuGraphCreate(graph, 0));
        CUgraphNode_st node = new CUgraphNode_st();
        CUgraphNode_st none = null;
        CUDA_MEMCPY3D_v2 flat = copy(first, x, 16).Height(0);
        assertThat(cuGraphAddMemcpyNode(node, graph, none, 0, flat, context)).isEqualTo(CUDA_ERROR_INVALID_VALUE);
        check(cuGraphAddMemcpyNode(node, graph, none, 0, copy(first, x, 16), context));
        CUgraphExec_st exec = instantiate(graph);
        check(cuGraphLaunch(exec, stream));
        check(cuGraphExecMemcpyNodeSetParams(exec, node, copy(second, x, 8), context));
        check(cuGraphLaunch(exec, stream));
        check(cuStreamSynchronize(stream));
        assertThat(download(x, 4)).containsExactly(2, 2, 1, 1);
        FloatPointer pageable = new FloatPointer(4);
        assertThat(cuGraphExecMemcpyNodeSetParams(exec, node, copy(pageable, x, 16), context))
                .isEqualTo(CUDA_ERROR_INVALID_VALUE);
        assertThat(String.join("\n", CudaSim.takeReports()))
                .contains("a copy of nothing", "of another kind than that of the node");
    }

    /** The count is what an array has room for, and only without an array what there is. */
    @Test
    void nodesOfAGraph() {
        CUgraph_st graph = capture(upload(new float[4]), 1, 2);
        CUgraphNode_st none = null;
        SizeTPointer count = new SizeTPointer(1).put(0);
        check(cuGraphGetNodes(graph, none, count));
        assertThat(count.get()).isEqualTo(2);
        CUgraphNode_st node = new CUgraphNode_st();
        check(cuGraphGetNodes(graph, node, count.put(1)));
        assertThat(count.get()).isEqualTo(1);
        assertThat(node.isNull()).isFalse();
        check(cuGraphGetNodes(graph, node, count.put(0)));
        assertThat(count.get()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 2})
    void forkedStreamsJoin(long order) throws Exception {
        CudaSim.set(SimSetting.ORDER, order);
        long x = upload(new float[4]);
        long y = upload(new float[4]);
        CUevent_st fork = event();
        CUevent_st join = event();
        begin(CU_STREAM_CAPTURE_MODE_GLOBAL);
        check(launch(stream, add, 1, 32, x, 1f, 4));
        check(cuEventRecord(fork, stream));
        check(cuStreamWaitEvent(side, fork, 0));
        check(launch(side, add, 1, 32, y, 2f, 4));
        check(launch(stream, multiply, 1, 32, x, 3f, 4));
        check(cuEventRecord(join, side));
        check(cuStreamWaitEvent(stream, join, 0));
        check(launch(stream, multiply, 1, 32, y, 5f, 4));
        check(cuGraphLaunch(instantiate(end()), stream));
        check(cuStreamSynchronize(stream));
        assertThat(download(x, 4)).containsOnly(3);
        assertThat(download(y, 4)).containsOnly(10);
    }

    @Test
    void unjoinedForkAndForeignEvent() {
        long x = upload(new float[4]);
        CUevent_st fork = event();
        begin(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
        check(cuEventRecord(fork, stream));
        check(cuStreamWaitEvent(side, fork, 0));
        check(launch(side, add, 1, 32, x, 2f, 4));
        assertThat(cuStreamEndCapture(stream, new CUgraph_st())).isEqualTo(CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
        CUevent_st outside = event();
        check(cuEventRecord(outside, side));
        begin(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
        assertThat(cuStreamWaitEvent(stream, outside, 0)).isEqualTo(CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
        assertThat(cuStreamEndCapture(stream, new CUgraph_st())).isEqualTo(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    }

    @Test
    void callsThatACaptureForbids() {
        begin(CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
        assertThat(cuMemAlloc(new long[1], 64)).isEqualTo(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
        assertThat(cuStreamEndCapture(stream, new CUgraph_st())).isEqualTo(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
        begin(CU_STREAM_CAPTURE_MODE_RELAXED);
        check(cuMemAlloc(new long[1], 64));
        assertThat(cuStreamSynchronize(stream)).isEqualTo(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
        assertThat(cuStreamEndCapture(stream, new CUgraph_st())).isEqualTo(CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
        assertThat(String.join("\n", CudaSim.takeReports()))
                .contains("cuMemAlloc", "cuStreamSynchronize of a capturing stream");
    }

    @Test
    void whileNodeLoopsOnTheDevice() {
        long counter = allocate(4);
        check(org.bytedeco.cuda.global.cudart.cuMemsetD32(counter, 0, 1));
        long x = upload(new float[4]);
        CUgraph_st graph = new CUgraph_st();
        check(cuGraphCreate(graph, 0));
        LongPointer handle = new LongPointer(1);
        CUctx_st context = new CUctx_st();
        check(org.bytedeco.cuda.global.cudart.cuCtxGetCurrent(context));
        check(cuGraphConditionalHandleCreate(handle, graph, context, 1, CU_GRAPH_COND_ASSIGN_DEFAULT));
        CUgraphNodeParams parameters = new CUgraphNodeParams();
        org.bytedeco.javacpp.Pointer.memset(parameters, 0, parameters.sizeof());
        parameters.type(CU_GRAPH_NODE_TYPE_CONDITIONAL);
        parameters
                .conditional()
                .handle(handle.get())
                .type(CU_GRAPH_COND_TYPE_WHILE)
                .size(1)
                .ctx(context);
        CUgraphNode_st loop = new CUgraphNode_st();
        check(cuGraphAddNode(loop, graph, new CUgraphNode_st(), null, 0, parameters));
        CUgraph_st body = parameters.conditional().phGraph_out();
        CUgraphNode_st work = new CUgraphNode_st();
        check(cuGraphAddKernelNode(work, body, new CUgraphNode_st(), 0, parameters(add, x, 1f, 4)));
        CUgraphNode_st step = new CUgraphNode_st();
        check(cuGraphAddKernelNode(step, body, work, 1, parameters(turn, counter, 1000, handle.get())));
        CUgraphExec_st exec = instantiate(graph);
        check(cuGraphLaunch(exec, stream));
        check(cuStreamSynchronize(stream));
        assertThat(download(x, 4)).containsOnly(1000);
        assertThat(downloadInts(counter, 1)).containsExactly(1000);
        check(cuGraphLaunch(exec, stream)); // the condition starts anew, the counter does not
        check(cuStreamSynchronize(stream));
        assertThat(download(x, 4)).containsOnly(1001);
    }

    private static CUevent_st event() {
        CUevent_st event = new CUevent_st();
        check(cuEventCreate(event, CU_EVENT_DISABLE_TIMING));
        return event;
    }

    private static CUDA_KERNEL_NODE_PARAMS_v2 parameters(CUfunc_st function, Object... arguments) {
        CUDA_KERNEL_NODE_PARAMS_v2 parameters = new CUDA_KERNEL_NODE_PARAMS_v2();
        org.bytedeco.javacpp.Pointer.memset(parameters, 0, parameters.sizeof());
        return parameters
                .func(function)
                .gridDimX(1)
                .gridDimY(1)
                .gridDimZ(1)
                .blockDimX(32)
                .blockDimY(1)
                .blockDimZ(1)
                .kernelParams(Machine.arguments(arguments));
    }
}
