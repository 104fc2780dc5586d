package dev.jangada.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jangada.Device;
import dev.jangada.backend.Availability;
import dev.jangada.backend.Backends;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/**
 * Runs the whole corpus and holds what has been reached: {@code floor.properties} names for each area how many cases pass; the number may
 * only rise.
 */
class CorpusTest {
    private static final Path FLOOR = Path.of("floor.properties");

    private static Availability cpu() {
        return Backends.providers().stream()
                .filter(p -> p.name().equals("cpu"))
                .findFirst()
                .orElseThrow()
                .availability();
    }

    @Test
    void noAreaFallsBelowItsFloor() throws IOException {
        Corpus corpus = CorpusFiles.find();
        Availability cpu = cpu();
        assumeTrue(cpu.available(), () -> "the backend cpu is not available: " + cpu.reason());
        Backends.setDefaultDevice(Device.cpu());
        Properties floor = new Properties();
        try (Reader in = Files.newBufferedReader(FLOOR)) {
            floor.load(in);
        }
        long start = System.nanoTime();
        Report report = CorpusRun.run(corpus, "", c -> true);
        double seconds = (System.nanoTime() - start) / 1e9;
        String backend = Device.best().toString();
        report.write(Path.of("target", "conformance.json"), backend, corpus.folder(), seconds);
        System.out.println(report.summary());
        System.out.println(String.format(Locale.ROOT, "corpus: %.1f s on the backend %s", seconds, backend));

        List<String> fallen = new ArrayList<>();
        report.areas().forEach((area, count) -> {
            int least = Integer.parseInt(floor.getProperty(area, "0"));
            if (count.passed() < least) {
                fallen.add(area + ": expected at least " + least + " passed cases, got " + count.passed());
            } else if (count.passed() > least) {
                System.out.println("conformance/floor.properties: " + area + " may be raised to " + count.passed());
            }
        });
        assertThat(fallen)
                .as("see conformance/target/conformance.json for the failed cases, or run bin/conformance --verbose")
                .isEmpty();
        assertThat(report.areas().keySet()).as("areas of the floor").containsAll(floor.stringPropertyNames());
    }
}
