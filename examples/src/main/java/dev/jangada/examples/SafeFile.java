package dev.jangada.examples;

import dev.jangada.io.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes files whole or not at all, and makes the folder they are in. */
public final class SafeFile {
    private SafeFile() {}

    /** What writes the bytes. */
    @FunctionalInterface
    public interface Content {
        /** Writes to the stream, which may be closed or not. */
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
        makeFolderOf(target);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        content.writeTo(bytes);
        AtomicFile.write(target, bytes.toByteArray());
    }

    /** Makes the folder that a file is to be in, if there is none. */
    static void makeFolderOf(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) { // createDirectories refuses a link to a folder
            Files.createDirectories(folder);
        }
    }
}
