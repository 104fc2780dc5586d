package dev.jangada.cuda.sim;

import static dev.jangada.cuda.sim.Machine.allocate;
import static dev.jangada.cuda.sim.Machine.check;
import static dev.jangada.cuda.sim.Machine.download;
import static dev.jangada.cuda.sim.Machine.downloadInts;
import static dev.jangada.cuda.sim.Machine.function;
import static dev.jangada.cuda.sim.Machine.ramp;
import static dev.jangada.cuda.sim.Machine.run;
import static dev.jangada.cuda.sim.Machine.upload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Index.atIndex;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_OUT_OF_MEMORY;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemGetInfo;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;

import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.SizeTPointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What CUDA C offers, in each order of threads and in the checking mode; and failures on demand. */
@NeedsSimulator
class KernelLanguageTest {
    private static final String SOURCE = """
            __device__ int counter;
            struct Shape { int rows, cols; float scale; };
            extern "C" __global__ void matmul(const float* a, const float* b, float* c, int m, int n, int k) {
                __shared__ float ta[8][9];
                __shared__ float tb[8][9];
                int row = blockIdx.y * 8 + threadIdx.y, col = blockIdx.x * 8 + threadIdx.x;
                float sum = 0.f;
                for (int t = 0; t < (k + 7) / 8; t++) {
                    ta[threadIdx.y][threadIdx.x] = row < m && t * 8 + threadIdx.x < k ? a[row * k + t * 8 + threadIdx.x] : 0.f;
                    tb[threadIdx.y][threadIdx.x] = col < n && t * 8 + threadIdx.y < k ? b[(t * 8 + threadIdx.y) * n + col] : 0.f;
                    __syncthreads();
                    #pragma unroll
                    for (int i = 0; i < 8; i++) sum += ta[threadIdx.y][i] * tb[i][threadIdx.x];
                    __syncthreads();
                }
                if (row < m && col < n) c[row * n + col] = sum;
            }
            extern "C" __global__ void sum(const float* x, float* y, int n) {
                __shared__ float parts[32];
                float v = 0.f;
                for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) v += x[i];
                for (int d = 16; d; d >>= 1) v += __shfl_down_sync(0xffffffffu, v, d);
                if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = v;
                __syncthreads();
                if (threadIdx.x < 32) {
                    v = threadIdx.x < blockDim.x / 32 ? parts[threadIdx.x] : 0.f;
                    for (int d = 16; d; d >>= 1) v += __shfl_xor_sync(0xffffffffu, v, d);
                    if (threadIdx.x == 0) atomicAdd(y, v);
                }
            }
            extern "C" __global__ void votes(unsigned* y) {
                int t = threadIdx.x;
                unsigned ballot = __ballot_sync(0xffffffffu, t % 3 == 0);
                int any = __any_sync(0xffffffffu, t == 5), all = __all_sync(0xffffffffu, t < 32);
                unsigned half = t < 16 ? 0xffffu : 0xffff0000u;
                int s = t;
                for (int d = 8; d; d >>= 1) s += __shfl_down_sync(half, s, d, 16);
                int odd = __syncthreads_count(t & 1);
                int added = __reduce_add_sync(0xffffffffu, t);
                y[t] = t == 0 ? ballot : t == 1 ? any : t == 2 ? all : t == 3 ? odd : t == 4 ? added : t == 16 ? s : __popc(t);
            }
            extern "C" __global__ void vectors(const float4* x, float4* y) {
                float4 v = x[threadIdx.x];
                y[threadIdx.x] = make_float4(v.x + 1.f, v.y + 2.f, v.z + 3.f, v.w + 4.f);
            }
            extern "C" __global__ void bits(unsigned* y) {
                y[0] = __umulhi(0xD2511F53u, 0x12345678u);
                y[1] = __float_as_uint(1.5f);
                y[2] = __clz(255);
                y[3] = (unsigned) __float2int_rn(2.5f);
                y[4] = __brev(1u);
                y[5] = (unsigned) (__umul64hi(1ull << 63, 6ull));
            }
            """;

    private static CUstream_st stream;

    @BeforeAll
    static void start() {
        Machine.start();
        stream = Machine.stream();
    }

    @AfterEach
    void reset() {
        CudaSim.reset();
        for (SimSetting setting : new SimSetting[] {SimSetting.CHECK, SimSetting.ORDER}) {
            CudaSim.set(setting, 0);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void everyConstructInEveryOrder(int mode) {
        CudaSim.set(SimSetting.ORDER, mode % 3);
        CudaSim.set(SimSetting.CHECK, mode / 3);
        CUmod_st module = Machine.module(SOURCE, "--fmad=false");

        float[] a = ramp(13 * 20);
        float[] b = ramp(20 * 11);
        long c = allocate(13 * 11 * 4);
        check(cuLaunchKernel(
                function(module, "matmul"),
                2,
                2,
                1,
                8,
                8,
                1,
                0,
                stream,
                Machine.arguments(upload(a), upload(b), c, 13, 11, 20),
                null));
        assertThat(Machine.words(cuStreamSynchronize(stream))).isEmpty();
        double product = 0;
        for (int k = 0; k < 20; k++) {
            product += a[12 * 20 + k] * b[k * 11 + 10];
        }
        assertThat((double) download(c, 13 * 11)[12 * 11 + 10]).isCloseTo(product, within(1.0));

        long y = upload(0);
        assertThat(run(stream, function(module, "sum"), 3, 96, upload(ramp(1000)), y, 1000))
                .isEmpty();
        assertThat(download(y, 1)).containsExactly(499_500);

        long votes = allocate(128);
        assertThat(run(stream, function(module, "votes"), 1, 32, votes)).isEmpty();
        assertThat(downloadInts(votes, 32))
                .startsWith(0x49249249, 1, 1, 16, 496, 2)
                .contains((16 + 31) * 8, atIndex(16));

        long v = allocate(64);
        assertThat(run(stream, function(module, "vectors"), 1, 4, upload(ramp(16)), v))
                .isEmpty();
        assertThat(download(v, 16)).startsWith(1, 3, 5, 7, 5);

        long bits = allocate(24);
        assertThat(run(stream, function(module, "bits"), 1, 1, bits)).isEmpty();
        assertThat(downloadInts(bits, 6))
                .containsExactly((int) (0xD2511F53L * 0x12345678L >>> 32), 0x3fc00000, 24, 2, Integer.MIN_VALUE, 3);
    }

    @Test
    void allocationsAndLaunchesFailOnDemand() {
        CudaSim.set(SimSetting.FAIL_ALLOCATION, 2);
        allocate(16);
        assertThat(cuMemAlloc(new long[1], 16)).isEqualTo(CUDA_ERROR_OUT_OF_MEMORY);
        allocate(16);
        SizeTPointer free = new SizeTPointer(1);
        check(cuMemGetInfo(free, new SizeTPointer(1)));
        assertThat(cuMemAlloc(new long[1], free.get() + 1)).isEqualTo(CUDA_ERROR_OUT_OF_MEMORY);

        CUmod_st module = Machine.module(SOURCE, "--fmad=false");
        CudaSim.set(SimSetting.FAIL_LAUNCH, 1);
        assertThat(run(stream, function(module, "bits"), 1, 1, allocate(24))).contains("ILLEGAL_ADDRESS", "injected");
        assertThat(Machine.words(cuMemAlloc(new long[1], 16))).contains("ILLEGAL_ADDRESS");
        CudaSim.reset();
        CudaSim.set(SimSetting.LOST, 999);
        assertThat(cuMemAlloc(new long[1], 16)).isEqualTo(999);
    }
}
