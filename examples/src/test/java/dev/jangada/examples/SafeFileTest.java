package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeFileTest {
    @TempDir
    private Path folder;

    @Test
    void replacesTheFileAndMakesItsFolder() throws IOException {
        Path file = folder.resolve("a/b/file.txt");
        SafeFile.write(file, stream -> stream.write(1));
        SafeFile.write(file, stream -> stream.write(2));
        assertThat(file).hasBinaryContent(new byte[] {2});
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void failedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = folder.resolve("file.txt");
        SafeFile.write(file, stream -> stream.write(1));
        assertThatThrownBy(() -> SafeFile.write(file, stream -> {
                    stream.write(2);
                    throw new IOException("the disk is full");
                }))
                .hasMessage("the disk is full");
        assertThat(file).hasBinaryContent(new byte[] {1});
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void linksAndDevicesStayWhatTheyAre() throws IOException {
        Path file = folder.resolve("file.txt");
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("file.txt"));
        SafeFile.write(link, stream -> stream.write(1));
        assertThat(link).isSymbolicLink();
        assertThat(file).isRegularFile().hasBinaryContent(new byte[] {1});
        Path real = Files.createDirectory(folder.resolve("real"));
        Path alias = Files.createSymbolicLink(folder.resolve("alias"), real);
        SafeFile.write(alias.resolve("x"), stream -> stream.write(2));
        assertThat(real.resolve("x")).hasBinaryContent(new byte[] {2});
        Path device = Path.of("/dev/null");
        SafeFile.write(device, stream -> stream.write(3));
        assertThat(Files.exists(device) && !Files.isRegularFile(device)).isTrue();
    }

    @Test
    void fileIsAsReadableAsAnyOther() throws IOException {
        Path plain = Files.writeString(folder.resolve("plain"), "x");
        Path file = folder.resolve("file.txt");
        SafeFile.write(file, stream -> stream.write(1));
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(Files.getPosixFilePermissions(plain));
    }
}
