package dev.jangada.cpu;

import dev.jangada.DType;
import dev.jangada.backend.Availability;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.ReduceOp;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/** Loads the native libraries once, when they are first asked for, and remembers whether and why not. */
final class Libraries {
    private static final String PLATFORM = "linux-x86_64";
    private static final int MKL = 3; // what the preset's blas_get_vendor answers; 2 is OpenBLAS

    private Libraries() {}

    private static final class Holder {
        static final Availability RESULT = load();
    }

    /** Returns whether everything is loaded, with what was found or what is missing; the first call loads. */
    static Availability availability() {
        return Holder.RESULT;
    }

    /** Returns one line: library of the matrix products, instruction set, threads. */
    static String description() {
        return availability().reason() + ", " + Native.threads() + (Native.threads() == 1 ? " thread" : " threads");
    }

    private static Availability load() {
        try {
            configure();
            return Availability.yes(loadLocked());
        } catch (LinkageError | RuntimeException | IOException e) {
            String why = Loader.getPlatform().equals(PLATFORM)
                    ? "its native libraries cannot be loaded: " + e.getMessage()
                            + "; add the artifacts org.bytedeco:javacpp and :openblas with the classifier " + PLATFORM
                            + ", on a module path also --add-modules org.bytedeco.openblas.linux.x86_64"
                    : "it is built for " + PLATFORM + ", not for " + Loader.getPlatform() + " (" + e.getMessage() + ")";
            return Availability.no(why, e);
        }
    }

    /**
     * JavaCPP reads these when its first class loads. We pass raw addresses and own the memory: its garbage collection thread and its watch
     * over the process's size, which throws OutOfMemoryError for what the operating system merely keeps resident, would only harm.
     */
    private static void configure() {
        for (String[] p : new String[][] {{"nopointergc", "true"}, {"maxPhysicalBytes", "0"}, {"maxBytes", "0"}}) {
            String key = "org.bytedeco.javacpp." + p[0];
            if (System.getProperty(key) == null) {
                System.setProperty(key, p[1]);
            }
        }
    }

    /** Several processes that extract the libraries to the cache at the same moment would disturb each other. */
    private static String loadLocked() throws IOException {
        Path file = Loader.getCacheDir().toPath().resolve("jangada.lock");
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw");
                FileLock lock = lock(open)) {
            return lock.isValid() ? loadAll() : "";
        }
    }

    private static FileLock lock(RandomAccessFile file) throws IOException {
        while (true) {
            try {
                return file.getChannel().lock();
            } catch (OverlappingFileLockException e) { // another class loader of this process holds it
                Thread.yield();
            }
        }
    }

    private static String loadAll() {
        Loader.load(Native.class);
        String mismatch = Native.checkNames(
                names(Op.values()), names(DType.values()), names(ReduceOp.values()), names(Script.Family.values()));
        if (!mismatch.isEmpty()) {
            throw new IllegalStateException(mismatch);
        }
        Native.selectIsa(System.getProperty("jangada.cpu.isa", ""));
        String kernel = System.getProperty("jangada.cpu.matmul", "auto");
        if (!Native.selectMatmul(kernel)) {
            throw new IllegalStateException("[jangada.cpu.matmul] expected auto, openblas or own, got " + kernel
                    + "; leave the property out for the faster one of each shape");
        }
        Loader.load(openblas_nolapack.class);
        openblas_nolapack.blas_set_num_threads(1);
        Native.setBlas(address("cblas_sgemm"), address("cblas_dgemm"), address("cblas_sgemv"), address("cblas_dgemv"));
        int threads = Integer.getInteger("jangada.threads", Runtime.getRuntime().availableProcessors());
        Native.setThreads(Math.max(1, Math.min(threads, CpuBackend.MOST_THREADS)));
        return blasName() + ", " + Native.isa() + " kernels" + (kernel.equals("auto") ? "" : ", matmul " + kernel);
    }

    private static <E extends Enum<E>> String names(E[] values) {
        return Arrays.stream(values).map(Enum::name).collect(Collectors.joining(","));
    }

    private static long address(String function) {
        Pointer p = Loader.addressof(function);
        if (p == null) {
            throw new UnsatisfiedLinkError("the BLAS library has no function " + function);
        }
        return p.address();
    }

    private static String blasName() {
        if (openblas_nolapack.blas_get_vendor() == MKL) {
            return "MKL";
        }
        Pointer config = Loader.addressof("openblas_get_config");
        Pointer core = Loader.addressof("openblas_get_corename");
        if (config == null || core == null) {
            return "BLAS";
        }
        String[] words = Native.callForText(config.address()).split(" ");
        String version = words.length > 1 ? words[0] + " " + words[1] : "OpenBLAS";
        return String.format(Locale.ROOT, "%s for %s", version, Native.callForText(core.address()));
    }
}
