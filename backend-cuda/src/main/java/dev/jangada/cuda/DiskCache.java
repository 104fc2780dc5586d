package dev.jangada.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Compiled kernels in a folder, so that the next process need not compile them again.
 *
 * <p>The folder: property {@code jangada.cuda.cache}, else environment variable {@code JANGADA_CUDA_CACHE}, else {@code jangada/cuda} in the
 * user's cache folder; {@code off} keeps nothing. A file is written under another name and renamed when it is complete, so that any number
 * of processes may share the folder; it begins with the digest of its content, so that a damaged one is not used. Whatever goes wrong with
 * the folder only costs the time to compile.
 */
final class DiskCache {
    private static final String PROPERTY = "jangada.cuda.cache";
    private static final String VARIABLE = "JANGADA_CUDA_CACHE";
    private static final int DIGEST = 32;

    private final Optional<Path> folder;

    /** Creates the cache of a folder, or one that keeps nothing. */
    DiskCache(Optional<Path> folder) {
        this.folder = folder;
    }

    /** Returns the cache that property, variable or default name. */
    static DiskCache configured() {
        String named = System.getProperty(PROPERTY);
        if (named == null || named.isBlank()) {
            named = System.getenv(VARIABLE);
        }
        if (named != null && named.strip().equals("off")) {
            return new DiskCache(Optional.empty());
        }
        try {
            return new DiskCache(
                    Optional.of(named != null && !named.isBlank() ? Path.of(named.strip()) : defaultFolder()));
        } catch (InvalidPathException e) {
            log("is not used: " + e.getMessage());
            return new DiskCache(Optional.empty());
        }
    }

    private static Path defaultFolder() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path base = cache != null && !cache.isBlank()
                ? Path.of(cache)
                : Path.of(System.getProperty("user.home", "."), ".cache");
        return base.resolve("jangada").resolve("cuda");
    }

    /** Returns the name of what these texts determine. */
    static String key(Iterable<String> texts) {
        MessageDigest digest = sha256();
        for (String t : texts) {
            byte[] bytes = t.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    private static Path file(Path folder, String key) {
        return folder.resolve(key.substring(0, 2)).resolve(key + ".cubin");
    }

    /** Returns what was kept under a key. */
    Optional<byte[]> read(String key) {
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path file = file(folder.get(), key);
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            byte[] all = Files.readAllBytes(file);
            if (all.length > DIGEST) {
                byte[] content = Arrays.copyOfRange(all, DIGEST, all.length);
                if (Arrays.equals(Arrays.copyOf(all, DIGEST), sha256().digest(content))) {
                    return Optional.of(content);
                }
            }
            log("holds a damaged file, which is compiled again: " + file);
        } catch (IOException e) {
            log("cannot be read: " + e);
        }
        return Optional.empty();
    }

    /** Keeps something under a key. */
    void write(String key, byte[] content) {
        if (folder.isEmpty()) {
            return;
        }
        try {
            Path file = file(folder.get(), key);
            Files.createDirectories(file.getParent());
            Path part = Files.createTempFile(file.getParent(), "part", ".tmp");
            try {
                byte[] all = Arrays.copyOf(sha256().digest(content), DIGEST + content.length);
                System.arraycopy(content, 0, all, DIGEST, content.length);
                Files.write(part, all);
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            log("cannot be written: " + e);
        }
    }

    private static void log(String what) {
        System.getLogger("dev.jangada.cuda").log(System.Logger.Level.INFO, "the cache of compiled kernels " + what);
    }
}
