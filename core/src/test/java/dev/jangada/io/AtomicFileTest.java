package dev.jangada.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.ClosedTensorException;
import dev.jangada.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever fails while a file is written, the old one stays whole and nothing else is left. */
class AtomicFileTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void writeOld() throws IOException {
        file = Files.writeString(folder.resolve("old"), "old");
    }

    private void assertOldStays() throws IOException {
        assertThat(file).hasContent("old");
        try (var listed = Files.list(folder)) {
            assertThat(listed).containsExactly(file);
        }
    }

    private static void text(WritableByteChannel channel, String text) throws IOException {
        channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void replacesTheOldFile() throws IOException {
        AtomicFile.write(file, channel -> text(channel, "new"));
        assertThat(file).hasContent("new");
        try (var listed = Files.list(folder)) {
            assertThat(listed).containsExactly(file);
        }
    }

    @Test
    void failuresInTheMiddleLeaveTheOldFile() throws IOException {
        assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
                    text(channel, "half");
                    throw new IOException("no space left");
                }))
                .hasMessageContaining("no space left")
                .hasMessageContaining(file.toString());
        assertOldStays();
        assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
                    text(channel, "half");
                    throw new StackOverflowError();
                }))
                .isInstanceOf(StackOverflowError.class);
        assertOldStays();
    }

    /** The check before writing passes; while the first tensor is written, somebody closes the last. */
    @ParameterizedTest
    @ValueSource(strings = {"safetensors", "npz", "pt"})
    void tensorClosedMeanwhileLeavesTheOldFile(String format) throws Exception {
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put("large", Tensor.ones(2_000_000));
        state.put("last", Tensor.ones(3));
        Thread closer = new Thread(() -> {
            while (folder.toFile().list().length < 2) {
                Thread.onSpinWait();
            }
            state.get("last").close();
        });
        closer.start();
        try {
            assertThatThrownBy(() -> {
                        switch (format) {
                            case "npz" -> Npz.save(file, state);
                            case "pt" -> TorchFile.save(file, List.of(state.get("large"), state.get("last")));
                            default -> Safetensors.save(file, state);
                        }
                    })
                    .isInstanceOf(ClosedTensorException.class);
        } finally {
            closer.join();
            state.get("large").close();
        }
        assertOldStays();
    }

    @Test
    void missingFolderIsAnError() {
        Path below = folder.resolve("none").resolve("a.npz");
        assertThatThrownBy(() -> Npz.save(below, Map.of())).isInstanceOf(NoSuchFileException.class);
        assertThat(folder.resolve("none")).doesNotExist();
    }

    @Test
    void folderInTheWayIsAnError() throws IOException {
        Path target = Files.createDirectory(folder.resolve("folder"));
        assertThatThrownBy(() -> Npz.save(target, Map.of())).isInstanceOf(IOException.class);
        Files.delete(target);
        assertOldStays();
    }

    @Test
    void linksStayLinks() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("old"));
        AtomicFile.write(link, channel -> text(channel, "new"));
        assertThat(Files.isSymbolicLink(link)).isTrue();
        assertThat(file).hasContent("new");
    }

    @Test
    void deviceThatIsFullIsAnError() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "this system has no /dev/full");
        try (Tensor t = Tensor.ones(1000)) {
            for (Object failing : new Object[] {"safetensors", "npz", "pt", "npy"}) {
                assertThatThrownBy(() -> {
                            switch ((String) failing) {
                                case "npz" -> Npz.save(full, Map.of("t", t));
                                case "pt" -> TorchFile.save(full, t);
                                case "npy" -> Npy.save(full, t);
                                default -> Safetensors.save(full, Map.of("t", t));
                            }
                        })
                        .as((String) failing)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("space");
            }
        }
    }

    /** A program of its own, whose files may have 64 KiB: what a full disk looks like to a program. */
    @Test
    @Timeout(60)
    void diskFullWhileSavingLeavesTheOldFile() throws Exception {
        Path shell = Path.of("/bin/sh");
        assumeTrue(Files.isExecutable(shell), "this system has no /bin/sh");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process saving = new ProcessBuilder(
                        shell.toString(),
                        "-c",
                        "ulimit -f 128 && exec \"$0\" -XX:-UsePerfData -cp \"$1\" \"$2\" \"$3\"",
                        java,
                        System.getProperty("java.class.path"),
                        Saving.class.getName(),
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(saving.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(saving.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(output)
                .contains("failed as it should: [file] expected to write " + file + ", got \"File too large\"");
        assertOldStays();
    }

    /** Saves half a megabyte. */
    static final class Saving {
        private Saving() {}

        public static void main(String[] args) {
            try (Tensor t = Tensor.ones(131_072)) {
                Safetensors.save(Path.of(args[0]), Map.of("t", t));
                System.out.println("saved");
            } catch (IOException e) {
                System.out.println("failed as it should: " + e.getMessage());
            }
        }
    }
}
