package dev.jangada.cuda.sim;

import static org.bytedeco.cuda.global.cudart.CU_STREAM_NON_BLOCKING;
import static org.bytedeco.cuda.global.cudart.cuCtxSetCurrent;
import static org.bytedeco.cuda.global.cudart.cuDevicePrimaryCtxRetain;
import static org.bytedeco.cuda.global.cudart.cuGetErrorName;
import static org.bytedeco.cuda.global.cudart.cuGetErrorString;
import static org.bytedeco.cuda.global.cudart.cuInit;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemHostAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemcpyDtoH;
import static org.bytedeco.cuda.global.cudart.cuMemcpyHtoD;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;
import static org.bytedeco.cuda.global.cudart.cuStreamCreate;
import static org.bytedeco.cuda.global.cudart.cuStreamSynchronize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;

import java.util.Arrays;
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

/** The presets' functions with less noise, for the tests of the simulator itself. */
final class Machine {
    private static CUctx_st context;

    private Machine() {}

    /** Makes the primary context of device 0 current in this thread. */
    static synchronized void start() {
        CudaSim.install();
        check(cuInit(0));
        if (context == null) {
            context = new CUctx_st();
            check(cuDevicePrimaryCtxRetain(context, 0));
        }
        check(cuCtxSetCurrent(context));
    }

    /** The status in words, as a backend would show it; empty for success. */
    static String words(int status) {
        if (status == 0) {
            return "";
        }
        PointerPointer<BytePointer> name = new PointerPointer<>(1);
        PointerPointer<BytePointer> meaning = new PointerPointer<>(1);
        cuGetErrorName(status, name);
        cuGetErrorString(status, meaning);
        return name.get(BytePointer.class).getString() + ": "
                + meaning.get(BytePointer.class).getString();
    }

    static void check(int status) {
        if (status != 0) {
            throw new IllegalStateException(words(status));
        }
    }

    static CUstream_st stream() {
        CUstream_st stream = new CUstream_st();
        check(cuStreamCreate(stream, CU_STREAM_NON_BLOCKING));
        return stream;
    }

    // ---- kernels

    /** The image of a program; an IllegalArgumentException with the log if it does not compile. */
    static BytePointer compile(String source, String... options) {
        _nvrtcProgram program = new _nvrtcProgram();
        check(nvrtcCreateProgram(
                program, new BytePointer(source), new BytePointer("test.cu"), 0, (PointerPointer<Pointer>) null, null));
        String[] all = Arrays.copyOf(options, options.length + 1);
        all[options.length] = "--gpu-architecture=sm_90";
        int status = nvrtcCompileProgram(program, all.length, new PointerPointer<BytePointer>(all));
        SizeTPointer size = new SizeTPointer(1);
        if (status != 0) {
            check(nvrtcGetProgramLogSize(program, size));
            BytePointer log = new BytePointer(size.get());
            check(nvrtcGetProgramLog(program, log));
            throw new IllegalArgumentException(nvrtcGetErrorString(status).getString() + "\n" + log.getString());
        }
        check(nvrtcGetCUBINSize(program, size));
        BytePointer image = new BytePointer(size.get());
        check(nvrtcGetCUBIN(program, image));
        check(nvrtcDestroyProgram(program));
        return image;
    }

    static CUmod_st module(String source, String... options) {
        CUmod_st module = new CUmod_st();
        check(cuModuleLoadData(module, compile(source, options)));
        return module;
    }

    static CUfunc_st function(CUmod_st module, String name) {
        CUfunc_st function = new CUfunc_st();
        check(cuModuleGetFunction(function, module, name));
        return function;
    }

    /** Arguments: Long for pointers and 64-bit integers, Integer, Float. */
    static PointerPointer<Pointer> arguments(Object... values) {
        Pointer[] pointers = new Pointer[values.length];
        for (int i = 0; i < values.length; i++) {
            if (values[i] instanceof Long value) {
                pointers[i] = new LongPointer(new long[] {value});
            } else if (values[i] instanceof Integer value) {
                pointers[i] = new IntPointer(new int[] {value});
            } else {
                pointers[i] = new FloatPointer(new float[] {(Float) values[i]});
            }
        }
        return new PointerPointer<>(pointers);
    }

    static int launch(CUstream_st stream, CUfunc_st function, int grid, int block, Object... values) {
        return cuLaunchKernel(function, grid, 1, 1, block, 1, 1, 0, stream, arguments(values), null);
    }

    /** Launches, waits, and says what went wrong; empty if nothing did. */
    static String run(CUstream_st stream, CUfunc_st function, int grid, int block, Object... values) {
        int status = launch(stream, function, grid, block, values);
        return words(status != 0 ? status : cuStreamSynchronize(stream));
    }

    // ---- memory

    static long allocate(long bytes) {
        long[] address = new long[1];
        check(cuMemAlloc(address, bytes));
        return address[0];
    }

    static long upload(float... values) {
        long address = allocate(4L * values.length);
        check(cuMemcpyHtoD(address, new FloatPointer(values), 4L * values.length));
        return address;
    }

    static float[] download(long address, int count) {
        float[] values = new float[count];
        FloatPointer host = new FloatPointer(count);
        check(cuMemcpyDtoH(host, address, 4L * count));
        host.get(values);
        return values;
    }

    static int[] downloadInts(long address, int count) {
        int[] values = new int[count];
        IntPointer host = new IntPointer(count);
        check(cuMemcpyDtoH(host, address, 4L * count));
        host.get(values);
        return values;
    }

    static FloatPointer pinned(int count) {
        PointerPointer<Pointer> pointer = new PointerPointer<>(1);
        check(cuMemHostAlloc(pointer, 4L * count, 0));
        return new FloatPointer(pointer.get()).capacity(count);
    }

    /** A device address as the pointer that cuBLAS's bindings want. */
    static FloatPointer at(long device) {
        return new FloatPointer(new Address(device));
    }

    static float[] ramp(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        return values;
    }

    private static final class Address extends Pointer {
        Address(long value) {
            address = value;
        }
    }
}
