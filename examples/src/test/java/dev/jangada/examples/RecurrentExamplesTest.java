package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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

    @Test
    void passengersAreForecastBetterThanNaively() throws Exception {
        Map<String, Object> metrics =
                run(new AirlineLstm(), options().with(Option.EPOCHS, 30).with(Option.OUT, data));
        assertThat((double) metrics.get("test_rmse")).isLessThan((double) metrics.get("naive_rmse"));
        assertThat(data.resolve("forecast.png")).isNotEmptyFile();
    }

    @Test
    void runsThatEndWithoutANumberFail() {
        Options options = options().with(Option.LR, 1e300).with(Option.OUT, data);
        assertThatThrownBy(() -> run(new AirlineLstm(), options.with(Option.EPOCHS, 1)))
                .hasMessageContaining("expected a finite loss");
        assertThatThrownBy(() -> run(new ExplodingGradients(), options.with(Option.ITERATIONS, 3)))
                .hasMessageContaining("expected a finite loss");
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void gradientsExplodeUnlessTheyAreClipped() throws Exception {
        Options options =
                options().with(Option.ITERATIONS, 20).with(Option.BATCH, 16).with(Option.OUT, data);
        Map<String, Object> metrics = run(new ExplodingGradients(), options);
        assertThat((double) metrics.get("largest_norm_unclipped")).isGreaterThan(1e3);
        assertThat((double) metrics.get("train_loss")).isBetween(0.01, 10.0);
        assertThat(data.resolve("gradient-norms.png")).isNotEmptyFile();
    }

    @Test
    void aTextIsLearntLetterByLetter() throws Exception {
        Path text = data.resolve("text.txt");
        Files.writeString(text, "the cat sat on the mat; ä€😀 ".repeat(100));
        Options options =
                options().with(Option.DATA, text).with(Option.BATCH, 8).with(Option.LR, 1e-2);
        Map<String, Object> metrics = run(new CharLstm(), options.with(Option.ITERATIONS, 60));
        assertThat((double) metrics.get("validation_nats")).isBetween(0.0, 1.0); // guessing gives 2.6
        assertThat(console.toString(StandardCharsets.UTF_8)).contains("the ");
    }

    @Test
    void textsThatCanNotBeReadAreNamed() throws Exception {
        Path text = data.resolve("text.txt");
        Options options = options().with(Option.DATA, text);
        assertThatThrownBy(() -> run(new CharLstm(), options)).hasMessageContaining("expected a text file");
        Files.writeString(text, "too short");
        assertThatThrownBy(() -> run(new CharLstm(), options)).hasMessageContaining("more than 640 characters, got 9");
        Files.write(text, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> run(new CharLstm(), options)).hasMessageContaining("UTF-8");
    }

    @Test
    void contextTellsMoreThanATableOfWords() throws Exception {
        Map<String, Object> metrics = run(new EmbeddingLstm(), options().with(Option.EPOCHS, 2));
        assertThat((double) metrics.get("test_accuracy")).isGreaterThan((double) metrics.get("baseline_accuracy"));
        assertThat(console.toString(StandardCharsets.UTF_8)).contains("/VERB");
    }

    @Test
    void digitsAreReadFrameByFrame() throws Exception {
        MnistPiece.write(data, 600, 100);
        Options options =
                options().with(Option.DATA, data).with(Option.BATCH, 20).with(Option.LR, 3e-3);
        Map<String, Object> metrics = run(new ConvLstm(), options.with(Option.EPOCHS, 2));
        assertThat((double) metrics.get("test_accuracy")).isGreaterThan(0.5);
    }
}
