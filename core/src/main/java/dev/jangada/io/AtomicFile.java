package dev.jangada.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes files whole or not at all: into a temporary file beside the target, which is brought to the disk and then renamed. */
public final class AtomicFile {
    private static final int MOST_LINKS = 40; // as many as Linux follows

    private AtomicFile() {}

    /** What writes the bytes. */
    @FunctionalInterface
    interface Content {
        /** Writes to the channel, which is closed afterwards. */
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    /**
     * Writes a file of these bytes; a symbolic link stays one. If anything fails, an older file stays as it was.
     *
     * @param target the file; its folder must exist
     * @throws IOException if it can't be written
     */
    public static void write(Path target, byte[] bytes) throws IOException {
        write(target, channel -> {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
        });
    }

    /**
     * Writes a file. If anything fails, an older file stays as it was and no temporary file is left.
     *
     * <p>A symbolic link stays one: what it points to is written. What is no regular file, such as {@code /dev/null}, is written directly.
     */
    static void write(Path target, Content content) throws IOException {
        Path file = followed(target.toAbsolutePath());
        try {
            writeFollowed(file, content);
        } catch (FileSystemException e) { // names a file, but perhaps the temporary one
            throw e;
        } catch (IOException e) { // such as a full disk, of which the system says no more than that
            throw new IOException(
                    "[file] expected to write " + target + ", got \"" + e.getMessage()
                            + "\"; make room or choose another folder; an older file stays as it was",
                    e);
        }
    }

    private static void writeFollowed(Path file, Content content) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
            }
            return;
        }
        // Not createTempFile, whose files only their owner may read, which the rename would keep.
        Path part = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".part");
        boolean done = false;
        try {
            try (FileChannel channel =
                    FileChannel.open(part, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                content.writeTo(channel);
                channel.force(true); // a rename that survives a power failure must not name missing bytes
            }
            moveInto(part, file);
            done = true;
        } finally {
            if (!done) {
                deleteQuietly(part);
            }
        }
        forceFolder(file.getParent());
    }

    /** The failure that led here says more than one of the deletion. */
    private static void deleteQuietly(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            part.toFile().deleteOnExit();
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

    /** Brings the rename to the disk where folders can be opened; elsewhere the system does so in its own time. */
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            return;
        }
    }
}
