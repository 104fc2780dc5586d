package dev.jangada.conformance;

import dev.jangada.Scalar;
import dev.jangada.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** How each operation of the corpus is called in Jangada: its inputs in the order of the corpus' op table, and one lambda. */
final class Table {
    /**
     * One operation.
     *
     * @param inputs names in the order that steps of programs use; the single name {@code *} stands for any number of tensors
     * @param run calls it; returns a tensor, an array or list of results, a map of named ones, a text, or a boolean or number
     */
    record Entry(List<String> inputs, Function<Call, Object> run) {}

    private final Map<String, Entry> entries = new HashMap<>();

    /** Returns the table of all areas. */
    static Table all() {
        Table t = new Table();
        CreationOps.register(t);
        ElementwiseOps.register(t);
        ReductionOps.register(t);
        MovementOps.register(t);
        IndexingOps.register(t);
        LinalgOps.register(t);
        FunctionalOps.register(t);
        ConvolutionOps.register(t);
        LossOps.register(t);
        OptimizerOps.register(t);
        RecurrentOps.register(t);
        SchedulerOps.register(t);
        RbmOps.register(t);
        FileOps.register(t);
        return t;
    }

    /** Returns an operation, or null if Jangada does not have it. */
    Entry get(String op) {
        return entries.get(op);
    }

    /** Adds an operation; the inputs are separated by blanks. */
    void add(String name, String inputs, Function<Call, Object> run) {
        List<String> names = inputs.isEmpty() ? List.of() : List.of(inputs.split(" "));
        if (entries.put(name, new Entry(names, run)) != null) {
            throw new AssertionError(name + " stands twice in the table");
        }
    }

    /** Adds an operation of the tensor {@code input} alone. */
    void unary(String name, UnaryOperator<Tensor> run) {
        add(name, "input", c -> run.apply(c.x()));
    }

    /** Adds an operation of {@code input} and {@code other}. */
    void binary(String name, BiFunction<Tensor, Tensor, Tensor> run) {
        add(name, "input other", c -> run.apply(c.x(), c.tensor("other")));
    }

    /** Adds an operation of {@code input} and {@code other}, which may be a plain number. */
    void binary(
            String name, BiFunction<Tensor, Tensor, Tensor> tensors, BiFunction<Tensor, Scalar, Tensor> withNumber) {
        add(
                name,
                "input other",
                c -> c.given("other")
                        ? tensors.apply(c.x(), c.tensor("other"))
                        : withNumber.apply(c.x(), c.scalar("other")));
    }
}
