package dev.jangada.cuda.sim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Puts the simulated CUDA device under the presets of this process.
 *
 * <p>The fake libraries are built once (see {@link SimBuild}) and loaded by absolute path. They carry the names of the real ones, so the presets'
 * JNI libraries bind to them, provided that no preset class was touched before.
 */
public final class CudaSim {
    /** In the order in which they need each other. */
    static final List<String> LIBRARIES =
            List.of("libcuda.so.1", "libcudart.so.13", "libcublasLt.so.13", "libcublas.so.13", "libnvrtc.so.13", "libnvidia-ml.so.1");

    private static String reason = "CudaSim.install() was not called";
    private static boolean tried;

    private CudaSim() {}

    /**
     * Builds and loads the fake libraries, once per process; {@code -Djangada.sim=off} leaves the process as it is.
     *
     * @return whether the simulated device is in place; {@link #reason()} says why not
     */
    public static synchronized boolean install() {
        if (!tried) {
            tried = true;
            reason = load();
        }
        return reason.isEmpty();
    }

    /** Why there is no simulated device in this process; empty if there is one. */
    public static synchronized String reason() {
        return reason;
    }

    private static String load() {
        if ("off".equals(System.getProperty("jangada.sim"))) {
            return "switched off by -Djangada.sim=off";
        }
        Path source = SimBuild.source();
        if (source == null) {
            return "not in the module backend-cuda: no src/test/cpp/build.sh below " + Path.of("").toAbsolutePath();
        }
        try {
            Path target = SimBuild.target(source);
            if (System.getProperty("org.bytedeco.javacpp.cachedir") == null) {
                System.setProperty("org.bytedeco.javacpp.cachedir", target.resolve("javacpp-cache").toString());
            }
            if (System.getProperty("jangada.cuda.cache") == null) { // the fake NVRTC has a cache of its own
                System.setProperty("jangada.cuda.cache", "off");
            }
            Path libraries = SimBuild.build(source, target.resolve("cudasim"));
            for (String library : LIBRARIES) {
                System.load(libraries.resolve(library).toString());
            }
            return "";
        } catch (IOException | LinkageError e) {
            return "the simulated device cannot be built or loaded: " + e.getMessage();
        }
    }
}
