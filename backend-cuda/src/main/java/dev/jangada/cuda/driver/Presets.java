package dev.jangada.cuda.driver;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvml;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.Loader;

/** Loads the presets' native libraries, and with them those of CUDA. */
final class Presets {
    private Presets() {}

    /** Loads the driver. */
    static void loadDriver() throws IOException {
        configure();
        locked(() -> Loader.load(cudart.class));
    }

    /** Loads NVRTC. */
    static void loadNvrtc() throws IOException {
        locked(() -> Loader.load(nvrtc.class));
        loadBuiltins();
    }

    /**
     * NVRTC asks for its second library by name alone, when it first compiles: in a folder that only the presets look into it would not be
     * found. The one beside NVRTC is loaded here; the name finds it then.
     */
    private static void loadBuiltins() {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            maps.filter(l -> l.contains("/libnvrtc.so"))
                    .map(l -> Path.of(l.substring(l.indexOf('/')))
                            .resolveSibling("libnvrtc-builtins.so." + Nvrtc.version()))
                    .filter(Files::exists)
                    .findFirst()
                    .ifPresent(builtins -> System.load(builtins.toString()));
        } catch (IOException | UncheckedIOException | UnsatisfiedLinkError e) {
            System.getLogger("dev.jangada.cuda")
                    .log(System.Logger.Level.DEBUG, "the second library of NVRTC was not loaded: " + e);
        }
    }

    /** Loads cuBLAS. */
    static void loadCublas() throws IOException {
        locked(() -> Loader.load(cublas.class));
    }

    /** Loads NVML. */
    static void loadNvml() throws IOException {
        locked(() -> Loader.load(nvml.class));
    }

    /**
     * JavaCPP reads these when its first class loads. We pass raw addresses and own the memory: its garbage collection thread and its watch
     * over the process's size would only harm.
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
    private static void locked(Runnable load) throws IOException {
        Path file = Loader.getCacheDir().toPath().resolve("jangada.lock");
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw");
                FileLock lock = lock(open)) {
            if (lock.isValid()) {
                load.run();
            }
        }
    }

    private static FileLock lock(RandomAccessFile file) throws IOException {
        while (true) {
            try {
                return file.getChannel().lock();
            } catch (OverlappingFileLockException e) { // another class of this process holds it
                Thread.yield();
            }
        }
    }
}
