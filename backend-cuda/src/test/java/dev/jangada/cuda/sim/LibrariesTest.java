package dev.jangada.cuda.sim;

import static dev.jangada.cuda.sim.Machine.allocate;
import static dev.jangada.cuda.sim.Machine.at;
import static dev.jangada.cuda.sim.Machine.check;
import static dev.jangada.cuda.sim.Machine.compile;
import static dev.jangada.cuda.sim.Machine.download;
import static dev.jangada.cuda.sim.Machine.upload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_16F;
import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F;
import static org.bytedeco.cuda.global.cublas.CUBLAS_POINTER_MODE_DEVICE;
import static org.bytedeco.cuda.global.cublas.CUBLAS_POINTER_MODE_HOST;
import static org.bytedeco.cuda.global.cublas.cublasCreate_v2;
import static org.bytedeco.cuda.global.cublas.cublasGemmEx;
import static org.bytedeco.cuda.global.cublas.cublasSetPointerMode_v2;
import static org.bytedeco.cuda.global.cublas.cublasSetStream_v2;
import static org.bytedeco.cuda.global.cublas.cublasSetWorkspace_v2;
import static org.bytedeco.cuda.global.cublas.cublasSgemmStridedBatched;
import static org.bytedeco.cuda.global.cublas.cublasSgemm_v2;
import static org.bytedeco.cuda.global.cudart.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
import static org.bytedeco.cuda.global.cudart.cuGraphInstantiate;
import static org.bytedeco.cuda.global.cudart.cuGraphLaunch;
import static org.bytedeco.cuda.global.cudart.cuMemFree;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoD;
import static org.bytedeco.cuda.global.cudart.cuStreamBeginCapture;
import static org.bytedeco.cuda.global.cudart.cuStreamEndCapture;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;

import java.util.Random;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.nvml.nvmlDevice_st;
import org.bytedeco.cuda.nvml.nvmlMemory_t;
import org.bytedeco.cuda.nvml.nvmlUtilization_t;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.ShortPointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The simulated cuBLAS, NVRTC and NVML. */
@NeedsSimulator
class LibrariesTest {
    private static final FloatPointer ONE = new FloatPointer(new float[] {1});
    private static final FloatPointer ZERO = new FloatPointer(new float[] {0});
    private static final int HALF = 2; // CUDA_R_16F
    private static final int FLOAT = 0; // CUDA_R_32F

    private static CUstream_st stream;
    private static cublasContext blas;

    @BeforeAll
    static void start() {
        Machine.start();
        stream = Machine.stream();
        blas = new cublasContext();
        assertThat(cublasCreate_v2(blas)).isZero();
        assertThat(cublasSetStream_v2(blas, stream)).isZero();
    }

    @AfterEach
    void reset() {
        CudaSim.reset();
        CudaSim.set(SimSetting.CHECK, 0);
    }

    private static float[] random(int count) {
        Random random = new Random(count);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    @Test
    void everyTransposition() {
        int m = 5;
        int n = 7;
        int k = 9;
        float[] a = random(m * k);
        float[] b = random(k * n);
        for (int flags = 0; flags < 4; flags++) {
            int ta = flags & 1;
            int tb = flags >> 1;
            float[] start = random(m * n);
            long c = upload(start);
            FloatPointer two = new FloatPointer(new float[] {2});
            int status = cublasSgemm_v2(
                    blas,
                    ta,
                    tb,
                    m,
                    n,
                    k,
                    two,
                    at(upload(a)),
                    ta == 0 ? m : k,
                    at(upload(b)),
                    tb == 0 ? k : n,
                    ONE,
                    at(c),
                    m);
            assertThat(status).isZero();
            check(cuStreamSynchronize(stream));
            float[] got = download(c, m * n);
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    double sum = start[j * m + i];
                    for (int p = 0; p < k; p++) {
                        sum += 2.0 * a[ta == 0 ? p * m + i : i * k + p] * b[tb == 0 ? j * k + p : p * n + j];
                    }
                    assertThat((double) got[j * m + i]).isCloseTo(sum, within(1e-5));
                }
            }
        }
    }

    @Test
    void batchesWithASharedOperand() {
        long a = upload(1, 2, 3, 4);
        long b = upload(1, 0, 0, 1, 0, 1, 1, 0);
        long c = allocate(32);
        assertThat(cublasSgemmStridedBatched(blas, 0, 0, 2, 2, 2, ONE, at(a), 2, 0, at(b), 2, 4, ZERO, at(c), 2, 4, 2))
                .isZero();
        check(cuStreamSynchronize(stream));
        assertThat(download(c, 8)).containsExactly(1, 2, 3, 4, 3, 4, 1, 2);
    }

    @Test
    void halvesAccumulateInFloat() {
        long a = allocate(2 * 2048);
        short[] ones = new short[2048];
        java.util.Arrays.fill(ones, (short) 0x3c01); // 1 + 2^-10
        check(cuMemcpyHtoD(a, new ShortPointer(ones), 4096));
        long c = allocate(4);
        assertThat(cublasGemmEx(
                        blas,
                        1,
                        0,
                        1,
                        1,
                        2048,
                        ONE,
                        at(a),
                        HALF,
                        2048,
                        at(a),
                        HALF,
                        2048,
                        ZERO,
                        at(c),
                        FLOAT,
                        1,
                        CUBLAS_COMPUTE_32F,
                        -1))
                .isZero();
        check(cuStreamSynchronize(stream));
        assertThat((double) download(c, 1)[0]).isCloseTo(2048 * Math.pow(1 + 1.0 / 1024, 2), within(1e-2));
        assertThat(cublasGemmEx(
                        blas,
                        1,
                        0,
                        1,
                        1,
                        8,
                        ONE,
                        at(a),
                        HALF,
                        8,
                        at(a),
                        HALF,
                        8,
                        ZERO,
                        at(c),
                        FLOAT,
                        1,
                        CUBLAS_COMPUTE_16F,
                        -1))
                .isEqualTo(15);
        assertThat(CudaSim.takeReports()).singleElement().asString().contains("compute type 64");
    }

    @Test
    void scalarsOfTheDeviceAndReplay() {
        long a = upload(1, 2, 3, 4);
        long c = upload(new float[4]);
        long alpha = upload(10);
        long beta = upload(1);
        assertThat(cublasSetPointerMode_v2(blas, CUBLAS_POINTER_MODE_DEVICE)).isZero();
        assertThat(cublasSetWorkspace_v2(blas, at(allocate(1 << 16)), 1 << 16)).isZero();
        check(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        assertThat(cublasSgemm_v2(blas, 0, 0, 2, 2, 2, at(alpha), at(a), 2, at(a), 2, at(beta), at(c), 2))
                .isZero();
        CUgraph_st graph = new CUgraph_st();
        check(cuStreamEndCapture(stream, graph));
        assertThat(cublasSgemm_v2(blas, 0, 0, 2, 2, 2, ONE, at(a), 2, at(a), 2, ZERO, at(c), 2))
                .isEqualTo(7);
        assertThat(cublasSetPointerMode_v2(blas, CUBLAS_POINTER_MODE_HOST)).isZero();
        CUgraphExec_st exec = new CUgraphExec_st();
        check(cuGraphInstantiate(exec, graph, 0));
        check(cuGraphLaunch(exec, stream));
        check(cuGraphLaunch(exec, stream));
        check(cuStreamSynchronize(stream));
        assertThat(download(c, 4)).containsExactly(140, 200, 300, 440);
    }

    private static int square(long a, long c) {
        return cublasSgemm_v2(blas, 0, 0, 2, 2, 2, ONE, at(a), 2, at(a), 2, ZERO, at(c), 2);
    }

    /** Without a workspace of the caller's a captured product would allocate in the graph; setting the stream takes it back. */
    @Test
    void workspaces() {
        long a = upload(1, 2, 3, 4);
        long c = allocate(16);
        long workspace = allocate(1 << 16);
        assertThat(cublasSetWorkspace_v2(blas, at(workspace), 1 << 16)).isZero();
        assertThat(cublasSetStream_v2(blas, stream)).isZero();
        check(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
        assertThat(square(a, c)).isEqualTo(15);
        assertThat(cublasSetWorkspace_v2(blas, at(workspace), 1 << 16)).isZero();
        assertThat(square(a, c)).isZero();
        check(cuStreamEndCapture(stream, new CUgraph_st()));
        assertThat(String.join("\n", CudaSim.takeReports()))
                .contains("captured without a workspace of the caller's, which cublasSetStream takes back");
        assertThat(square(a, c)).isZero();
        check(cuStreamSynchronize(stream));
        assertThat(download(c, 4)).containsExactly(7, 10, 15, 22);
        check(cuMemFree(workspace));
        assertThat(square(a, c)).isZero();
        assertThat(Machine.words(cuStreamSynchronize(stream))).contains("cublas gemm, workspace", "freed");
        CudaSim.reset();
        CudaSim.takeReports();
        assertThat(cublasSetStream_v2(blas, stream)).isZero();
    }

    @Test
    void zeroBetaDoesNotReadTheResult() {
        long c = allocate(16);
        assertThat(cublasSgemm_v2(
                        blas,
                        0,
                        0,
                        2,
                        2,
                        2,
                        ONE,
                        at(upload(new float[4])),
                        2,
                        at(upload(new float[4])),
                        2,
                        ZERO,
                        at(c),
                        2))
                .isZero();
        check(cuStreamSynchronize(stream));
        assertThat(download(c, 4)).containsOnly(0);
    }

    @Test
    void badProducts() {
        long a = allocate(60);
        assertThat(cublasSgemm_v2(blas, 0, 0, 4, 4, 4, ONE, at(a), 3, at(a), 4, ZERO, at(a), 4))
                .isEqualTo(7);
        assertThat(cublasSetWorkspace_v2(blas, at(a), 1 << 20)).isEqualTo(7);
        assertThat(String.join("\n", CudaSim.takeReports())).contains("lda 3 is too small", "cublasSetWorkspace");
        assertThat(cublasSgemm_v2(
                        blas,
                        0,
                        0,
                        4,
                        4,
                        4,
                        ONE,
                        at(upload(new float[16])),
                        4,
                        at(a),
                        4,
                        ZERO,
                        at(upload(new float[16])),
                        4))
                .isZero();
        assertThat(Machine.words(cuStreamSynchronize(stream))).contains("operand B", "overrun allocation");
    }

    @Test
    void uninitialisedOperandInTheCheckingMode() {
        CudaSim.set(SimSetting.CHECK, 1);
        long a = allocate(64);
        assertThat(cublasSgemm_v2(
                        blas,
                        0,
                        0,
                        4,
                        4,
                        4,
                        ONE,
                        at(a),
                        4,
                        at(upload(new float[16])),
                        4,
                        ZERO,
                        at(upload(new float[16])),
                        4))
                .isZero();
        assertThat(Machine.words(cuStreamSynchronize(stream))).contains("uninitialised", "operand A");
    }

    @Test
    void compileErrorsNameTheLineOfTheSource() {
        assertThatThrownBy(() -> compile("extern \"C\" __global__ void k(float* x) {\n  x[0] = foo;\n}"))
                .hasMessageContaining("NVRTC_ERROR_COMPILATION")
                .hasMessageContaining("test.cu:2")
                .hasMessageContaining("foo");
        assertThatThrownBy(() -> compile("#include <stdio.h>\n")).hasMessageContaining("stdio.h");
        assertThatThrownBy(() -> compile("__device__ float inf() { return INFINITY; }"))
                .hasMessageContaining("INFINITY");
        assertThatThrownBy(() -> compile("__device__ int f() {\n return __builtin_popcount(3); }"))
                .hasMessageContaining("test.cu(2)")
                .hasMessageContaining("__builtin_popcount");
        assertThatThrownBy(() -> compile("__device__ void f() { asm(\"membar.gl;\"); }"))
                .hasMessageContaining("inline PTX");
        assertThatThrownBy(() -> compile("", "--no-such-option"))
                .hasMessageContaining("unrecognized option --no-such-option");
        assertThatThrownBy(() -> compile("__device__ int* f() { return malloc(4); }"))
                .hasMessageContaining("malloc");
    }

    @Test
    void contractionIsAnOption() {
        String source = """
                extern "C" __global__ void k(float* x) { x[0] = x[0] * x[0] - x[1]; }
                """;
        float a = 1 + 0x1p-12f;
        for (String option : new String[] {"--fmad=false", "--fmad=true"}) {
            long x = upload(a, a * a);
            assertThat(Machine.run(stream, Machine.function(Machine.module(source, option), "k"), 1, 1, x))
                    .isEmpty();
            float expected = option.endsWith("false") ? 0 : (float) ((double) a * a - (double) (a * a));
            assertThat(download(x, 1)[0]).isEqualTo(expected);
        }
    }

    @Test
    void macrosAndConditionsAroundKernels() {
        String source = """
                #define KERNEL(name, expression) extern "C" __global__ void name(float* x) { x[0] = (expression); }
                KERNEL(three, 3.f)
                #if WIDE
                KERNEL(four, 4.f)
                #endif
                """;
        long x = allocate(4);
        assertThat(Machine.run(stream, Machine.function(Machine.module(source, "-DWIDE=1"), "four"), 1, 1, x))
                .isEmpty();
        assertThat(download(x, 1)).containsExactly(4);
    }

    @Test
    void nvmlCountsMemoryAndBusyTime() {
        assertThat(nvml.nvmlInit_v2()).isZero();
        nvmlDevice_st device = new nvmlDevice_st();
        assertThat(nvml.nvmlDeviceGetHandleByIndex_v2(0, device)).isZero();
        allocate(1 << 20);
        nvmlMemory_t memory = new nvmlMemory_t();
        assertThat(nvml.nvmlDeviceGetMemoryInfo(device, memory)).isZero();
        assertThat(memory.used()).isGreaterThanOrEqualTo(1 << 20);
        nvmlUtilization_t utilization = new nvmlUtilization_t();
        assertThat(nvml.nvmlDeviceGetUtilizationRates(device, utilization)).isZero();
        assertThat(utilization.gpu()).isBetween(0, 100);
        assertThat(nvml.nvmlShutdown()).isZero();
    }
}
