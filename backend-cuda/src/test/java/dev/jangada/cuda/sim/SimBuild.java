package dev.jangada.cuda.sim;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Builds the fake libraries with g++, once per content of the sources and the presets, below {@code target/cudasim}. */
final class SimBuild {
    private static final List<String> PRESETS = List.of("cudart", "cublas", "nvrtc", "nvml");

    private SimBuild() {}

    /** The folder of the C++ sources, looked for below the working directory; null if this process runs elsewhere. */
    static Path source() {
        for (String folder : List.of("src/test/cpp", "backend-cuda/src/test/cpp")) {
            Path path = Path.of(folder).toAbsolutePath();
            if (Files.exists(path.resolve("build.sh"))) {
                return path;
            }
        }
        return null;
    }

    /** The module's output folder. */
    static Path target(Path source) {
        return source.resolve("../../../target").normalize();
    }

    /** Returns the folder of the libraries after building them if they are not there; several processes may call it at once. */
    static Path build(Path source, Path folder) throws IOException {
        Files.createDirectories(folder);
        Path libraries = folder.resolve(digest(source));
        try (FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            if (!Files.exists(libraries)) {
                Path work = Files.createTempDirectory(folder, "build");
                compile(source, work);
                Files.move(work, libraries, StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return libraries;
    }

    private static void compile(Path source, Path work) throws IOException {
        Path jni = Files.createDirectories(work.resolve("jni"));
        for (String preset : PRESETS) {
            Files.write(jni.resolve("libjni" + preset + ".so"), jniLibrary(preset));
        }
        long start = System.nanoTime();
        Process process = new ProcessBuilder(
                        "bash",
                        source.resolve("build.sh").toString(),
                        work.toString(),
                        jni.toString(),
                        System.getProperty("java.home"))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("src/test/cpp/build.sh failed:\n" + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while building", e);
        }
        System.err.printf("simulated CUDA libraries built in %d ms%n", (System.nanoTime() - start) / 1_000_000);
    }

    private static String digest(Path source) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                digest.update(source.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
        }
        for (String preset : PRESETS) {
            digest.update(jniLibrary(preset));
        }
        return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    }

    private static byte[] jniLibrary(String preset) throws IOException {
        String name = "/org/bytedeco/cuda/linux-x86_64/libjni" + preset + ".so";
        try (InputStream in = SimBuild.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("no " + name + " on the class path");
            }
            return in.readAllBytes();
        }
    }
}
