package dev.jangada.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskCacheTest {
    private static final byte[] CODE = {1, 2, 3};

    @TempDir
    Path folder;

    private Path onlyFile() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> all = files.filter(Files::isRegularFile).toList();
            assertThat(all).hasSize(1);
            return all.get(0);
        }
    }

    @Test
    void keepsWhatWasWritten() throws IOException {
        DiskCache cache = new DiskCache(Optional.of(folder.resolve("new")));
        String key = DiskCache.key(List.of("a", "b"));
        assertThat(cache.read(key)).isEmpty();
        cache.write(key, CODE);
        assertThat(cache.read(key).orElseThrow()).isEqualTo(CODE);
        byte[] other = {4};
        cache.write(key, other);
        assertThat(cache.read(key).orElseThrow()).isEqualTo(other);
        assertThat(onlyFile().getFileName()).hasToString(key + ".cubin");
    }

    @Test
    void keysTellTextsApart() {
        assertThat(DiskCache.key(List.of("ab", "c")))
                .isNotEqualTo(DiskCache.key(List.of("a", "bc")))
                .isEqualTo(DiskCache.key(List.of("ab", "c")))
                .matches("[0-9a-f]{64}");
    }

    @Test
    void aDamagedFileIsNotUsed() throws IOException {
        DiskCache cache = new DiskCache(Optional.of(folder));
        String key = DiskCache.key(List.of("x"));
        cache.write(key, CODE);
        byte[] bytes = Files.readAllBytes(onlyFile());
        bytes[bytes.length - 1]++;
        Files.write(onlyFile(), bytes);
        assertThat(cache.read(key)).isEmpty();
        Files.write(onlyFile(), new byte[5]);
        assertThat(cache.read(key)).isEmpty();
        cache.write(key, CODE);
        assertThat(cache.read(key).orElseThrow()).isEqualTo(CODE);
    }

    /** A file stands where the folder should be: nothing is kept, and nothing fails. */
    @Test
    void aFolderThatCannotBeUsedCostsOnlyTime() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        DiskCache cache = new DiskCache(Optional.of(file.resolve("below")));
        String key = DiskCache.key(List.of("x"));
        cache.write(key, CODE);
        assertThat(cache.read(key)).isEmpty();
    }

    @Test
    void offKeepsNothing() {
        DiskCache cache = new DiskCache(Optional.empty());
        String key = DiskCache.key(List.of("x"));
        cache.write(key, CODE);
        assertThat(cache.read(key)).isEmpty();
    }
}
