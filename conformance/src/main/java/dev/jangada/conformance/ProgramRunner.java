package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.autograd.Node;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the steps of a program on named variables. */
final class ProgramRunner {
    private final Table table;
    private final Path folder;
    private final Map<String, Object> variables;

    ProgramRunner(Table table, Path folder, Map<String, Tensor> inputs) {
        this.table = table;
        this.folder = folder;
        this.variables = new HashMap<>(inputs);
    }

    /** Returns a variable: a tensor, text or number. */
    Object value(String name) {
        if (!variables.containsKey(name)) {
            throw new IllegalArgumentException("the program has no variable '" + name + "'");
        }
        return variables.get(name);
    }

    private Tensor tensor(String name) {
        return (Tensor) value(name);
    }

    private List<Tensor> tensors(JsonNode names) {
        List<Tensor> out = new ArrayList<>();
        names.forEach(n -> out.add(tensor(n.asText())));
        return out;
    }

    /** Runs one step and binds its results. */
    void step(JsonNode step) {
        String op = step.path("op").asText();
        JsonNode args = step.path("args");
        List<String> in = new ArrayList<>();
        step.path("in").forEach(n -> in.add(n.isNull() ? "" : n.asText()));
        switch (op) {
            case "backward" -> backward(tensors(step.path("in")), args);
            case "autograd_grad" -> grad(tensors(step.path("in")), args, step.path("outs"));
            case "set_grad_enabled" -> Autograd.setGradEnabled(args.path("mode").booleanValue());
            case "zero_grad" -> tensors(step.path("in")).forEach(t -> zeroGrad(t, args));
            default -> bind(step.path("out").asText(""), special(op, in, args));
        }
    }

    private Object special(String op, List<String> in, JsonNode args) {
        return switch (op) {
            case "get_grad" -> tensor(in.get(0)).grad().detach().clone();
            case "live_grad" -> tensor(in.get(0)).grad();
            case "grad_is_none" -> !tensor(in.get(0)).hasGrad();
            case "requires_grad_" ->
                tensor(in.get(0)).requiresGrad_(args.path("mode").asBoolean(true));
            case "retain_grad" -> tensor(in.get(0)).retainGrad();
            case "detach" -> tensor(in.get(0)).detach();
            case "detach_" -> tensor(in.get(0)).detach_();
            case "requires_grad" -> tensor(in.get(0)).requiresGrad();
            case "is_leaf" -> tensor(in.get(0)).isLeaf();
            case "grad_fn" -> tensor(in.get(0)).gradFn().map(Node::name).orElse("None");
            case "shares_storage" -> tensor(in.get(0)).sharesStorage(tensor(in.get(1)));
            default -> ordinary(op, in, args);
        };
    }

    private Object ordinary(String op, List<String> in, JsonNode args) {
        Table.Entry entry = table.get(op);
        if (entry == null) {
            throw new MissingOpException(op);
        }
        boolean any = entry.inputs().contains("*");
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int i = 0; i < in.size(); i++) {
            if (!in.get(i).isEmpty()) {
                inputs.put(any ? "t" + i : entry.inputs().get(i), tensor(in.get(i)));
            }
        }
        return entry.run().apply(new Call(inputs, args, this::tensor, folder));
    }

    private void bind(String out, Object returned) {
        if (out.isEmpty()) {
            return;
        }
        List<Result> results = Result.of(returned);
        if (results.size() == 1 && results.get(0).value() == returned) {
            variables.put(out, returned);
            return;
        }
        for (int i = 0; i < results.size(); i++) {
            String name = results.get(i).name();
            variables.put(
                    out + "." + (name.isEmpty() ? String.valueOf(i) : name),
                    results.get(i).value());
        }
    }

    private void backward(List<Tensor> in, JsonNode args) {
        boolean create = args.path("create_graph").asBoolean(false);
        boolean retain = args.path("retain_graph").asBoolean(create);
        List<Tensor> inputs = args.has("inputs") ? tensors(args.path("inputs")) : List.of();
        Autograd.backward(in.subList(0, 1), in.subList(1, in.size()), retain, create, inputs);
    }

    private void grad(List<Tensor> outputs, JsonNode args, JsonNode outs) {
        boolean create = args.path("create_graph").asBoolean(false);
        List<Tensor> gradOutputs = args.hasNonNull("grad_outputs") ? tensors(args.path("grad_outputs")) : List.of();
        List<Tensor> grads = Autograd.grad(
                outputs,
                tensors(args.path("inputs")),
                gradOutputs,
                args.path("retain_graph").asBoolean(create),
                create,
                args.path("allow_unused").asBoolean(false));
        for (int i = 0; i < outs.size(); i++) {
            variables.put(outs.get(i).asText(), grads.get(i));
        }
    }

    private static void zeroGrad(Tensor t, JsonNode args) {
        if (args.path("set_to_none").asBoolean(true)) {
            t.zeroGrad();
        } else if (t.hasGrad()) {
            t.grad().detach().zero_();
        }
    }
}
