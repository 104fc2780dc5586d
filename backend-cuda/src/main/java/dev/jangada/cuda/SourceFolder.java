package dev.jangada.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where every kernel that compiles is written to, for reading, profiling and for tests that compile them again: the folder that the
 * system property {@value #PROPERTY} names, or nowhere.
 */
final class SourceFolder {
    static final String PROPERTY = "jangada.cuda.sources";

    private SourceFolder() {}

    /** Writes a source as {@code entry-hash.cu}, if a folder is named. */
    static void keep(KernelSource source) {
        String folder = System.getProperty(PROPERTY, "");
        if (folder.isEmpty()) {
            return;
        }
        try {
            Path to = Files.createDirectories(Path.of(folder));
            String hash = Integer.toHexString(source.code().hashCode());
            Files.write(
                    to.resolve(source.entry() + "-" + hash + ".cu"),
                    source.code().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("[cuda] cannot write to the folder of " + PROPERTY, e);
        }
    }
}
