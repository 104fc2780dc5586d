package dev.jangada.examples;

import dev.jangada.FormatException;
import dev.jangada.data.IdxFile;
import dev.jangada.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds MNIST: in the folder that the user names, else in the cache folder, else on a published mirror, else as the
 * subset inside this program (10,000 training and 2,000 test images). One line says which one is used, and why.
 *
 * <p>A folder that the user names must hold the data: anything wrong there is an error. Everything else has the subset
 * as its net, so that a machine without a network is none.
 */
public final class MnistSource {
    private final Path cache;
    private final MnistMirrors mirrors;
    private final PrintStream console;

    MnistSource(Path cache, MnistMirrors mirrors, PrintStream console) {
        this.cache = cache;
        this.mirrors = mirrors;
        this.console = console;
    }

    /** Returns the source with the user's cache folder and the published mirrors. */
    public static MnistSource standard(PrintStream console) {
        return new MnistSource(
                cacheFolder(System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home")),
                MnistMirrors.published(console),
                console);
    }

    /** Returns {@code jangada/mnist} below the cache folder of the XDG specification, which must be absolute to count. */
    static Path cacheFolder(String xdgCacheHome, String home) {
        boolean usable = xdgCacheHome != null && Path.of(xdgCacheHome).isAbsolute();
        Path base = usable ? Path.of(xdgCacheHome) : Path.of(home, ".cache");
        return base.resolve("jangada").resolve("mnist");
    }

    /**
     * Finds the data and prints one line about it.
     *
     * @param folder the folder that the user named, with the four files under their usual names, plain or as .gz
     * @throws IOException if the folder was named and a file is missing there or can't be read
     * @throws FormatException if the folder was named and a file there is damaged or belongs to other data
     */
    public MnistFiles find(Optional<Path> folder) throws IOException {
        MnistFiles files = folder.isPresent() ? fromFolder(folder.get()) : fromCacheOrMirrors();
        console.println("data: " + files.origin());
        return files;
    }

    /** Returns the subset inside this program, without looking anywhere else. */
    public static MnistFiles embedded() {
        return embedded("the embedded subset of MNIST");
    }

    private static MnistFiles fromFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            String message = "[mnist] expected --data to name a folder, got " + folder;
            throw Files.exists(folder)
                    ? new NotDirectoryException(message + ", which is a file; name the folder around it")
                    : new NoSuchFileException(message + ", which does not exist; make it or leave --data out");
        }
        Map<MnistPart, Path> paths = new EnumMap<>(MnistPart.class);
        List<String> missing = new ArrayList<>();
        for (MnistPart part : MnistPart.values()) {
            List.of(part.fileName(), part.packedName()).stream()
                    .map(folder::resolve)
                    .filter(Files::isRegularFile)
                    .findFirst()
                    .ifPresentOrElse(path -> paths.put(part, path), () -> missing.add(part.fileName()));
        }
        if (!missing.isEmpty()) {
            throw new NoSuchFileException("[mnist] expected the four files of MNIST, plain or .gz, in " + folder
                    + ", got no " + String.join(", no ", missing) + "; add them or leave --data out");
        }
        Map<MnistPart, IdxFile> files = new EnumMap<>(MnistPart.class);
        for (Map.Entry<MnistPart, Path> entry : paths.entrySet()) {
            files.put(entry.getKey(), IdxFile.read(entry.getValue()));
        }
        return files(files, "MNIST from " + folder + " (--data)");
    }

    private MnistFiles fromCacheOrMirrors() {
        List<String> remarks = new ArrayList<>();
        try {
            Map<MnistPart, IdxFile> files = new EnumMap<>(MnistPart.class);
            boolean complete = true;
            for (MnistPart part : MnistPart.values()) {
                Optional<IdxFile> cached = fromCache(part, remarks);
                complete &= cached.isPresent();
                files.put(part, cached.isPresent() ? cached.get() : fromMirrors(part, remarks));
            }
            String how = complete ? "MNIST from the cache folder " : "MNIST, downloaded for the cache folder ";
            return files(files, how + cache + (remarks.isEmpty() ? "" : "; " + String.join("; ", remarks)));
        } catch (IOException e) {
            return embedded("the embedded subset of MNIST, 10,000 training and 2,000 test images, because --data was"
                    + " not given, the cache folder " + cache + " does not hold all of it, and no mirror does: "
                    + e.getMessage());
        }
    }

    private Optional<IdxFile> fromCache(MnistPart part, List<String> remarks) {
        Path file = cache.resolve(part.packedName());
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (InputStream stream = Files.newInputStream(file)) {
            return Optional.of(mirrors.fingerprint(part).read(stream, part.packedName()));
        } catch (IOException | FormatException e) {
            remarks.add("its " + part.packedName() + " was damaged");
            return Optional.empty();
        }
    }

    private IdxFile fromMirrors(MnistPart part, List<String> remarks) throws IOException {
        MnistMirrors.Download download = mirrors.get(part);
        try {
            if (!Files.isDirectory(cache)) { // createDirectories refuses a link to a folder
                Files.createDirectories(cache);
            }
            AtomicFile.write(cache.resolve(part.packedName()), download.packed());
        } catch (IOException e) {
            remarks.add(part.packedName() + " can't be kept there (" + e + ")");
        }
        return download.content();
    }

    private static MnistFiles embedded(String origin) {
        Map<MnistPart, IdxFile> files = new EnumMap<>(MnistPart.class);
        for (MnistPart part : MnistPart.values()) {
            try (InputStream stream = MnistSource.class.getResourceAsStream("mnist/" + part.packedName())) {
                files.put(part, IdxFile.read(stream, part.packedName()));
            } catch (IOException e) {
                throw new AssertionError("the program's own " + part.packedName() + " can't be read", e);
            }
        }
        return files(files, origin);
    }

    private static MnistFiles files(Map<MnistPart, IdxFile> files, String origin) {
        return new MnistFiles(
                files.get(MnistPart.TRAIN_IMAGES),
                files.get(MnistPart.TRAIN_LABELS),
                files.get(MnistPart.TEST_IMAGES),
                files.get(MnistPart.TEST_LABELS),
                origin);
    }
}
