package dev.jangada.examples;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes files whole or not at all: into a temporary file beside the target, which is then renamed. */
public final class SafeFile {
    private static final int MOST_LINKS = 40; // as many as Linux follows

    private SafeFile() {}

    /** What writes the bytes. */
    @FunctionalInterface
    public interface Content {
        /** Writes to the stream, which is buffered by the caller's choice and closed afterwards. */
        void writeTo(OutputStream stream) throws IOException;
    }

    /**
     * Writes a file; its folder is made if there is none. If anything fails, an older file stays as it was.
     *
     * <p>A symbolic link stays one: what it points to is written. What is no regular file, such as {@code /dev/null}, is written directly.
     *
     * @param target the file
     * @param content writes the bytes
     * @throws IOException if the folder can't be made or the file can't be written
     */
    public static void write(Path target, Content content) throws IOException {
        Path file = followed(target.toAbsolutePath());
        if (!Files.isDirectory(file.getParent())) { // createDirectories refuses a link to a folder
            Files.createDirectories(file.getParent());
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            try (OutputStream stream = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
                content.writeTo(stream);
            }
            return;
        }
        // Not createTempFile, whose files only their owner may read, which the rename would keep.
        Path part = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            try (OutputStream stream = Files.newOutputStream(part, StandardOpenOption.CREATE_NEW)) {
                content.writeTo(stream);
            }
            moveInto(part, file);
        } catch (IOException | RuntimeException | Error e) {
            try {
                Files.deleteIfExists(part);
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    private static Path followed(Path file) throws IOException {
        Path at = file;
        for (int i = 0; i < MOST_LINKS && Files.isSymbolicLink(at); i++) {
            at = at.resolveSibling(Files.readSymbolicLink(at));
        }
        return at;
    }

    private static void moveInto(Path part, Path file) throws IOException {
        try {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        }
    }
}
