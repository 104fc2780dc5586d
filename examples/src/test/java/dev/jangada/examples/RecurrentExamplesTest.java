package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs with recurrent layers at a small size. */
class RecurrentExamplesTest {
    @TempDir
    private Path data;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    private Options options() {
        return Options.of(3, new PrintStream(console, true, StandardCharsets.UTF_8));
    }

    private static Map<String, Object> run(Example example, Options options) throws Exception {
        Metrics metrics = new Metrics();
        example.run(options, metrics);
        return metrics.values();
    }

    @Test
    void oneElementAtATimeGivesTheSame() throws Exception {
        Map<String, Object> metrics = run(new LstmOneByOne(), options());
        assertThat((double) metrics.get("max_difference")).isBetween(0.0, 1e-6);
        assertThat(console.toString(StandardCharsets.UTF_8)).contains("LSTM(3, 3)", "one by one", "at once");
    }

    @Test
    void rowsAreReadAndRunsRepeatThemselves() throws Exception {
        MnistPiece.write(data, 2_000, 200);
        Options options =
                options().with(Option.DATA, data).with(Option.BATCH, 50).with(Option.LR, 5e-3);
        Map<String, Object> first = run(new MnistLstm(), options.with(Option.EPOCHS, 2));
        assertThat(first.keySet()).containsExactly("backend", "seconds", "train_loss", "test_accuracy");
        assertThat((double) first.get("test_accuracy")).isBetween(0.5, 1.0);
        Map<String, Object> second = run(new MnistLstm(), options.with(Option.EPOCHS, 2));
        assertThat(second.get("train_loss")).isEqualTo(first.get("train_loss"));
        run(new MnistLstm(), options.with(Option.ITERATIONS, 41));
        assertThat(console.toString(StandardCharsets.UTF_8))
                .contains("epoch 2: loss")
                .doesNotContain("epoch 3");
    }
}
