package dev.jangada.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counts, their last line, and the file. */
class ReportTest {
    private static Report report() throws IOException {
        Report r = new Report();
        r.add(test("02/add/0001", "add", "core"), Outcome.PASS);
        r.add(test("02/add/0002", "add", "core"), Outcome.failed("at index [0] expected 1, got 2"));
        r.add(test("02/erfinv/0001", "erfinv", "extra"), Outcome.PASS);
        r.add(test("02/exp_/0001", "exp_", "core"), new Outcome(Outcome.Status.DIFFERENT, "a result"));
        return r;
    }

    private static Case test(String id, String op, String tier) throws IOException {
        return Corpus.parse(
                "02_elementwise", "{\"id\": \"" + id + "\", \"op\": \"" + op + "\", \"tier\": \"" + tier + "\"}");
    }

    @Test
    void theLastLineIsThatOfTheContract() throws IOException {
        assertThat(report().summary().lines().reduce((a, b) -> b)).hasValue("conformance: passed 2 of 4 (core 1 of 3)");
    }

    @Test
    void theFileHoldsCountsAndReasons(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("new").resolve("conformance.json");
        report().write(file, "cpu", Path.of("corpus"), 1.5);
        JsonNode json = new ObjectMapper().readTree(file.toFile());
        assertThat(json.path("backend").asText()).isEqualTo("cpu");
        JsonNode area = json.path("areas").path("02_elementwise");
        assertThat(area.path("core").path("passed").asInt()).isEqualTo(1);
        assertThat(area.path("extra").path("total").asInt()).isEqualTo(1);
        assertThat(area.path("operations").path("add").path("total").asInt()).isEqualTo(2);
        assertThat(json.path("failed")).hasSize(1);
        assertThat(json.path("failed").get(0).path("id").asText()).isEqualTo("02/add/0002");
        assertThat(json.path("failed").get(0).path("reason").asText()).contains("expected 1, got 2");
        assertThat(json.path("different_cases").get(0).path("op").asText()).isEqualTo("exp_");
    }
}
