package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * One case of the corpus: an operation or a program, its inputs, and what PyTorch answered.
 *
 * @param area name of the file without its ending, such as {@code 02_elementwise}
 * @param json the line of the file
 */
record Case(String area, JsonNode json) {
    /** Returns the unique name, such as {@code 02/add/0001}. */
    String id() {
        return json.path("id").asText();
    }

    String op() {
        return json.path("op").asText();
    }

    boolean isProgram() {
        return op().equals("program");
    }

    /** Tells whether the case belongs to the required list. */
    boolean isCore() {
        return json.path("tier").asText().equals("core");
    }

    /** Returns the tag that allows another answer, or an empty text. */
    String tag() {
        return json.path("tag").asText("");
    }

    JsonNode args() {
        return json.path("args");
    }

    List<JsonNode> inputs() {
        return list("inputs");
    }

    List<JsonNode> outputs() {
        return list("outputs");
    }

    List<JsonNode> gradOutputs() {
        return list("grad_outputs");
    }

    JsonNode grads() {
        return json.path("grads");
    }

    private List<JsonNode> list(String key) {
        List<JsonNode> out = new ArrayList<>();
        json.path(key).forEach(out::add);
        return out;
    }

    /** Tells whether the case must end with an exception. */
    boolean expectsError() {
        return json.hasNonNull("error");
    }

    /** Returns the family of the expected exception. */
    String errorKind() {
        return json.path("error").path("kind").asText();
    }

    /** Returns the step of a program that must fail, counted from 0. */
    int errorStep() {
        return json.path("error").path("step").asInt(-1);
    }

    /** Returns the tolerance of the outputs. */
    Tolerance tolerance() {
        return new Tolerance(
                json.path("rtol").asDouble(),
                json.path("atol").asDouble(),
                json.path("zero_sign").asBoolean(false));
    }

    /** Returns the tolerance of the gradients. */
    Tolerance gradTolerance() {
        return new Tolerance(
                json.path("grad_rtol").asDouble(), json.path("grad_atol").asDouble(), false);
    }
}
