package dev.jangada.cuda.driver;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * Looks for driver, devices, NVRTC and cuBLAS, once, and remembers the answer: a second try to load a missing library would only throw
 * another error.
 */
public final class Probe {
    /** What the presets are made for is a minor version of CUDA 13; every driver for CUDA 13 runs it. */
    private static final int DRIVER_NEEDED = 13000;

    private static final String DRIVER = "libcuda.so.1";
    private static final String DRIVER_RELEASE = "580";
    private static final Pattern MISSING =
            Pattern.compile("(lib[\\w.+-]+\\.so[\\d.]*): cannot open shared object file");

    /**
     * The answer.
     *
     * @param devices all devices; empty if CUDA cannot be used
     * @param reason one sentence: what was found, or what is missing and how to get it
     * @param cause the failure behind a missing part, or null
     */
    public record Result(List<DeviceInfo> devices, String reason, Throwable cause) {}

    private Probe() {}

    private static final class Holder {
        static final Result RESULT = look();
    }

    /** Returns the answer; the first call looks. */
    public static Result result() {
        return Holder.RESULT;
    }

    private static Result no(String why, Throwable cause) {
        return new Result(List.of(), why, cause);
    }

    private static Result look() {
        if (!mayHaveDriver()) {
            return no(noDriver(DRIVER), null);
        }
        try {
            Presets.loadDriver();
            return lookAtDriver();
        } catch (LinkageError | RuntimeException | IOException e) {
            return no(missing(e), e);
        }
    }

    private static Result lookAtDriver() throws IOException {
        int[] version = new int[1];
        int status = cudart.cuDriverGetVersion(version);
        if (status == Status.SUCCESS && version[0] > 0 && version[0] < DRIVER_NEEDED) {
            return no(
                    "the NVIDIA driver is too old: it is for CUDA " + version(version[0]) + ", CUDA "
                            + version(DRIVER_NEEDED) + " is needed; install driver " + DRIVER_RELEASE + " or newer",
                    null);
        }
        status = status == Status.SUCCESS ? cudart.cuInit(0) : status;
        int[] count = new int[1];
        status = status == Status.SUCCESS ? cudart.cuDeviceGetCount(count) : status;
        if (status == Status.NO_DEVICE || (status == Status.SUCCESS && count[0] == 0)) {
            return no(
                    "the NVIDIA driver finds no device; look at nvidia-smi, and at CUDA_VISIBLE_DEVICES, which is "
                            + visible(),
                    null);
        }
        if (status != Status.SUCCESS) {
            return no("the NVIDIA driver does not start: " + Status.text(status) + "; look at nvidia-smi", null);
        }
        List<DeviceInfo> devices = new ArrayList<>();
        for (int i = 0; i < count[0]; i++) {
            devices.add(info(i));
        }
        Presets.loadNvrtc();
        Presets.loadCublas();
        return judge(devices, version[0]);
    }

    /** A device that NVRTC has no code for is no use; the first one decides. */
    private static Result judge(List<DeviceInfo> devices, int driver) {
        DeviceInfo first = devices.get(0);
        int target = Nvrtc.target(first.architecture());
        String nvrtc = "NVRTC " + Nvrtc.version();
        if (target < 0) {
            return no(
                    first + " is of another architecture than " + nvrtc
                            + " compiles for; use a device from sm_75 on, or a newer CUDA",
                    null);
        }
        int mode = computeMode(first.ordinal());
        if (mode == cudart.CU_COMPUTEMODE_PROHIBITED) {
            return no(first + " cannot be used: " + refusal(mode), null);
        }
        String alone = mode == cudart.CU_COMPUTEMODE_EXCLUSIVE_PROCESS
                ? ", for one process at a time (compute mode EXCLUSIVE_PROCESS)"
                : "";
        String more = devices.size() == 1 ? "" : " and " + (devices.size() - 1) + " more";
        String found = first + more + alone + ", driver for CUDA " + version(driver) + ", " + cublasVersion() + nvrtc;
        return new Result(List.copyOf(devices), found, null);
    }

    private static String cublasVersion() {
        int[] major = new int[1];
        int[] minor = new int[1];
        boolean known = cublas.cublasGetProperty(0, major) == 0 && cublas.cublasGetProperty(1, minor) == 0;
        return known ? "cuBLAS " + major[0] + "." + minor[0] + ", " : "";
    }

    private static String visible() {
        String devices = System.getenv("CUDA_VISIBLE_DEVICES");
        return devices == null ? "not set" : "'" + devices + "'";
    }

    private static String version(int number) {
        return String.format(Locale.ROOT, "%d.%d", number / 1000, number % 1000 / 10);
    }

    private static DeviceInfo info(int ordinal) {
        byte[] name = new byte[256];
        int[] device = new int[1];
        int status = cudart.cuDeviceGet(device, ordinal);
        status = status == Status.SUCCESS ? cudart.cuDeviceGetName(name, name.length, device[0]) : status;
        int major = attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device[0]);
        int minor = attribute(cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device[0]);
        try (SizeTPointer bytes = new SizeTPointer(1)) {
            status = status == Status.SUCCESS ? cudart.cuDeviceTotalMem(bytes, device[0]) : status;
            if (status != Status.SUCCESS) {
                throw new IllegalStateException("device " + ordinal + " cannot be asked: " + Status.text(status));
            }
            int end = 0;
            while (end < name.length && name[end] != 0) {
                end++;
            }
            String text = new String(name, 0, end, StandardCharsets.UTF_8);
            return new DeviceInfo(
                    ordinal,
                    text,
                    10 * major + minor,
                    attribute(cudart.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device[0]),
                    bytes.get());
        }
    }

    private static int attribute(int number, int device) {
        int[] value = new int[1];
        int status = cudart.cuDeviceGetAttribute(value, number, device);
        if (status != Status.SUCCESS) {
            throw new IllegalStateException("attribute " + number + " cannot be asked: " + Status.text(status));
        }
        return value[0];
    }

    /** Returns who may use a device, as the administrator has set it. That it is taken, only the attempt to use it tells. */
    static int computeMode(int ordinal) {
        int[] device = new int[1];
        int[] mode = new int[1];
        boolean known = cudart.cuDeviceGet(device, ordinal) == Status.SUCCESS
                && cudart.cuDeviceGetAttribute(mode, cudart.CU_DEVICE_ATTRIBUTE_COMPUTE_MODE, device[0])
                        == Status.SUCCESS;
        return known ? mode[0] : cudart.CU_COMPUTEMODE_DEFAULT;
    }

    /** Says why a device in this mode gives nobody a context, and what to do. */
    static String refusal(int computeMode) {
        String share = "let processes share it (nvidia-smi -c DEFAULT), or choose another one by CUDA_VISIBLE_DEVICES";
        return switch (computeMode) {
            case cudart.CU_COMPUTEMODE_PROHIBITED ->
                "it is closed to all processes (compute mode PROHIBITED); " + share;
            case cudart.CU_COMPUTEMODE_EXCLUSIVE_PROCESS ->
                "it is in exclusive use by another process (compute mode EXCLUSIVE_PROCESS); end that process, which"
                        + " nvidia-smi names, " + share;
            default -> "it is busy or unavailable; look at nvidia-smi";
        };
    }

    private static String noDriver(String library) {
        return "no NVIDIA driver: " + library + " was not found; install driver " + DRIVER_RELEASE + " or newer";
    }

    /**
     * Tells at a glance whether there may be a driver: most machines have none, and their programs should not wait for the presets to
     * unpack and fail. A driver has device files, or lies where libraries are looked for, or something has already loaded it.
     */
    private static boolean mayHaveDriver() {
        if (!Files.isDirectory(Path.of("/proc/self"))) {
            return true; // not Linux
        }
        for (String file : new String[] {"/proc/driver/nvidia/version", "/dev/nvidiactl", "/dev/dxg", "/dev/nvmap"}) {
            if (Files.exists(Path.of(file))) {
                return true;
            }
        }
        String folders = System.getProperty("java.library.path", "") + ":/usr/lib64:/usr/lib/wsl/lib";
        for (String folder : folders.split(":")) {
            if (!folder.isEmpty() && Files.exists(Path.of(folder, DRIVER))) {
                return true;
            }
        }
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.anyMatch(l -> l.contains("/libcuda.so"));
        } catch (IOException | UncheckedIOException e) {
            return true; // ask the presets
        }
    }

    /** Says which library is missing and where it comes from. */
    static String missing(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage());
        Matcher m = MISSING.matcher(message);
        if (!m.find()) {
            String platform = Loader.getPlatform();
            return "its native libraries cannot be loaded: " + message + "; add the artifacts org.bytedeco:javacpp and"
                    + " :cuda with the classifier " + platform
                    + ", on a module path also --add-modules org.bytedeco.cuda."
                    + platform.replace('-', '.');
        }
        String library = m.group(1);
        if (library.startsWith("libcuda.so")) {
            return noDriver(library);
        }
        String part = library.startsWith("libcublas") ? "cuBLAS" : library.startsWith("libnvrtc") ? "NVRTC" : "CUDA";
        String where = part.equals("cuBLAS")
                ? "install it from the CUDA 13 toolkit (package libcublas-13-0 or newer)"
                : "install the CUDA 13 toolkit, or add the artifact org.bytedeco:cuda-redist";
        return part + " is missing: " + library + " was not found; " + where
                + " and put its folder into LD_LIBRARY_PATH";
    }
}
