package dev.jangada.cuda.sim;

import static dev.jangada.cuda.sim.Machine.allocate;
import static dev.jangada.cuda.sim.Machine.check;
import static dev.jangada.cuda.sim.Machine.download;
import static dev.jangada.cuda.sim.Machine.function;
import static dev.jangada.cuda.sim.Machine.launch;
import static dev.jangada.cuda.sim.Machine.pinned;
import static dev.jangada.cuda.sim.Machine.ramp;
import static dev.jangada.cuda.sim.Machine.upload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_INVALID_CONTEXT;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_INVALID_HANDLE;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_INVALID_VALUE;
import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_NOT_READY;
import static org.bytedeco.cuda.global.cudart.CU_EVENT_DISABLE_TIMING;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventElapsedTime;
import static org.bytedeco.cuda.global.cudart.cuEventQuery;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuEventSynchronize;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemAllocAsync;
import static org.bytedeco.cuda.global.cudart.cuMemFree;
import static org.bytedeco.cuda.global.cudart.cuMemFreeAsync;
import static org.bytedeco.cuda.global.cudart.cuMemFreeHost;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoHAsync;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoDAsync;
import static org.bytedeco.cuda.global.cudart.cuMemsetD32Async;
import static org.bytedeco.cuda.global.cudart.cuModuleUnload;
import static org.bytedeco.cuda.global.cudart.cuStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;
import static org.bytedeco.cuda.global.cudart.cuStreamWaitEvent;

import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Work runs late and in no order but the one asked for, and wrong uses of streams, events and memory are told. */
@NeedsSimulator
class StreamOrderTest {
    private static final String SOURCE = """
            extern "C" __global__ void fill(float* x, float value, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) x[i] = value;
            }
            extern "C" __global__ void copy(const float* x, float* y, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) y[i] = x[i];
            }
            extern "C" __global__ void __launch_bounds__(64) small(float* x) { x[threadIdx.x] = 1.f; }
            extern "C" __global__ void shared(float* x) {
                extern __shared__ float s[];
                s[threadIdx.x] = x[threadIdx.x];
                __syncthreads();
                x[threadIdx.x] = s[blockDim.x - 1 - threadIdx.x];
            }
            __global__ void mangled(float* x) { x[0] = 1.f; }
            """;

    private static CUmod_st module;
    private static CUfunc_st fill;
    private static CUfunc_st copy;
    private static CUstream_st one;
    private static CUstream_st two;

    @BeforeAll
    static void start() {
        Machine.start();
        module = Machine.module(SOURCE);
        fill = function(module, "fill");
        copy = function(module, "copy");
        one = Machine.stream();
        two = Machine.stream();
    }

    @AfterEach
    void reset() {
        CudaSim.reset();
        CudaSim.set(SimSetting.ASYNC, 1);
        CudaSim.set(SimSetting.ORDER, 0);
    }

    private static CUevent_st event(int flags) {
        CUevent_st event = new CUevent_st();
        check(cuEventCreate(event, flags));
        return event;
    }

    @Test
    void unfinishedCopyToTheHostIsVisible() {
        long x = upload(ramp(64));
        FloatPointer host = pinned(64);
        check(cuMemcpyDtoHAsync(host, x, 256, one));
        assertThat(host.get(5)).isNotEqualTo(5);
        check(cuStreamSynchronize(one));
        assertThat(host.get(5)).isEqualTo(5);
        check(cuMemFreeHost(host));
    }

    @Test
    void pinnedSourceIsReadLateAndPageableAtTheCall() {
        long x = allocate(4);
        FloatPointer host = pinned(1).put(0, 1);
        check(cuMemcpyHtoDAsync(x, host, 4, one));
        host.put(0, 2);
        check(cuStreamSynchronize(one));
        assertThat(download(x, 1)).containsExactly(2);
        FloatPointer pageable = new FloatPointer(new float[] {3});
        check(cuMemcpyHtoDAsync(x, pageable, 4, one));
        pageable.put(0, 4);
        check(cuStreamSynchronize(one));
        assertThat(download(x, 1)).containsExactly(3);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void eventOrdersTwoStreams(long async) {
        CudaSim.set(SimSetting.ASYNC, async);
        for (int turn = 0; turn < 20; turn++) {
            CudaSim.set(SimSetting.SEED, turn);
            long x = upload(new float[64]);
            long y = allocate(256);
            CUevent_st event = event(CU_EVENT_DISABLE_TIMING);
            check(launch(two, fill, 1, 64, x, 3f, 64));
            check(cuEventRecord(event, two));
            check(cuStreamWaitEvent(one, event, 0));
            check(launch(one, copy, 1, 64, x, y, 64));
            check(cuStreamSynchronize(one));
            assertThat(download(y, 64)).containsOnly(3);
        }
    }

    @Test
    void withoutAnEventTheOtherStreamIsNotWaitedFor() {
        long x = upload(new float[64]);
        long y = allocate(256);
        check(launch(two, fill, 1, 64, x, 3f, 64));
        check(launch(one, copy, 1, 64, x, y, 64));
        check(cuStreamSynchronize(one));
        assertThat(download(y, 64)).containsOnly(0);
    }

    @Test
    void copyInTheLegacyStreamDoesNotWaitForANonBlockingOne() {
        long x = upload(new float[64]);
        check(launch(one, fill, 1, 64, x, 3f, 64));
        assertThat(download(x, 64)).containsOnly(0);
        check(cuStreamSynchronize(one));
        assertThat(download(x, 64)).containsOnly(3);
    }

    @Test
    void eventsTellWhetherTheyHappened() {
        CUevent_st begin = event(0);
        CUevent_st end = event(0);
        long x = allocate(4096);
        assertThat(cuEventQuery(begin)).isZero();
        check(cuEventRecord(begin, one));
        check(launch(one, fill, 4, 256, x, 1f, 1024));
        check(cuEventRecord(end, one));
        float[] millis = new float[1];
        assertThat(cuEventElapsedTime(millis, begin, end)).isEqualTo(CUDA_ERROR_NOT_READY);
        assertThat(cuEventQuery(end)).isEqualTo(CUDA_ERROR_NOT_READY);
        check(cuEventSynchronize(end));
        assertThat(cuEventQuery(end)).isZero();
        check(cuEventElapsedTime(millis, begin, end));
        assertThat(millis[0]).isPositive();
        CUevent_st untimed = event(CU_EVENT_DISABLE_TIMING);
        check(cuEventRecord(untimed, one));
        assertThat(cuEventElapsedTime(millis, begin, untimed)).isEqualTo(CUDA_ERROR_INVALID_HANDLE);
        assertThat(CudaSim.takeReports()).anyMatch(each -> each.contains("without timing"));
    }

    @Test
    void freshMemoryIsNotANumber() {
        assertThat(download(allocate(64), 16)).containsOnly(Float.NaN);
    }

    @Test
    void doubleFreeAndFreeOfTheInside() {
        long x = allocate(64);
        assertThat(cuMemFree(x + 4)).isEqualTo(CUDA_ERROR_INVALID_VALUE);
        check(cuMemFree(x));
        assertThat(cuMemFree(x)).isEqualTo(CUDA_ERROR_INVALID_VALUE);
        assertThat(CudaSim.takeReports()).hasSize(2).last().asString().contains("which is freed");
    }

    @Test
    void useAfterAFreeInStreamOrder() {
        long[] x = new long[1];
        check(cuMemAllocAsync(x, 256, one));
        check(launch(one, fill, 1, 64, x[0], 1f, 64));
        check(cuMemFreeAsync(x[0], one));
        check(launch(one, fill, 1, 64, x[0], 1f, 64));
        assertThat(Machine.words(cuStreamSynchronize(one)))
                .contains("ILLEGAL_ADDRESS", "kernel fill", "which is freed");
    }

    @Test
    void plainModeNoticesAWriteBesideAnAllocation() {
        long x = allocate(400);
        String words = Machine.run(one, fill, 1, 128, x + 4, 1f, 100);
        assertThat(words).contains("out-of-bounds write 0 bytes past the end of allocation", "400 bytes");
    }

    @Test
    void plainModeStopsAtAGuardPage() {
        long x = allocate(1 << 20);
        assertThat(Machine.run(one, fill, 1, 128, x + (1 << 20) + 4096, 1f, 128))
                .contains("ILLEGAL_ADDRESS", "kernel fill", "past the end");
    }

    @Test
    void badLaunches() {
        long x = allocate(4096);
        CUfunc_st small = function(module, "small");
        CUfunc_st shared = function(module, "shared");
        assertThat(launch(one, fill, 0, 32, x, 0f, 1)).isEqualTo(CUDA_ERROR_INVALID_VALUE);
        assertThat(launch(one, fill, 1, 2048, x, 0f, 1)).isEqualTo(CUDA_ERROR_INVALID_VALUE);
        assertThat(launch(one, small, 1, 128, x)).isEqualTo(CUDA_ERROR_INVALID_VALUE);
        assertThat(cuLaunchKernel(shared, 1, 1, 1, 64, 1, 1, 50_000, one, Machine.arguments(x), null))
                .isEqualTo(CUDA_ERROR_INVALID_VALUE);
        assertThat(launch(one, new CUfunc_st(), 1, 1)).isEqualTo(CUDA_ERROR_INVALID_HANDLE);
        assertThat(String.join("\n", CudaSim.takeReports()))
                .contains(
                        "an empty grid or block",
                        "too many threads in a block",
                        "__launch_bounds__(64)",
                        "50000 bytes of dynamic shared memory");
    }

    @Test
    void dynamicSharedMemory() {
        long x = upload(ramp(64));
        check(cuLaunchKernel(function(module, "shared"), 1, 1, 1, 64, 1, 1, 256, one, Machine.arguments(x), null));
        check(cuStreamSynchronize(one));
        assertThat(download(x, 2)).containsExactly(63, 62);
    }

    @Test
    void kernelWithAMangledNameIsNotFound() {
        assertThat(org.bytedeco.cuda.global.cudart.cuModuleGetFunction(new CUfunc_st(), module, "mangled"))
                .isEqualTo(org.bytedeco.cuda.global.cudart.CUDA_ERROR_NOT_FOUND);
    }

    @Test
    void functionOfAnUnloadedModule() {
        CUmod_st other = Machine.module(SOURCE);
        CUfunc_st function = function(other, "fill");
        check(cuModuleUnload(other));
        assertThat(launch(one, function, 1, 1, allocate(4), 0f, 1)).isEqualTo(CUDA_ERROR_INVALID_HANDLE);
    }

    @Test
    void threadWithoutAContextAndDestroyedStream() throws InterruptedException {
        int[] status = new int[1];
        Thread thread = new Thread(() -> status[0] = cuMemAlloc(new long[1], 16));
        thread.start();
        thread.join();
        assertThat(status[0]).isEqualTo(CUDA_ERROR_INVALID_CONTEXT);
        CUstream_st gone = Machine.stream();
        check(cuStreamDestroy(gone));
        assertThat(cuStreamSynchronize(gone)).isEqualTo(CUDA_ERROR_INVALID_HANDLE);
    }

    @Test
    void copyOfTheWrongKind() {
        long x = allocate(64);
        assertThat(cuMemcpyHtoDAsync(x, new FloatPointer(32), 128, one)).isEqualTo(CUDA_ERROR_INVALID_VALUE);
        Pointer device = Machine.at(x);
        assertThat(cuMemcpyDtoHAsync(device, x, 64, one)).isEqualTo(CUDA_ERROR_INVALID_VALUE);
        assertThat(cuMemsetD32Async(x + 2, 0, 4, one)).isEqualTo(CUDA_ERROR_INVALID_VALUE);
        assertThat(String.join("\n", CudaSim.takeReports())).contains("overrun", "is device memory", "misaligned");
    }
}
