package dev.jangada.cuda.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.bytedeco.cuda.global.cublas.cublasCreate_v2;
import static org.bytedeco.cuda.global.cublas.cublasSetStream_v2;
import static org.bytedeco.cuda.global.cublas.cublasSgemm_v2;
import static org.bytedeco.cuda.global.cudart.cuCtxSetCurrent;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuInit;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoH;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoD;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;
import static org.bytedeco.cuda.global.cudart.cuStreamCreate;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;

import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUctx_st;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.junit.jupiter.api.Test;

/** The shortest way through the presets to a result: compile, launch, multiply. */
@NeedsSimulator
class SimSmokeTest {
    private static final String SOURCE = """
            extern "C" __global__ void scale(float* x, float a, int n) {
                int i = blockIdx.x * blockDim.x + threadIdx.x;
                if (i < n) x[i] *= a;
            }
            """;

    @Test
    void compilesLaunchesAndMultiplies() {
        assertThat(CudaSim.reason()).isEmpty();
        CUstream_st stream = stream();
        long x = upload(new float[] {1, 2, 3, 4});
        CUfunc_st scale = new CUfunc_st();
        check(cuModuleGetFunction(scale, module(), "scale"));
        PointerPointer<Pointer> arguments = new PointerPointer<>(
                new LongPointer(new long[] {x}), new FloatPointer(new float[] {10}), new IntPointer(new int[] {4}));
        check(cuLaunchKernel(
                scale, 1, 1, 1, 32, 1, 1, 0, stream, arguments, new PointerPointer<Pointer>((Pointer) null)));
        check(cuStreamSynchronize(stream));
        assertThat(download(x, 4)).containsExactly(10, 20, 30, 40);

        long y = upload(new float[4]);
        cublasContext blas = new cublasContext();
        check(cublasCreate_v2(blas));
        check(cublasSetStream_v2(blas, stream));
        FloatPointer one = new FloatPointer(new float[] {1});
        FloatPointer zero = new FloatPointer(new float[] {0});
        check(cublasSgemm_v2(blas, 0, 0, 2, 2, 2, one, at(x), 2, at(x), 2, zero, at(y), 2));
        check(cuStreamSynchronize(stream));
        assertThat(download(y, 4)).containsExactly(700, 1000, 1500, 2200);
    }

    private static CUstream_st stream() {
        check(cuInit(0));
        CUctx_st context = new CUctx_st();
        check(cuDevicePrimaryCtxRetain(context, 0));
        check(cuCtxSetCurrent(context));
        CUstream_st stream = new CUstream_st();
        check(cuStreamCreate(stream, 1));
        return stream;
    }

    private static CUmod_st module() {
        _nvrtcProgram program = new _nvrtcProgram();
        check(nvrtcCreateProgram(
                program,
                new BytePointer(SOURCE),
                new BytePointer("scale.cu"),
                0,
                (PointerPointer<Pointer>) null,
                null));
        check(nvrtcCompileProgram(
                program, 2, new PointerPointer<BytePointer>("--gpu-architecture=sm_90", "--fmad=false")));
        SizeTPointer size = new SizeTPointer(1);
        check(nvrtcGetCUBINSize(program, size));
        BytePointer image = new BytePointer(size.get());
        check(nvrtcGetCUBIN(program, image));
        CUmod_st module = new CUmod_st();
        check(cuModuleLoadData(module, image));
        return module;
    }

    private static long upload(float[] values) {
        long[] address = new long[1];
        check(cuMemAlloc(address, 4L * values.length));
        check(cuMemcpyHtoD(address[0], new FloatPointer(values), 4L * values.length));
        return address[0];
    }

    private static float[] download(long address, int count) {
        float[] values = new float[count];
        FloatPointer host = new FloatPointer(count);
        check(cuMemcpyDtoH(host, address, 4L * count));
        host.get(values);
        return values;
    }

    private static FloatPointer at(long device) {
        return new FloatPointer(new Address(device));
    }

    private static final class Address extends Pointer {
        Address(long value) {
            address = value;
        }
    }

    private static void check(int status) {
        assertThat(status).isZero();
    }
}
