package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes the inputs of a case: leaves, contiguous or views by a recipe. */
final class Inputs {
    private Inputs() {}

    /** Returns the inputs by name, in order. */
    static Map<String, Tensor> make(Case c, Table table) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        for (JsonNode json : c.inputs()) {
            out.put(json.path("name").asText(), input(json, table));
        }
        return out;
    }

    private static Tensor input(JsonNode json, Table table) {
        return json.has("view")
                ? view(json, table)
                : leaf(json, HostTensor.read(json).toTensor());
    }

    private static Tensor leaf(JsonNode json, Tensor t) {
        return json.path("requires_grad").asBoolean() ? t.requiresGrad_() : t;
    }

    private static Tensor view(JsonNode json, Table table) {
        Tensor t = HostTensor.read(json.path("view").path("base")).toTensor();
        for (JsonNode step : json.path("view").path("ops")) {
            Table.Entry op = table.get(step.path("op").asText());
            if (op == null) {
                throw new MissingOpException(step.path("op").asText());
            }
            t = (Tensor) op.run().apply(new Call(Map.of("input", t), step.path("args"), n -> null, null));
        }
        Tensor leaf = leaf(json, t.detach());
        String difference = new Result("", leaf).difference(json, new Tolerance(0, 0, true), java.util.List.of());
        if (!difference.isEmpty()) {
            throw new IllegalStateException("the view of input " + json.path("name") + ": " + difference);
        }
        return leaf;
    }
}
