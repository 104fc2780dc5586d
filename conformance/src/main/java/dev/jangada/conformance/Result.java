package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * One result of an operation.
 *
 * @param name its name, empty for results that are only counted
 * @param value a tensor, a text, a boolean, a Long, a Double, or a list of such
 */
record Result(String name, Object value) {
    /** Returns the results in what a lambda of the table has returned. */
    static List<Result> of(Object returned) {
        List<Result> out = new ArrayList<>();
        if (returned instanceof Map<?, ?> named) {
            named.forEach((name, value) -> out.add(new Result((String) name, value)));
        } else if (returned instanceof Object[] several) {
            for (Object o : several) {
                out.add(new Result("", o));
            }
        } else if (returned instanceof List<?> several && !several.isEmpty() && several.get(0) instanceof Tensor) {
            several.forEach(o -> out.add(new Result("", o)));
        } else {
            out.add(new Result("", returned));
        }
        return out;
    }

    /**
     * Says how this result differs from an OUTPUT of the corpus; an empty text if it does not.
     *
     * @param inputs the tensors that a view shares memory with
     */
    String difference(JsonNode expected, Tolerance tolerance, Iterable<Tensor> inputs) {
        if (expected.has("text")) {
            String text = expected.path("text").textValue();
            return text.equals(value) ? "" : "expected text " + quoted(text) + ", got " + quoted(value);
        }
        if (expected.has("json")) {
            JsonNode json = expected.path("json");
            return same(json, value) ? "" : "expected " + json + ", got " + value;
        }
        if (!(value instanceof Tensor t)) {
            return "expected a tensor, got " + value;
        }
        if (expected.has("requires_grad") && expected.path("requires_grad").booleanValue() != t.requiresGrad()) {
            return "expected requires_grad " + expected.path("requires_grad") + ", got " + t.requiresGrad();
        }
        String d = HostTensor.of(t).difference(HostTensor.read(expected), tolerance);
        return d.isEmpty() ? layoutDifference(t, expected, inputs) : d;
    }

    private static String quoted(Object text) {
        return "\"" + String.valueOf(text).replace("\n", "\\n") + "\"";
    }

    /** Compares JSON by kind and value: 1, 1.0 and true differ. */
    static boolean same(JsonNode json, Object value) {
        if (value instanceof List<?> list) {
            if (!json.isArray() || json.size() != list.size()) {
                return false;
            }
            Iterator<JsonNode> it = json.iterator();
            return list.stream().allMatch(v -> same(it.next(), v));
        }
        if (value instanceof Map<?, ?> map) {
            return json.isObject()
                    && json.size() == map.size()
                    && map.entrySet().stream()
                            .allMatch(e ->
                                    json.has((String) e.getKey()) && same(json.get((String) e.getKey()), e.getValue()));
        }
        if (value instanceof Boolean b) {
            return json.isBoolean() && json.booleanValue() == b;
        }
        if (value instanceof Long n) {
            return json.isIntegralNumber() && json.longValue() == n;
        }
        if (value instanceof Double d) {
            boolean special = json.isTextual() && d.toString().equalsIgnoreCase(json.textValue());
            return special || isInfinity(json, d) || (json.isFloatingPointNumber() && json.doubleValue() == d);
        }
        return value == null
                ? json.isNull()
                : json.isTextual() && json.textValue().equals(value);
    }

    private static boolean isInfinity(JsonNode json, double d) {
        return json.isTextual() && Double.isInfinite(d) && json.textValue().equals(d > 0 ? "inf" : "-inf");
    }

    /** Strides count where a dimension is larger than 1, the offset only where memory is shared; nothing of an empty tensor. */
    private static String layoutDifference(Tensor t, JsonNode expected, Iterable<Tensor> inputs) {
        if (!expected.has("strides")) {
            return "";
        }
        boolean elements = t.numel() > 0;
        long[] strides = Call.longs(expected.path("strides"));
        for (int i = 0; elements && i < strides.length; i++) {
            if (t.size(i) > 1 && t.stride()[i] != strides[i]) {
                return "expected strides " + expected.path("strides") + ", got "
                        + java.util.Arrays.toString(t.stride());
            }
        }
        boolean loaded = !expected.has("is_view");
        boolean view = expected.path("is_view").asBoolean();
        if (!loaded && elements) { // PyTorch compared addresses, which empty tensors do not have
            boolean shared = false;
            for (Tensor in : inputs) {
                shared |= t.sharesStorage(in);
            }
            if (shared != view) {
                return "expected is_view " + view + ", got " + shared;
            }
        }
        long offset = expected.path("storage_offset").asLong();
        return elements && (view || loaded) && t.storageOffset() != offset
                ? "expected storage_offset " + offset + ", got " + t.storageOffset()
                : "";
    }
}
