package dev.jangada.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The runner notices what it must: one wrong value, gradient, exception or step in a real case fails exactly that case. */
class RunnerTest {
    private static final int NEIGHBOURS = 10;

    private static Case changed(Case c, java.util.function.Consumer<ObjectNode> change) {
        ObjectNode copy = c.json().deepCopy();
        change.accept(copy);
        return new Case(c.area(), copy);
    }

    private static boolean hasValues(JsonNode tensor) {
        return tensor.path("data").size() > 0;
    }

    /** Replaces the last element by another one. */
    private static void flip(JsonNode tensor) {
        ArrayNode data = (ArrayNode) tensor.path("data");
        int last = data.size() - 1;
        JsonNode old = data.get(last);
        if (old.isBoolean()) {
            data.set(last, data.booleanNode(!old.booleanValue()));
        } else if (old.isIntegralNumber()) {
            data.set(last, data.numberNode(old.longValue() == 1 ? 0L : 1L));
        } else {
            data.set(last, data.numberNode(old.isTextual() || old.doubleValue() == 0 ? 1e4 : -3 * old.doubleValue()));
        }
    }

    private static Optional<Case> firstPassing(CaseRunner runner, List<Case> cases, Predicate<Case> fits) {
        return cases.stream().filter(fits).filter(c -> runner.run(c).passed()).findFirst();
    }

    /** Runs a case that was changed amid its neighbours, which must end as they did before. */
    private static Outcome outcomeAmidNeighbours(CaseRunner runner, List<Case> cases, Case original, Case changed) {
        int at = cases.indexOf(original);
        List<Case> near = cases.subList(Math.max(0, at - NEIGHBOURS), Math.min(cases.size(), at + NEIGHBOURS));
        Outcome out = null;
        for (Case c : near) {
            if (c == original) {
                out = runner.run(changed);
            } else {
                Outcome before = runner.run(c);
                assertThat(runner.run(c)).as(c.id()).isEqualTo(before);
            }
        }
        assertThat(runner.run(original).passed()).isTrue();
        return out;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01_creation",
                "02_elementwise",
                "03_reductions",
                "04_movement",
                "05_linalg",
                "06_functional",
                "07_recurrent",
                "08_optimizers",
                "09_autograd",
                "10_rbm",
                "11_interchange"
            })
    void oneFlippedValueFails(String area) throws IOException {
        Corpus corpus = CorpusFiles.find();
        CaseRunner runner = new CaseRunner(Table.all(), corpus.folder());
        List<Case> cases = corpus.cases(area);
        Optional<Case> found = firstPassing(
                runner,
                cases,
                c -> !c.outputs().isEmpty() && hasValues(c.outputs().get(0)));
        assumeTrue(found.isPresent(), "no case of " + area + " with a tensor passes yet");
        Case bad = changed(found.get(), json -> flip(json.path("outputs").get(0)));

        Outcome outcome = outcomeAmidNeighbours(runner, cases, found.get(), bad);

        assertThat(outcome.status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(outcome.reason()).startsWith("output").contains("at index [", "expected", "got");
    }

    @ParameterizedTest
    @ValueSource(strings = {"02_elementwise", "04_movement", "09_autograd"})
    void oneFlippedGradientFails(String area) throws IOException {
        Corpus corpus = CorpusFiles.find();
        CaseRunner runner = new CaseRunner(Table.all(), corpus.folder());
        List<Case> cases = corpus.cases(area);
        Case good = firstPassing(
                        runner,
                        cases,
                        c -> c.grads().size() > 0
                                && hasValues(c.grads().elements().next()))
                .orElseThrow();
        Case bad = changed(good, json -> flip(json.path("grads").elements().next()));

        Outcome outcome = outcomeAmidNeighbours(runner, cases, good, bad);

        assertThat(outcome.status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(outcome.reason()).startsWith("gradient of").contains("at index [");
    }

    @ParameterizedTest
    @CsvSource({
        "shape, dtype, 02_elementwise",
        "dtype, shape, 02_elementwise",
        "index, value, 04_movement",
        "value, index, 02_elementwise",
        "device, value, 01_creation",
        "autograd, shape, 09_autograd"
    })
    void theWrongExceptionFails(String kind, String other, String area) throws IOException {
        Corpus corpus = CorpusFiles.find();
        CaseRunner runner = new CaseRunner(Table.all(), corpus.folder());
        List<Case> cases = corpus.cases(area);
        Case good = firstPassing(
                        runner,
                        cases,
                        c -> c.expectsError()
                                && c.errorKind().equals(kind)
                                && c.tag().isEmpty())
                .orElseThrow();

        Case wrongKind = changed(good, json -> ((ObjectNode) json.path("error")).put("kind", other));
        Outcome outcome = outcomeAmidNeighbours(runner, cases, good, wrongKind);
        assertThat(outcome.status()).isEqualTo(Outcome.Status.FAILED);
        assertThat(outcome.reason()).contains("expected an error of kind " + other);

        Case noError = changed(good, json -> json.putNull("error"));
        assertThat(runner.run(noError).passed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void theRightExceptionInTheWrongStepFails(int shift) throws IOException {
        Corpus corpus = CorpusFiles.find();
        CaseRunner runner = new CaseRunner(Table.all(), corpus.folder());
        Case good = firstPassing(
                        runner,
                        corpus.cases("09_autograd"),
                        c -> c.errorStep() > 0 && c.tag().isEmpty())
                .orElseThrow();
        Case bad = changed(good, json -> ((ObjectNode) json.path("error")).put("step", good.errorStep() + shift));

        assertThat(runner.run(bad).status()).isEqualTo(Outcome.Status.FAILED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"02_elementwise", "09_autograd"})
    void resultWhereAnErrorIsExpectedFails(String area) throws IOException {
        Corpus corpus = CorpusFiles.find();
        CaseRunner runner = new CaseRunner(Table.all(), corpus.folder());
        Case good =
                firstPassing(runner, corpus.cases(area), c -> !c.expectsError()).orElseThrow();
        Case bad = changed(
                good, json -> json.putObject("error").put("kind", "value").put("step", 0));

        assertThat(runner.run(bad).status()).isEqualTo(Outcome.Status.FAILED);
    }

    @ParameterizedTest
    @CsvSource({"dtype, float16", "shape, 0", "strides, 77", "is_view, 0"})
    void typeShapeAndLayoutAreCompared(String key, String value) throws IOException {
        Corpus corpus = CorpusFiles.find();
        CaseRunner runner = new CaseRunner(Table.all(), corpus.folder());
        Case good = firstPassing(
                        runner,
                        corpus.cases("04_movement"),
                        c -> c.outputs().size() == 1
                                && c.outputs().get(0).path("is_view").asBoolean()
                                && c.outputs().get(0).path("dtype").asText().equals("float32")
                                && c.outputs().get(0).path("data").size() > 1)
                .orElseThrow();
        Case bad = changed(good, json -> {
            ObjectNode output = (ObjectNode) json.path("outputs").get(0);
            switch (key) {
                case "dtype" -> output.put(key, value);
                case "is_view" -> output.put(key, false);
                case "shape" ->
                    output.putArray(key).add(output.path("data").size()).add(1).add(1);
                default -> {
                    ArrayNode strides = output.putArray(key);
                    output.path("shape").forEach(s -> strides.add(77));
                }
            }
        });

        assertThat(runner.run(bad).status()).isEqualTo(Outcome.Status.FAILED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"saved_result", "multi_view"})
    void tagTurnsFailureIntoDifference(String tag) throws IOException {
        Corpus corpus = CorpusFiles.find();
        CaseRunner runner = new CaseRunner(Table.all(), corpus.folder());
        Case good = firstPassing(
                        runner,
                        corpus.cases("09_autograd"),
                        c -> c.outputs().size() > 0 && hasValues(c.outputs().get(0)))
                .orElseThrow();
        List<Outcome.Status> ends = new ArrayList<>();
        for (boolean tagged : new boolean[] {false, true}) {
            ends.add(runner.run(changed(good, json -> {
                        flip(json.path("outputs").get(0));
                        if (tagged) {
                            json.put("tag", tag);
                        }
                    }))
                    .status());
        }
        assertThat(ends).containsExactly(Outcome.Status.FAILED, Outcome.Status.DIFFERENT);
    }
}
