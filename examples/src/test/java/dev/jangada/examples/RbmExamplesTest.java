package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.io.StateFile;
import dev.jangada.nn.rbm.RBM;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs that use a restricted Boltzmann machine to make and to explain images, at a small size. */
class RbmExamplesTest {
    @TempDir
    private Path data;

    @TempDir
    private Path out;

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    @BeforeEach
    void cutData() throws IOException {
        MnistPiece.write(data, 2_000, 60);
    }

    private Options options() {
        return Options.of(3, new PrintStream(console, true, StandardCharsets.UTF_8))
                .with(Option.DATA, data)
                .with(Option.OUT, out);
    }

    private static Map<String, Object> run(Example example, Options options) throws Exception {
        Metrics metrics = new Metrics();
        example.run(options, metrics);
        return metrics.values();
    }

    @Test
    void paintsBetterThanGuessingAndLoadsWhatItSaved() throws Exception {
        Options options =
                options().with(Option.EPOCHS, 12).with(Option.LR, 5e-3).with(Option.STEPS, 200);
        Map<String, Object> trained = run(new RbmInpainting(), options);
        assertThat(trained.keySet()).containsExactly("backend", "pixel_accuracy", "baseline_accuracy");
        double baseline = (double) trained.get("baseline_accuracy");
        assertThat(baseline).isBetween(0.8, 0.9);
        assertThat((double) trained.get("pixel_accuracy")).isBetween(baseline + 0.01, 1.0);
        BufferedImage picture = ImageIO.read(out.resolve("inpainting.png").toFile());
        assertThat(picture.getWidth()).isEqualTo(4 + 14 * 60);
        assertThat(picture.getHeight()).isEqualTo(4 + 4 * 60);

        Options loaded = options().with(Option.LOAD, out.resolve("rbm.safetensors"));
        for (RBM.Start start : RBM.Start.values()) {
            Map<String, Object> again =
                    run(new RbmInpainting(), loaded.with(Option.STEPS, 200).with(Option.START, start));
            assertThat((double) again.get("pixel_accuracy")).isBetween(baseline, 1.0);
            assertThat(again.get("baseline_accuracy")).isEqualTo(baseline);
        }
        assertThat((double)
                        run(new RbmInpainting(), loaded.with(Option.STEPS, 1)).get("pixel_accuracy"))
                .isBetween(0.5, 1.0);
        assertThat((double) run(new RbmFactors(), loaded).get("probability")).isBetween(0.5, 1.0);
        assertThat(ImageIO.read(out.resolve("factors.png").toFile()).getWidth()).isGreaterThan(900);
    }

    @Test
    void weightsOfAnotherMachineAreRefused() throws IOException {
        Path file = out.resolve("other.npz");
        assertThatThrownBy(() ->
                        run(new RbmFactors(), options().with(Option.LOAD, file).with(Option.K, 2)))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("--load and --k");
        assertThatThrownBy(() -> run(new RbmFactors(), options().with(Option.LOAD, file)))
                .isInstanceOf(NoSuchFileException.class);
        StateFile.save(file, new RBM(10, 5).stateDict());
        assertThatThrownBy(() -> run(new RbmFactors(), options().with(Option.LOAD, file)))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("[5, 10]");
        StateFile.save(file, Map.of("weight", Tensor.zeros(3)));
        assertThatThrownBy(() -> run(new RbmFactors(), options().with(Option.LOAD, file)))
                .isInstanceOf(ArgumentException.class)
                .hasMessageContaining("missing keys [W, bv, bh]");
    }
}
