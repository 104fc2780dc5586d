package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that fit curves and prices, at a small size. */
class FittingExamplesTest {
    @TempDir
    private Path out;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    private Options options() {
        return Options.of(0, new PrintStream(console, true, StandardCharsets.UTF_8));
    }

    private static Map<String, Object> run(Example example, Options options) throws Exception {
        Metrics metrics = new Metrics();
        example.run(options, metrics);
        return metrics.values();
    }

    private void assertDrawn(String picture) throws IOException {
        BufferedImage image = ImageIO.read(out.resolve(picture).toFile());
        assertThat(image.getWidth()).isEqualTo(800);
    }

    @Test
    void aLineStaysALineAndTanhBendsIt() throws Exception {
        Options small = options()
                .with(Option.OUT, out)
                .with(Option.EPOCHS, 100)
                .with(Option.BATCH, 50)
                .with(Option.LR, 0.05);
        Map<String, Object> metrics = run(new CurveFit(), small);
        assertThat(metrics.keySet()).containsExactly("backend", "seconds", "mse_linear", "mse_tanh");
        assertThat((double) metrics.get("mse_linear")).isBetween(2.4, 3.6);
        assertThat((double) metrics.get("mse_tanh")).isBetween(0.6, 2.2);
        assertDrawn("curve-fit.png");
    }

    @Test
    void rawFeaturesDivergeAndStandardisedOnesDoNot() throws Exception {
        Map<String, Object> metrics = run(new BostonByHand(), options().with(Option.ITERATIONS, 150));
        assertThat((double) metrics.get("test_mse")).isBetween(10.0, 35.0);
        assertThat((double) metrics.get("train_loss")).isBetween(15.0, 30.0);
        assertThat(console.toString(StandardCharsets.UTF_8)).contains("step 8: mean squared error Infinity");
    }

    @Test
    void everyOptimiserLearnsThePrices() throws Exception {
        Map<String, Object> metrics =
                run(new BostonNn(), options().with(Option.OUT, out).with(Option.EPOCHS, 40));
        assertThat(metrics)
                .containsKeys("backend", "seconds", "test_mse", "test_mse_sgd", "test_mse_adam", "test_mse_rmsprop")
                .containsKeys("test_mse_adagrad", "test_mse_adadelta");
        String chosen = ((String) metrics.get("optimizer")).toLowerCase(Locale.ROOT);
        assertThat(metrics.get("test_mse")).isEqualTo(metrics.get("test_mse_" + chosen));
        assertThat((double) metrics.get("train_loss")).isBetween(15.0, 30.0);
        metrics.forEach((name, value) -> {
            if (name.startsWith("test_mse")) {
                assertThat((double) value).as(name).isBetween(10.0, 35.0);
            }
        });
        assertDrawn("boston-nn.png");
    }
}
