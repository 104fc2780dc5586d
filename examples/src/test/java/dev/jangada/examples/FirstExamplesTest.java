package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The lessons that print. */
class FirstExamplesTest {
    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    private Map<String, Object> run(Example example, int iterations) throws Exception {
        Metrics metrics = new Metrics();
        Options options = Options.of(0, new PrintStream(console, true, StandardCharsets.UTF_8));
        example.run(iterations > 0 ? options.with(Option.ITERATIONS, iterations) : options, metrics);
        return metrics.values();
    }

    private String printed() {
        return console.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = FirstExamplesTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void tensorsArePrintedAsInPyTorch() throws Exception {
        run(new TensorsLikeNumpy(), 0);
        assertThat(printed())
                .as("tensors-like-numpy.py beside the expected text writes it anew")
                .isEqualTo(golden("tensors-like-numpy.txt"));
    }

    @Test
    void firstStepsShowTypesErrorsAndTheGraph() throws Exception {
        Map<String, Object> metrics = run(new FirstSteps(), 0);
        assertThat((double) metrics.get("x")).isCloseTo(2, within(1e-4));
        assertThat(printed())
                .contains("tensor(0.3333, dtype=torch.float16)\n", "tensor(0.3340, dtype=torch.bfloat16)\n")
                .contains("dtype=torch.float16)\nfloat32\n")
                .contains("tensor([1.5000, 3.5000], names=('student',))\n")
                .contains("[sub] expected dimensions of one name")
                .contains("tensor(5.6667, grad_fn=<MeanBackward0>)\n  made by MeanBackward0\n  made by AddBackward0\n")
                .contains("tensor([0.6667, 1.3333, 2.0000])\n")
                .contains("step 10: x = 1.40944, loss = 0.5449356\n"); // as PyTorch
        assertThat(printed()).containsAnyOf("[add] expected all tensors on one device", "not available");
    }

    @Test
    void fewerStepsEndFartherAway() throws Exception {
        assertThat((double) run(new FirstSteps(), 10).get("x")).isCloseTo(1.40944, within(1e-4));
    }
}
