package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.optim.Adam;
import dev.jangada.optim.Optimizer;
import dev.jangada.optim.SGD;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Area 08: trajectories of optimisers on given gradients. */
final class OptimizerOps {
    private OptimizerOps() {}

    static void register(Table t) {
        t.add("optimizer", "*", OptimizerOps::run);
    }

    private static Object run(Call c) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        c.named().forEach((name, t) -> {
            if (name.startsWith("p")) {
                parameters.put(name, t.clone().detach().requiresGrad_());
            }
        });
        Optimizer<?, ?> optimizer = optimizer(c, parameters);
        long steps = c.tensor("g0").size(0);
        Map<String, List<Tensor>> history = new LinkedHashMap<>();
        for (int i = 0; i < steps; i++) {
            if (c.json("lr_at").has(String.valueOf(i))) {
                optimizer.setLr(c.json("lr_at").get(String.valueOf(i)).doubleValue());
            }
            for (String name : parameters.keySet()) {
                Tensor g = c.tensor("g" + name.substring(1)).select(0, i);
                parameters.get(name).setGrad(skipped(c, i, name) ? null : g);
            }
            optimizer.step();
            parameters.forEach((name, p) -> history.computeIfAbsent(name, n -> new ArrayList<>())
                    .add(p.detach().clone()));
        }
        Map<String, Object> out = new LinkedHashMap<>();
        history.forEach((name, values) -> out.put(name, rows(values)));
        return out;
    }

    private static boolean skipped(Call c, int step, String name) {
        for (JsonNode skip : c.json("skip")) {
            if (skip.get(0).intValue() == step && skip.get(1).asText().equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Puts the values after each step below each other. */
    private static Tensor rows(List<Tensor> values) {
        Tensor first = values.get(0);
        long[] shape = new long[first.dim() + 1];
        shape[0] = values.size();
        System.arraycopy(first.shape().toArray(), 0, shape, 1, first.dim());
        Tensor out = Tensor.zeros(first.dtype(), shape);
        try (Autograd.Mode off = Autograd.noGrad()) {
            for (int i = 0; i < values.size(); i++) {
                out.select(0, i).copy_(values.get(i));
            }
        }
        return out;
    }

    private static Optimizer<?, ?> optimizer(Call c, Map<String, Tensor> parameters) {
        JsonNode options = c.json("options");
        List<Tensor> all = new ArrayList<>(parameters.values());
        return switch (c.text("optimizer", "")) {
            case "SGD" -> {
                SGD.Options base = sgd(SGD.Options.of(Call.number(options.path("lr"))), options);
                SGD made = new SGD(first(c, parameters, all), with(c, 0, base, g -> sgd(base, g)));
                groups(c, parameters, (members, json) -> made.addGroup(members, sgd(base, json)));
                yield made;
            }
            case "Adam" -> {
                Adam.Options base = adam(Adam.Options.defaults(), options);
                Adam made = new Adam(first(c, parameters, all), with(c, 0, base, g -> adam(base, g)));
                groups(c, parameters, (members, json) -> made.addGroup(members, adam(base, json)));
                yield made;
            }
            default -> throw new MissingOpException("optimizer " + c.text("optimizer", ""));
        };
    }

    @FunctionalInterface
    private interface AddGroup {
        void add(List<Tensor> members, JsonNode overrides);
    }

    private static <O> O with(Call c, int group, O base, java.util.function.Function<JsonNode, O> override) {
        JsonNode json = c.json("groups").path(group);
        return json.isMissingNode() ? base : override.apply(json);
    }

    /** The members of the first group: all parameters unless groups are given. */
    private static List<Tensor> first(Call c, Map<String, Tensor> parameters, List<Tensor> all) {
        JsonNode json = c.json("groups").path(0);
        return json.isMissingNode() ? all : members(json, parameters);
    }

    private static void groups(Call c, Map<String, Tensor> parameters, AddGroup add) {
        for (int i = 1; i < c.json("groups").size(); i++) {
            JsonNode json = c.json("groups").get(i);
            add.add(members(json, parameters), json);
        }
    }

    private static List<Tensor> members(JsonNode group, Map<String, Tensor> parameters) {
        List<Tensor> out = new ArrayList<>();
        group.path("params").forEach(name -> out.add(parameters.get(name.asText())));
        return out;
    }

    private static <O> O apply(
            O options, JsonNode json, String key, java.util.function.BiFunction<O, JsonNode, O> set) {
        return json.hasNonNull(key) ? set.apply(options, json.get(key)) : options;
    }

    /** PyTorch's keywords of SGD over given options. */
    static SGD.Options sgd(SGD.Options options, JsonNode json) {
        SGD.Options o = apply(options, json, "lr", (x, v) -> x.withLr(v.doubleValue()));
        o = apply(o, json, "momentum", (x, v) -> x.withMomentum(v.doubleValue()));
        o = apply(o, json, "dampening", (x, v) -> x.withDampening(v.doubleValue()));
        o = apply(o, json, "weight_decay", (x, v) -> x.withWeightDecay(v.doubleValue()));
        o = apply(o, json, "maximize", (x, v) -> x.withMaximize(v.booleanValue()));
        return apply(o, json, "nesterov", (x, v) -> x.withNesterov(v.booleanValue()));
    }

    /** PyTorch's keywords of Adam over given options. */
    static Adam.Options adam(Adam.Options options, JsonNode json) {
        Adam.Options o = apply(options, json, "lr", (x, v) -> x.withLr(v.doubleValue()));
        o = apply(
                o,
                json,
                "betas",
                (x, v) -> x.withBetas(v.get(0).doubleValue(), v.get(1).doubleValue()));
        o = apply(o, json, "eps", (x, v) -> x.withEps(v.doubleValue()));
        o = apply(o, json, "weight_decay", (x, v) -> x.withWeightDecay(v.doubleValue()));
        o = apply(o, json, "maximize", (x, v) -> x.withMaximize(v.booleanValue()));
        return apply(o, json, "amsgrad", (x, v) -> x.withAmsgrad(v.booleanValue()));
    }
}
