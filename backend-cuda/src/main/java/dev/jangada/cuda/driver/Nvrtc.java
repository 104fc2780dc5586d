package dev.jangada.cuda.driver;

import dev.jangada.BackendException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** Compiles CUDA C to machine code (cubin), which needs no compiler in the driver and runs on every driver for CUDA 13. */
public final class Nvrtc {
    private Nvrtc() {}

    private static final class Holder {
        static final String VERSION = readVersion();
        static final int[] ARCHITECTURES = readArchitectures();
    }

    /** Returns the version: {@code 13.1}. */
    public static String version() {
        return Holder.VERSION;
    }

    /**
     * Returns the newest architecture that there is code for and whose code runs on a device, which is one of the same major version; -1 if
     * there is none.
     *
     * @param architecture the device's: 86 for 8.6
     */
    public static int target(int architecture) {
        int best = -1;
        for (int a : Holder.ARCHITECTURES) {
            if (a / 10 == architecture / 10 && a <= architecture) {
                best = Math.max(best, a);
            }
        }
        return best;
    }

    private static String readVersion() {
        int[] major = new int[1];
        int[] minor = new int[1];
        check(nvrtc.nvrtcVersion(major, minor), "nvrtcVersion");
        return major[0] + "." + minor[0];
    }

    private static int[] readArchitectures() {
        int[] count = new int[1];
        check(nvrtc.nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs");
        int[] all = new int[count[0]];
        check(nvrtc.nvrtcGetSupportedArchs(all), "nvrtcGetSupportedArchs");
        return all;
    }

    private static void check(int status, String call) {
        if (status != 0) {
            throw new BackendException("[cuda] " + call + " failed: " + text(status));
        }
    }

    private static String text(int status) {
        return nvrtc.nvrtcGetErrorString(status).getString();
    }

    /**
     * Compiles a translation unit.
     *
     * @param name for messages: {@code add.cu}
     * @param source CUDA C
     * @param options options of the compiler, a target {@code sm_…} among them
     * @return the machine code
     * @throws BackendException with the compiler's messages and the numbered source if it cannot be compiled
     */
    public static byte[] compile(String name, String source, List<String> options) {
        try (_nvrtcProgram program = new _nvrtcProgram();
                BytePointer code = new BytePointer(source, StandardCharsets.UTF_8);
                BytePointer title = new BytePointer(name, StandardCharsets.UTF_8)) {
            PointerPointer<?> none = null;
            check(nvrtc.nvrtcCreateProgram(program, code, title, 0, none, none), "nvrtcCreateProgram");
            try {
                return compile(program, name, source, options);
            } finally {
                nvrtc.nvrtcDestroyProgram(program);
            }
        }
    }

    private static byte[] compile(_nvrtcProgram program, String name, String source, List<String> options) {
        BytePointer[] texts = options.stream().map(BytePointer::new).toArray(BytePointer[]::new);
        try (PointerPointer<BytePointer> array = new PointerPointer<>(texts);
                SizeTPointer size = new SizeTPointer(1)) {
            int status = nvrtc.nvrtcCompileProgram(program, texts.length, array);
            if (status != 0) {
                if (status == nvrtc.NVRTC_ERROR_BUILTIN_OPERATION_FAILURE) {
                    throw new BackendException("[" + name + "] expected all of NVRTC " + version() + ", got "
                            + text(status) + ": " + log(program, size)
                            + "; put the folder of libnvrtc-builtins, which comes with NVRTC, into LD_LIBRARY_PATH");
                }
                throw new BackendException("[" + name + "] expected CUDA C that compiles, got: " + text(status) + "\n"
                        + log(program, size) + "\n" + numbered(source) + "options " + options
                        + "\nthis is a mistake of the backend: please report it with this message");
            }
            check(nvrtc.nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
            ByteBuffer image = ByteBuffer.allocateDirect(Math.toIntExact(size.get()));
            check(nvrtc.nvrtcGetCUBIN(program, image), "nvrtcGetCUBIN");
            byte[] bytes = new byte[image.capacity()];
            image.get(0, bytes);
            return bytes;
        } finally {
            for (BytePointer text : texts) {
                text.close();
            }
        }
    }

    private static String log(_nvrtcProgram program, SizeTPointer size) {
        if (nvrtc.nvrtcGetProgramLogSize(program, size) != 0) {
            return "(no messages)";
        }
        byte[] text = new byte[Math.toIntExact(size.get())];
        return nvrtc.nvrtcGetProgramLog(program, text) == 0
                ? new String(text, 0, Math.max(0, text.length - 1), StandardCharsets.UTF_8).strip()
                : "(no messages)";
    }

    private static String numbered(String source) {
        StringBuilder s = new StringBuilder();
        int number = 0;
        for (String line : source.split("\n", -1)) {
            s.append(String.format(Locale.ROOT, "%4d  %s%n", ++number, line));
        }
        return s.toString();
    }
}
