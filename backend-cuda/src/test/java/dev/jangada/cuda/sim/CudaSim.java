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
    static final List<String> LIBRARIES = List.of(
            "libcuda.so.1",
            "libcudart.so.13",
            "libcublasLt.so.13",
            "libcublas.so.13",
            "libnvrtc.so.13",
            "libnvidia-ml.so.1");

    private static String reason = "CudaSim.install() was not called";
    private static boolean tried;

    private CudaSim() {}

    /**
     * Builds and loads the fake libraries, once per process.
     *
     * <p>{@code -Djangada.sim=off} leaves the process as it is; {@code -Djangada.sim.without=libcublas.so.13} leaves out libraries, as on a
     * machine that has the driver but not the toolkit. {@link SimSetting} names what else can be set.
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

    /** Changes a setting; the simulator must be installed. */
    public static void set(SimSetting setting, long value) {
        requireInstalled();
        if (!setNative(setting.key, value)) {
            throw new AssertionError("the simulator knows no setting " + setting.key);
        }
    }

    /** The present value of a setting; the simulator must be installed. */
    public static long get(SimSetting setting) {
        requireInstalled();
        return getNative(setting.key);
    }

    /** Runs the work that is queued in all streams. */
    public static void finish() {
        requireInstalled();
        finishNative();
    }

    /**
     * Runs or drops the work that is queued, revives dead contexts, and forgets injected failures, reports and unfinished captures.
     *
     * <p>Memory, streams and modules stay. A real device has nothing like it: it is for tests that plant a fault.
     */
    public static void reset() {
        requireInstalled();
        resetNative();
    }

    /** Takes out what the simulator had to say: misuse of the API and faults, in words, in the order of their discovery. */
    public static List<String> takeReports() {
        requireInstalled();
        String reports = takeReportsNative();
        return reports.isEmpty() ? List.of() : List.of(reports.split("\n"));
    }

    /** How many kernels have run on device 0; those of libraries are not counted. */
    public static long launches() {
        requireInstalled();
        return launchesNative();
    }

    /** How many allocations of device 0 are not freed. */
    public static int liveAllocations() {
        requireInstalled();
        return liveAllocationsNative();
    }

    private static void requireInstalled() {
        if (!install()) {
            throw new IllegalStateException("no simulated CUDA device: " + reason());
        }
    }

    private static native boolean setNative(String name, long value);

    private static native long getNative(String name);

    private static native void finishNative();

    private static native int resetNative();

    private static native String takeReportsNative();

    private static native long launchesNative();

    private static native int liveAllocationsNative();

    private static String load() {
        if ("off".equals(System.getProperty("jangada.sim"))) {
            return "switched off by -Djangada.sim=off";
        }
        Path source = SimBuild.source();
        if (source == null) {
            return "not in the module backend-cuda: no src/test/cpp/build.sh below "
                    + Path.of("").toAbsolutePath();
        }
        try {
            Path target = SimBuild.target(source);
            if (System.getProperty("org.bytedeco.javacpp.cachedir") == null) {
                System.setProperty(
                        "org.bytedeco.javacpp.cachedir",
                        target.resolve("javacpp-cache").toString());
            }
            if (System.getProperty("jangada.cuda.cache") == null) { // the fake NVRTC has a cache of its own
                System.setProperty("jangada.cuda.cache", "off");
            }
            Path libraries = SimBuild.build(source, target.resolve("cudasim"));
            List<String> without =
                    List.of(System.getProperty("jangada.sim.without", "").split(","));
            for (String library : LIBRARIES) {
                if (!without.contains(library)) {
                    System.load(libraries.resolve(library).toString());
                }
            }
            applySettings();
            return "";
        } catch (IOException | LinkageError e) {
            return "the simulated device cannot be built or loaded: " + e.getMessage();
        }
    }

    private static void applySettings() {
        for (SimSetting setting : SimSetting.values()) {
            String value =
                    System.getProperty("jangada.sim." + setting.key, System.getenv("JANGADA_SIM_" + setting.name()));
            if (value != null && !setNative(setting.key, Long.parseLong(value))) {
                throw new AssertionError("the simulator knows no setting " + setting.key);
            }
        }
    }
}
