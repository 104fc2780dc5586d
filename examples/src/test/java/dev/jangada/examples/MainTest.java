package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jangada.Device;
import dev.jangada.backend.Backends;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MainTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Probe probe = new Probe();

    @TempDir
    private Path folder;

    private Device device;
    private String threads;

    /** Records the options of its run, and fails if told to. */
    private static final class Probe implements Example {
        private Options seen;
        private Exception failure;

        @Override
        public String name() {
            return "probe";
        }

        @Override
        public String description() {
            return "Shows what it was given.";
        }

        @Override
        public Set<Option> options() {
            return Set.of(Option.EPOCHS, Option.ITERATIONS, Option.BATCH, Option.LR, Option.DATA, Option.OUT);
        }

        @Override
        public void run(Options options, Metrics metrics) throws Exception {
            seen = options;
            if (failure != null) {
                throw failure;
            }
            metrics.put("backend", "cpu")
                    .put("seconds", 1.5)
                    .put("train_loss", Double.NaN)
                    .put("steps", 7L);
        }
    }

    @BeforeEach
    void rememberSettings() {
        device = Backends.defaultDevice();
        threads = System.getProperty("jangada.threads");
    }

    @AfterEach
    void restoreSettings() {
        Backends.setDefaultDevice(device);
        if (threads == null) {
            System.clearProperty("jangada.threads");
        } else {
            System.setProperty("jangada.threads", threads);
        }
    }

    private int execute(String... args) {
        return Main.execute(
                List.of(probe),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                args);
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void listShowsEveryProgram() {
        assertThat(execute("list")).isZero();
        assertThat(out()).isEqualTo("probe  Shows what it was given." + System.lineSeparator());
    }

    @Test
    void givenOptionsReplaceTheDefaults() {
        assertThat(execute("run", "probe", "--seed", "3", "--epochs", "2", "--lr", "0.5", "--data", "d"))
                .isZero();
        assertThat(probe.seen.seed()).isEqualTo(3);
        assertThat(probe.seen.epochs(9)).isEqualTo(2);
        assertThat(probe.seen.iterations(9)).isEqualTo(9);
        assertThat(probe.seen.lr(0.1)).isEqualTo(0.5);
        assertThat(probe.seen.data()).contains(Path.of("d"));
        assertThat(probe.seen.isGiven(Option.BATCH)).isFalse();
    }

    @Test
    void metricsAreFlatJson() throws IOException {
        Path file = folder.resolve("new/metrics.json");
        assertThat(execute("run", "probe", "--metrics", file.toString())).isZero();
        assertThat(Files.readString(file)).isEqualToNormalizingNewlines("""
                {
                  "backend" : "cpu",
                  "seconds" : 1.5,
                  "train_loss" : "NaN",
                  "steps" : 7
                }
                """);
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--epochs, 0, at least 1",
        "--batch, -3, at least 1",
        "--threads, 0, at least 1",
        "--threads, 100000, at most 256",
        "--lr, 0, positive",
        "--lr, NaN, positive",
        "--lr, Infinity, positive",
        "--iterations, many, many",
        "--k, 1, changes nothing",
        "--nonsense, 1, --nonsense",
    })
    void senselessOptionsAreUsageErrors(String flag, String value, String message) {
        assertThat(execute("run", "probe", flag, value)).isEqualTo(2);
        assertThat(err()).contains(message);
        assertThat(probe.seen).isNull();
    }

    @Test
    void unknownProgramNamesTheKnownOnes() {
        assertThat(execute("run", "prob")).isEqualTo(2);
        assertThat(err()).contains("got \"prob\"; choose one of probe");
    }

    @Test
    void missingProgramIsUsageError() {
        assertThat(execute("run")).isEqualTo(2);
        assertThat(err()).contains("NAME");
    }

    @Test
    void failedRunShowsItsMessageAlone() {
        probe.failure = new IllegalStateException("[probe] expected luck, got none; try again");
        assertThat(execute("run", "probe")).isEqualTo(1);
        assertThat(err()).isEqualTo("error: [probe] expected luck, got none; try again" + System.lineSeparator());
    }

    @Test
    void missingFileIsCalledMissing() {
        probe.failure = new NoSuchFileException("weights.npz");
        assertThat(execute("run", "probe")).isEqualTo(1);
        assertThat(err()).contains("NoSuchFileException: weights.npz");
        probe.failure = new NoSuchFileException("[probe] expected luck");
        assertThat(execute("run", "probe")).isEqualTo(1);
        assertThat(err()).contains("error: [probe] expected luck");
    }

    @Test
    void verboseShowsTheStackTrace() {
        probe.failure = new IllegalStateException("bad luck");
        assertThat(execute("run", "probe", "--verbose")).isEqualTo(1);
        assertThat(err()).contains("IllegalStateException: bad luck", "MainTest");
    }

    @Test
    void failedRunWritesNoMetrics() {
        Path file = folder.resolve("metrics.json");
        probe.failure = new IllegalStateException("bad luck");
        assertThat(execute("run", "probe", "--metrics", file.toString())).isEqualTo(1);
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({"--out", "--metrics"})
    void unwritableFolderFailsBeforeTheRun(String flag) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "in the way");
        assertThat(execute("run", "probe", flag, file.resolve("below/x").toString()))
                .isEqualTo(1);
        assertThat(err()).contains("can be written to for " + flag, file.toString());
        assertThat(probe.seen).isNull();
    }

    @Test
    void metricsCannotBeFolder() {
        assertThat(execute("run", "probe", "--metrics", folder.toString())).isEqualTo(2);
        assertThat(err()).contains("to name a file");
    }

    @Test
    void backendAndThreadsReachTheLibrary() {
        assertThat(execute("run", "probe", "--backend", "reference", "--threads", "2"))
                .isZero();
        assertThat(out()).startsWith("backend: reference");
        assertThat(Device.best()).isEqualTo(Device.of("reference"));
        assertThat(System.getProperty("jangada.threads")).isEqualTo("2");
    }

    @Test
    void unknownBackendFailsBeforeTheRun() {
        assertThat(execute("run", "probe", "--backend", "abacus")).isEqualTo(1);
        assertThat(err()).startsWith("error: ").contains("got 'abacus'", "reference");
        assertThat(probe.seen).isNull();
    }
}
