package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs at a small size, on a folder with a piece of the embedded images. */
class ExamplesTest {
    private static final int TRAIN = 600;
    private static final int TEST = 100;

    @TempDir
    private Path data;

    @TempDir
    private Path out;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    @BeforeEach
    void cutData() throws IOException {
        MnistPiece.write(data, TRAIN, TEST);
    }

    private Options options() {
        return Options.of(3, new PrintStream(console, true, StandardCharsets.UTF_8))
                .with(Option.DATA, data);
    }

    private static Map<String, Object> run(Example example, Options options) throws Exception {
        Metrics metrics = new Metrics();
        example.run(options, metrics);
        return metrics.values();
    }

    @Test
    void mlpLearnsAndRepeatsItself() throws Exception {
        Options options = options().with(Option.ITERATIONS, 60).with(Option.BATCH, 50);
        Map<String, Object> first = run(new MnistMlp(), options);
        assertThat(first.keySet())
                .containsExactly("backend", "seconds", "train_loss", "validation_accuracy", "test_accuracy");
        assertThat((double) first.get("test_accuracy")).isBetween(0.6, 1.0);
        assertThat((double) first.get("train_loss")).isBetween(0.01, 1.5);
        assertThat(console.toString(StandardCharsets.UTF_8)).contains("step 60: loss");
        Map<String, Object> second = run(new MnistMlp(), options);
        assertThat(second.get("train_loss")).isEqualTo(first.get("train_loss"));
        assertThat(second.get("test_accuracy")).isEqualTo(first.get("test_accuracy"));
    }

    @Test
    void mlpCountsEpochsAndTakesABatchOfEverything() throws Exception {
        Options options = options().with(Option.EPOCHS, 2).with(Option.BATCH, 10_000);
        run(new MnistMlp(), options);
        assertThat(console.toString(StandardCharsets.UTF_8)).contains("step 2: loss");
    }

    @Test
    void lossThatIsNoNumberIsAnError() {
        Options options = options().with(Option.ITERATIONS, 30).with(Option.LR, 1e30);
        assertThatThrownBy(() -> run(new MnistMlp(), options))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("finite loss");
    }

    @Test
    void cnnLearnsAndRepeatsItself() throws Exception {
        Options options =
                options().with(Option.EPOCHS, 4).with(Option.BATCH, 25).with(Option.ITERATIONS, 60);
        Map<String, Object> first = run(new MnistCnn(), options);
        assertThat(first.keySet()).containsExactly("backend", "seconds", "train_loss", "test_accuracy");
        assertThat((double) first.get("test_accuracy")).isBetween(0.6, 1.0);
        assertThat(console.toString(StandardCharsets.UTF_8))
                .contains("epoch 3: loss")
                .doesNotContain("epoch 4: loss");
        Map<String, Object> second = run(new MnistCnn(), options);
        assertThat(second.get("train_loss")).isEqualTo(first.get("train_loss"));
        assertThat(second.get("test_accuracy")).isEqualTo(first.get("test_accuracy"));
    }

    @Test
    void rbmLearnsRepeatsItselfAndDraws() throws Exception {
        Options options =
                options().with(Option.EPOCHS, 6).with(Option.BATCH, 50).with(Option.OUT, out);
        Map<String, Object> first = run(new MnistRbm(), options);
        assertThat(first.keySet()).containsExactly("backend", "seconds", "train_loss", "reconstruction_nats");
        assertThat((double) first.get("reconstruction_nats")).isBetween(50.0, 230.0);
        assertThat(console.toString(StandardCharsets.UTF_8))
                .contains("epoch 5: k 1")
                .contains("epoch 6: k 3");
        byte[] filters = Files.readAllBytes(out.resolve("filters.png"));
        for (String name : new String[] {"filters", "reconstructions", "samples"}) {
            BufferedImage picture = ImageIO.read(out.resolve(name + ".png").toFile());
            assertThat(picture.getWidth()).as(name).isEqualTo(4 + 10 * 60);
            assertThat(picture.getHeight()).as(name).isEqualTo(4 + 10 * 60);
        }
        assertThat(ImageIO.read(out.resolve("loss.png").toFile()).getWidth()).isEqualTo(800);
        try (var listed = Files.list(out)) {
            assertThat(listed.count()).isEqualTo(4);
        }
        Map<String, Object> second = run(new MnistRbm(), options);
        assertThat(second.get("train_loss")).isEqualTo(first.get("train_loss"));
        assertThat(second.get("reconstruction_nats")).isEqualTo(first.get("reconstruction_nats"));
        assertThat(Files.readAllBytes(out.resolve("filters.png"))).isEqualTo(filters);
    }

    @Test
    void rbmStopsAfterTheStepsItWasGiven() throws Exception {
        Options options =
                options().with(Option.BATCH, 50).with(Option.ITERATIONS, 3).with(Option.OUT, out);
        run(new MnistRbm(), options.with(Option.EPOCHS, 4));
        assertThat(console.toString(StandardCharsets.UTF_8))
                .contains("epoch 1:")
                .doesNotContain("epoch 2:");
        int perEpoch = TRAIN / 50;
        run(new MnistRbm(), options.with(Option.ITERATIONS, perEpoch + 1));
        assertThat(console.toString(StandardCharsets.UTF_8))
                .contains("epoch 2:")
                .doesNotContain("epoch 3:");
    }

    @Test
    void folderThatIsAFileIsRefusedBeforeTraining() throws IOException {
        Path file = Files.writeString(out.resolve("file"), "");
        Options options = options().with(Option.OUT, file.resolve("below"));
        assertThatThrownBy(() -> run(new MnistRbm(), options))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("--out");
        assertThat(console.toString(StandardCharsets.UTF_8)).doesNotContain("epoch");
    }

    @Test
    void programsAreRegistered() {
        assertThat(Examples.all().stream().map(Example::name)).contains("mnist-mlp", "mnist-rbm");
    }
}
