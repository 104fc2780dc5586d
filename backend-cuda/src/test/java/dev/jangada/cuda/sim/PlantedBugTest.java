package dev.jangada.cuda.sim;

import static dev.jangada.cuda.sim.Machine.allocate;
import static dev.jangada.cuda.sim.Machine.check;
import static dev.jangada.cuda.sim.Machine.download;
import static dev.jangada.cuda.sim.Machine.function;
import static dev.jangada.cuda.sim.Machine.ramp;
import static dev.jangada.cuda.sim.Machine.run;
import static dev.jangada.cuda.sim.Machine.upload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.cuda.global.cudart.cuMemFree;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoD;

import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Kernels with one bug each, and their right siblings: the checking mode names the bug, its line, its thread, and is silent otherwise. */
@NeedsSimulator
class PlantedBugTest {
    private static final String SOURCE = """
            extern "C" __global__ void fill(float* x, int n, int shift) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) x[i + shift] = 1.f;
            }
            extern "C" __global__ void copy(const float* x, float* y, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) y[i] = x[i];
            }
            extern "C" __global__ void reverse(const float* x, float* y) {
                __shared__ float s[256];
                int t = threadIdx.x;
                s[t] = x[t];
                y[t] = s[255 - t];
            }
            extern "C" __global__ void reverseRight(const float* x, float* y) {
                __shared__ float s[256];
                int t = threadIdx.x;
                s[t] = x[t];
                __syncthreads();
                y[t] = s[255 - t];
            }
            extern "C" __global__ void reduceWithoutLastBarrier(const float* x, float* y) {
                __shared__ float s[64];
                int t = threadIdx.x;
                s[t] = x[t];
                for (int d = 32; d > 0; d >>= 1) {
                    __syncthreads();
                    if (t < d) s[t] += s[t + d];
                }
                y[t] = s[0];
            }
            extern "C" __global__ void warpImplicit(const float* x, float* y) {
                __shared__ float s[32];
                int t = threadIdx.x;
                s[t] = x[t];
                if (t < 16) s[t] += s[t + 16];
                if (t == 0) y[0] = s[0];
            }
            extern "C" __global__ void warpRight(const float* x, float* y) {
                __shared__ float s[32];
                int t = threadIdx.x;
                s[t] = x[t];
                __syncwarp();
                if (t < 16) s[t] += s[t + 16];
                __syncwarp();
                if (t == 0) y[0] = s[0];
            }
            extern "C" __global__ void divergentBarrier(float* y) {
                if (threadIdx.x < 100) __syncthreads();
                else
                    __syncthreads();
                y[threadIdx.x] = 1.f;
            }
            extern "C" __global__ void barrierNotForAll(float* y, int n) {
                if (threadIdx.x < n) {
                    if (threadIdx.x % 2) __syncthreads();
                    else __syncwarp(0x55555555u);
                    __syncthreads();
                }
                y[threadIdx.x] = 1.f;
            }
            extern "C" __global__ void divergentShuffle(float* y) {
                float v = threadIdx.x;
                if (threadIdx.x < 16) v += __shfl_down_sync(0xffffffffu, v, 8);
                __syncthreads();
                y[threadIdx.x] = v;
            }
            extern "C" __global__ void shuffleFromOutside(float* y) {
                if (threadIdx.x < 16) y[threadIdx.x] = __shfl_sync(0xffffu, 1.f, 20);
            }
            extern "C" __global__ void scatter(float* y, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) y[i % 7] += 1.f;
            }
            extern "C" __global__ void scatterRight(float* y, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) atomicAdd(&y[i % 7], 1.f);
            }
            extern "C" __global__ void betweenBlocks(float* y) {
                if (threadIdx.x == 0) y[blockIdx.x] = 1.f;
                __syncthreads();
                if (blockIdx.x > 0) y[gridDim.x + blockIdx.x] = y[blockIdx.x - 1];
            }
            extern "C" __global__ void halves(unsigned short* y) { y[threadIdx.x] = (unsigned short) threadIdx.x; }
            extern "C" __global__ void overlappingHalves(unsigned short* y) { y[threadIdx.x / 2] = (unsigned short) threadIdx.x; }
            extern "C" __global__ void halvesInPlace(unsigned short* y) { y[threadIdx.x] += 1; }
            extern "C" __global__ void halvesShifted(unsigned short* y) { y[threadIdx.x] = y[(threadIdx.x + 1) % 64]; }
            extern "C" __global__ void bytesAsATree(const unsigned char* x, unsigned char* y) {
                __shared__ unsigned char s[64];
                int t = threadIdx.x;
                s[t] = x[t];
                for (int d = 32; d > 0; d /= 2) {
                    __syncthreads();
                    if (t < d) s[t] |= s[t + d];
                }
                if (t == 0) y[0] = s[0];
            }
            extern "C" __global__ void bytesInPlace(unsigned char* y) { y[blockIdx.x * blockDim.x + threadIdx.x] += 1; }
            extern "C" __global__ void bytesShifted(unsigned char* y) { y[blockIdx.x] = y[(blockIdx.x + 1) % 8]; }
            extern "C" __global__ void flag(unsigned long long* f) {
                if (*(volatile unsigned long long*) f) return;
                atomicCAS(f, 0ull, 1ull);
            }
            extern "C" __global__ void plainFlag(unsigned long long* f) {
                if (*f) return;
                atomicCAS(f, 0ull, 1ull);
            }
            extern "C" __global__ void four(float* x, int offset) {
                float4 v = *(float4*) (x + offset);
                v.x += 1;
                *(float4*) (x + offset) = v;
            }
            extern "C" __global__ void sharedIndex(float* y, int i) {
                __shared__ float s[32];
                s[threadIdx.x] = 1.f;
                __syncthreads();
                y[threadIdx.x] = s[i];
            }
            extern "C" __global__ void sharedUninitialised(float* y) {
                __shared__ float s[64];
                if (threadIdx.x < 63) s[threadIdx.x] = 1.f;
                __syncthreads();
                y[threadIdx.x] = s[threadIdx.x];
            }
            extern "C" __global__ void divide(int* y, int d) { y[0] = 7 / d; }
            extern "C" __global__ void fails(float* y, int n) {
                assert(n > 0);
                y[0] = 1.f;
            }
            extern "C" __global__ void lastBlockSums(const float* x, float* partial, float* y, unsigned* tickets) {
                __shared__ bool last;
                partial[blockIdx.x] = x[blockIdx.x];
                __threadfence();
                if (threadIdx.x == 0) last = atomicAdd(tickets, 1u) == gridDim.x - 1;
                __syncthreads();
                if (last && threadIdx.x == 0) {
                    float sum = 0.f;
                    for (unsigned i = 0; i < gridDim.x; i++) sum += partial[i];
                    y[0] = sum;
                }
            }
            extern "C" __global__ void lastBlockWithoutFence(const float* x, float* partial, float* y, unsigned* tickets) {
                __shared__ bool last;
                partial[blockIdx.x] = x[blockIdx.x];
                if (threadIdx.x == 0) last = atomicAdd(tickets, 1u) == gridDim.x - 1;
                __syncthreads();
                if (last && threadIdx.x == 0) {
                    float sum = 0.f;
                    for (unsigned i = 0; i < gridDim.x; i++) sum += partial[i];
                    y[0] = sum;
                }
            }
            """;

    private static CUmod_st module;
    private static CUstream_st stream;

    @BeforeAll
    static void compile() {
        Machine.start();
        CudaSim.set(SimSetting.CHECK, 1);
        module = Machine.module(SOURCE);
        stream = Machine.stream();
    }

    @AfterEach
    void revive() {
        CudaSim.reset();
    }

    @AfterAll
    static void uncheck() {
        CudaSim.set(SimSetting.CHECK, 0);
    }

    private static String bug(String kernel, int grid, int block, Object... arguments) {
        return run(stream, function(module, kernel), grid, block, arguments);
    }

    /** The line of the source that holds this text, as in a message. */
    private static String line(String text) {
        return "test.cu:" + (SOURCE.substring(0, SOURCE.indexOf(text)).lines().count());
    }

    @Test
    void oneElementPastTheEnd() {
        long x = allocate(400);
        assertThat(bug("fill", 1, 128, x, 100, 1))
                .contains("ILLEGAL_ADDRESS", "write of 4 bytes", "0 bytes past the end of allocation", "of 400 bytes")
                .contains("kernel fill", "thread (99,0,0)", line("x[i + shift] = 1.f"));
    }

    @Test
    void aMegabytePastTheEnd() {
        assertThat(bug("fill", 1, 128, allocate(400), 100, 1 << 18)).contains("ILLEGAL_ADDRESS", "thread (0,0,0)");
    }

    @Test
    void beforeTheBegin() {
        assertThat(bug("fill", 1, 128, allocate(400), 100, -1)).contains("4 bytes before allocation", "thread (0,0,0)");
    }

    @Test
    void hostPointer() {
        FloatPointer host = new FloatPointer(128);
        assertThat(bug("fill", 1, 128, host.address(), 100, 0)).contains("ILLEGAL_ADDRESS", "host pointer");
    }

    @Test
    void nullPointer() {
        assertThat(bug("fill", 1, 128, 0L, 100, 0))
                .contains("ILLEGAL_ADDRESS", "null pointer", line("x[i + shift] = 1.f"));
    }

    @Test
    void freedMemory() {
        long x = upload(ramp(100));
        check(cuMemFree(x));
        assertThat(bug("fill", 1, 128, x, 100, 0)).contains("ILLEGAL_ADDRESS", "which is freed");
    }

    @Test
    void uninitialisedMemory() {
        assertThat(bug("copy", 1, 128, allocate(400), allocate(400), 100))
                .contains("uninitialised global memory", line("y[i] = x[i]"));
    }

    @Test
    void uninitialisedMemoryStaysSoWhenCopied() {
        long x = allocate(400);
        long copy = allocate(400);
        check(cuMemcpyDtoD(copy, x, 400));
        assertThat(bug("copy", 1, 128, copy, allocate(400), 100)).contains("uninitialised global memory");
    }

    @Test
    void uninitialisedSharedMemory() {
        assertThat(bug("sharedUninitialised", 1, 64, allocate(256)))
                .contains("uninitialised shared memory", "thread (63,0,0)");
    }

    @Test
    void missingBarrier() {
        assertThat(bug("reverse", 1, 256, upload(ramp(256)), allocate(1024)))
                .containsAnyOf("data race", "uninitialised shared memory")
                .contains("reverse", "test.cu:");
        CudaSim.reset();
        assertThat(bug("reverseRight", 1, 256, upload(ramp(256)), allocate(1024)))
                .isEmpty();
    }

    @Test
    void missingBarrierAtTheEndOfALoop() {
        assertThat(bug("reduceWithoutLastBarrier", 1, 64, upload(ramp(64)), allocate(256)))
                .contains("data race", "shared", line("y[t] = s[0]"));
    }

    @Test
    void implicitOrderInAWarp() {
        assertThat(bug("warpImplicit", 1, 32, upload(ramp(32)), allocate(4)))
                .containsAnyOf("data race", "uninitialised shared memory");
        CudaSim.reset();
        long y = allocate(4);
        assertThat(bug("warpRight", 1, 32, upload(ramp(32)), y)).isEmpty();
        assertThat(download(y, 1)).containsExactly(16);
    }

    @Test
    void divergentBarrier() {
        assertThat(bug("divergentBarrier", 1, 256, allocate(1024)))
                .contains("divergent __syncthreads", "100 threads", "156 threads");
    }

    @Test
    void barrierThatOnlySomeReach() {
        assertThat(bug("barrierNotForAll", 1, 32, allocate(128), 32)).containsAnyOf("deadlock", "divergent");
    }

    @Test
    void shuffleWithMissingLanes() {
        assertThat(bug("divergentShuffle", 1, 32, allocate(128)))
                .containsAnyOf("deadlock", "divergent")
                .contains("0xffffffff".substring(2));
    }

    @Test
    void shuffleFromALaneOutside() {
        assertThat(bug("shuffleFromOutside", 1, 32, allocate(128))).contains("shuffle from lane 20");
    }

    @Test
    void scatterWithoutAtomics() {
        assertThat(bug("scatter", 4, 64, upload(new float[7]), 256))
                .contains("data race", "global", line("y[i % 7] += 1.f"));
        CudaSim.reset();
        long y = upload(new float[7]);
        assertThat(bug("scatterRight", 4, 64, y, 256)).isEmpty();
        assertThat(download(y, 7)).containsExactly(37, 37, 37, 37, 36, 36, 36);
    }

    @Test
    void raceBetweenBlocks() {
        assertThat(bug("betweenBlocks", 4, 32, upload(new float[8]))).contains("data race", "thread #0 of block #0");
    }

    @Test
    void neighboursInOneWord() {
        assertThat(bug("halves", 1, 64, allocate(128))).isEmpty();
        assertThat(bug("overlappingHalves", 1, 64, allocate(128))).contains("data race");
    }

    @Test
    void halfNumbersInPlace() {
        assertThat(bug("halvesInPlace", 1, 64, upload(new float[32]))).isEmpty();
        assertThat(bug("halvesShifted", 1, 64, upload(new float[32]))).contains("data race");
    }

    @Test
    void bytesInPlaceOfBlocksThatShareAWord() {
        assertThat(bug("bytesInPlace", 4, 5, upload(new float[5]))).isEmpty();
        assertThat(bug("bytesShifted", 8, 1, upload(new float[2]))).contains("data race (write after read)");
    }

    @Test
    void bytesThatAreMergedAsATree() {
        assertThat(bug("bytesAsATree", 1, 64, upload(ramp(16)), allocate(1))).isEmpty();
    }

    @Test
    void aFlagThatAtomicsSet() {
        assertThat(bug("flag", 1, 64, upload(new float[2]))).isEmpty();
        assertThat(bug("plainFlag", 1, 64, upload(new float[2]))).contains("data race (read after write)");
    }

    @Test
    void misalignedVector() {
        assertThat(bug("four", 1, 1, upload(new float[64]), 1)).contains("MISALIGNED_ADDRESS", line("float4 v = "));
    }

    @Test
    void indexPastASharedArray() {
        assertThat(bug("sharedIndex", 1, 32, allocate(128), 32))
                .contains("array index 32 out of bounds", line("y[threadIdx.x] = s[i]"));
    }

    @Test
    void integerDivisionByZero() {
        assertThat(bug("divide", 1, 1, allocate(4), 0)).contains("division by zero");
    }

    @Test
    void failedAssertion() {
        assertThat(bug("fails", 1, 1, allocate(4), 0)).contains("CUDA_ERROR_ASSERT", "assert(n > 0)");
    }

    @Test
    void lastBlockWithAndWithoutAFence() {
        long y = allocate(4);
        assertThat(bug("lastBlockSums", 8, 32, upload(ramp(8)), allocate(32), y, upload(0)))
                .contains("data race");
        CudaSim.reset();
        assertThat(bug("lastBlockSums", 8, 1, upload(ramp(8)), allocate(32), y, upload(0)))
                .isEmpty();
        assertThat(download(y, 1)).containsExactly(28);
        assertThat(bug("lastBlockWithoutFence", 8, 1, upload(ramp(8)), allocate(32), y, upload(0)))
                .contains("data race");
    }

    @Test
    void deadContextAnswersTheSameForEver() {
        bug("fill", 1, 128, allocate(400), 100, 1);
        assertThat(Machine.words(Machine.launch(stream, new CUfunc_st(), 1, 1))).contains("ILLEGAL_ADDRESS");
        assertThat(CudaSim.takeReports()).anyMatch(each -> each.contains("kernel fill"));
    }
}
