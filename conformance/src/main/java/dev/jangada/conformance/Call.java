package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The arguments of one operation: tensors by the names of the op table, everything else by key. */
final class Call {
    private final Map<String, Tensor> tensors;
    private final JsonNode args;
    private final Function<String, Tensor> variables;
    private final Path folder;
    private final Map<String, Tensor> leaves = new LinkedHashMap<>();

    /**
     * Collects the arguments.
     *
     * @param tensors inputs by name, in order
     * @param args arguments that are no tensors
     * @param variables finds the tensors that an index names
     * @param folder the corpus, which file names are relative to
     */
    Call(Map<String, Tensor> tensors, JsonNode args, Function<String, Tensor> variables, Path folder) {
        this.tensors = tensors;
        this.args = args;
        this.variables = variables;
        this.folder = folder;
    }

    /** Returns the tensor named {@code input}. */
    Tensor x() {
        return tensor("input");
    }

    Tensor tensor(String name) {
        Tensor t = tensors.get(name);
        if (t == null) {
            throw new IllegalArgumentException("the case has no input '" + name + "'");
        }
        return t;
    }

    /** Tells whether an input of this name is given. */
    boolean given(String name) {
        return tensors.containsKey(name);
    }

    /** Returns all inputs in order. */
    List<Tensor> all() {
        return new ArrayList<>(tensors.values());
    }

    /** Returns the inputs by name, in order. */
    Map<String, Tensor> named() {
        return tensors;
    }

    /** Returns a tensor that an index names. */
    Tensor variable(String name) {
        return variables.apply(name);
    }

    /** Says that the gradient of an input is that of a parameter which was given the input's value. */
    void gradientOf(String input, Tensor parameter) {
        leaves.put(input, parameter);
    }

    /** Returns the parameters that stand for inputs. */
    Map<String, Tensor> parameters() {
        return leaves;
    }

    /** Tells whether an argument is given and not None. */
    boolean has(String name) {
        return args.hasNonNull(name);
    }

    JsonNode json(String name) {
        return args.path(name);
    }

    Scalar scalar(String name) {
        return scalar(args.path(name));
    }

    Scalar scalar(String name, long otherwise) {
        return has(name) ? scalar(name) : Scalar.of(otherwise);
    }

    double real(String name, double otherwise) {
        return has(name) ? number(args.path(name)) : otherwise;
    }

    long integer(String name) {
        return integer(args.path(name), name);
    }

    long integer(String name, long otherwise) {
        return has(name) ? integer(name) : otherwise;
    }

    /** Returns an argument that is a dimension. */
    int dim(String name) {
        return Math.toIntExact(integer(name));
    }

    int dim(String name, int otherwise) {
        return has(name) ? dim(name) : otherwise;
    }

    /** Returns an argument that is one dimension or a list of them; none if it is missing. */
    int[] dims(String name) {
        long[] wide = has(name) ? longs(name) : new long[0];
        int[] out = new int[wide.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Math.toIntExact(wide[i]);
        }
        return out;
    }

    /** Returns an argument that is an integer or a list of them. */
    long[] longs(String name) {
        return longs(args.path(name));
    }

    /** Returns an argument that is an integer or a list of them, repeated to {@code n} if it is one. */
    long[] longs(String name, int n, long otherwise) {
        long[] given = has(name) ? longs(name) : new long[] {otherwise};
        if (given.length == n) {
            return given;
        }
        long[] out = new long[n];
        java.util.Arrays.fill(out, given[0]);
        return out;
    }

    boolean flag(String name, boolean otherwise) {
        return has(name) ? args.path(name).booleanValue() : otherwise;
    }

    String text(String name, String otherwise) {
        return has(name) ? args.path(name).asText() : otherwise;
    }

    DType dtype(DType otherwise) {
        return has("dtype") ? DType.of(text("dtype", "")) : otherwise;
    }

    /** Returns the path of a file of the corpus. */
    Path file(String name) {
        return folder.resolve(text(name, ""));
    }

    // ---- numbers by token

    /** Returns a number whose kind (bool, int, float) follows from how it is written. */
    static Scalar scalar(JsonNode v) {
        if (v.isBoolean()) {
            return Scalar.of(v.booleanValue());
        }
        return v.isIntegralNumber() ? Scalar.of(v.longValue()) : Scalar.of(number(v));
    }

    /** Returns a number as a double; the texts nan, inf and -inf stand for floats. */
    static double number(JsonNode v) {
        if (v.isTextual()) {
            return switch (v.textValue()) {
                case "nan" -> Double.NaN;
                case "inf" -> Double.POSITIVE_INFINITY;
                case "-inf" -> Double.NEGATIVE_INFINITY;
                default -> throw new IllegalArgumentException("expected a number, got '" + v.textValue() + "'");
            };
        }
        if (!v.isNumber()) {
            throw new IllegalArgumentException("expected a number, got " + v);
        }
        return v.doubleValue();
    }

    private static long integer(JsonNode v, String name) {
        if (!v.isIntegralNumber() || !v.canConvertToLong()) {
            throw new IllegalArgumentException("expected an integer for " + name + ", got " + v);
        }
        return v.longValue();
    }

    static long[] longs(JsonNode v) {
        if (v.isIntegralNumber()) {
            return new long[] {v.longValue()};
        }
        long[] out = new long[v.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = integer(v.get(i), "element " + i);
        }
        return out;
    }
}
