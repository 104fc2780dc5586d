package dev.jangada.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs that train give the same numbers with {@code --mode captured}. */
class BothModesTest {
    @TempDir
    private static Path data;

    /** A program and how much of it is run. */
    private record Small(Example example, Map<Option, Object> options) {
        @Override
        public String toString() {
            return example.name();
        }
    }

    static Stream<Small> programs() {
        return Stream.of(
                new Small(new MnistMlp(), Map.of(Option.ITERATIONS, 12, Option.BATCH, 32, Option.DATA, data)),
                new Small(new MnistRbm(), Map.of(Option.ITERATIONS, 12, Option.BATCH, 20, Option.DATA, data)),
                new Small(new MnistCnn(), Map.of(Option.ITERATIONS, 3, Option.BATCH, 8, Option.DATA, data)),
                new Small(new MnistLstm(), Map.of(Option.ITERATIONS, 5, Option.BATCH, 20, Option.DATA, data)),
                new Small(new ConvLstm(), Map.of(Option.ITERATIONS, 3, Option.BATCH, 8, Option.DATA, data)),
                new Small(new RbmInpainting(), Map.of(Option.EPOCHS, 1, Option.STEPS, 35, Option.DATA, data)),
                new Small(new RbmFactors(), Map.of(Option.EPOCHS, 1, Option.DATA, data)),
                new Small(new CharLstm(), Map.of(Option.ITERATIONS, 4, Option.BATCH, 4)),
                new Small(new EmbeddingLstm(), Map.of(Option.EPOCHS, 1, Option.BATCH, 300)),
                new Small(new AirlineLstm(), Map.of(Option.EPOCHS, 4)),
                new Small(new CurveFit(), Map.of(Option.EPOCHS, 2, Option.BATCH, 50)),
                new Small(new BostonNn(), Map.of(Option.EPOCHS, 3)),
                new Small(new ExplodingGradients(), Map.of(Option.ITERATIONS, 6, Option.BATCH, 8)));
    }

    @BeforeAll
    static void cutData() throws IOException {
        MnistPiece.write(data, 400, 60);
    }

    private static Map<String, Object> run(Small program, boolean captured) throws Exception {
        PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Options options = Options.of(3, silent).with(Option.MODE, captured);
        for (Map.Entry<Option, Object> o : program.options.entrySet()) {
            options = options.with(o.getKey(), o.getValue());
        }
        if (program.example.options().contains(Option.OUT)) {
            options = options.with(Option.OUT, data);
        }
        Metrics metrics = new Metrics();
        program.example.run(options, metrics);
        Map<String, Object> values = new LinkedHashMap<>(metrics.values());
        values.remove("seconds");
        return values;
    }

    @ParameterizedTest
    @MethodSource("programs")
    void bothGiveTheSameNumbers(Small program) throws Exception {
        assertThat(program.example.options()).contains(Option.MODE);
        assertThat(run(program, true)).isEqualTo(run(program, false));
    }

    @Test
    void everyProgramWithTheOptionIsHere() {
        assertThat(Examples.all().stream()
                        .filter(e -> e.options().contains(Option.MODE))
                        .map(Example::name))
                .containsExactlyInAnyOrderElementsOf(
                        programs().map(Small::toString).toList());
    }
}
