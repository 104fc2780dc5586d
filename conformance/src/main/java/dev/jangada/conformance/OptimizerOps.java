package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.optim.ASGD;
import dev.jangada.optim.Adadelta;
import dev.jangada.optim.Adagrad;
import dev.jangada.optim.Adam;
import dev.jangada.optim.AdamW;
import dev.jangada.optim.Adamax;
import dev.jangada.optim.LBFGS;
import dev.jangada.optim.NAdam;
import dev.jangada.optim.Optimizer;
import dev.jangada.optim.RAdam;
import dev.jangada.optim.RMSprop;
import dev.jangada.optim.Rprop;
import dev.jangada.optim.SGD;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;

/** Area 08: trajectories of optimisers on given gradients. */
final class OptimizerOps {
    private OptimizerOps() {}

    static void register(Table t) {
        t.add("optimizer", "*", OptimizerOps::run);
        t.add("lbfgs", "p0 A b", OptimizerOps::lbfgs);
    }

    /** Steps on {@code 0.5 p'Ap - b'p + 0.25 sum(p^4)}. */
    private static Object lbfgs(Call c) {
        Tensor p = c.tensor("p0").clone().detach().requiresGrad_();
        JsonNode json = c.json("options");
        LBFGS.Options defaults = LBFGS.Options.defaults();
        LBFGS.Options o = options(defaults.withMaxIter(json.path("max_iter").asInt(defaults.maxIter())), json)
                .withStrongWolfe(json.path("line_search_fn").asText("").equals("strong_wolfe"));
        LBFGS optimizer = new LBFGS(List.of(p), o);
        List<Tensor> values = new ArrayList<>();
        List<Tensor> losses = new ArrayList<>();
        for (int i = 0; i < c.integer("steps"); i++) {
            losses.add(optimizer
                    .step(() -> {
                        optimizer.zeroGrad();
                        Tensor quadratic = c.tensor("A").matmul(p).mul(p).sum().mul(0.5);
                        Tensor loss = quadratic
                                .sub(c.tensor("b").mul(p).sum())
                                .add(p.pow(4).sum().mul(0.25));
                        loss.backward();
                        return loss;
                    })
                    .detach());
            values.add(p.detach().clone());
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("p0", rows(values));
        out.put("loss", rows(losses));
        return out;
    }

    private static Object run(Call c) {
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        c.named().forEach((name, t) -> {
            if (name.startsWith("p")) {
                parameters.put(name, t.clone().detach().requiresGrad_());
            }
        });
        Optimizer<?> optimizer = optimizer(c, parameters);
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

    private static Optimizer<?> optimizer(Call c, Map<String, Tensor> parameters) {
        return switch (c.text("optimizer", "")) {
            case "SGD" -> make(c, parameters, SGD.Options.of(0), SGD::new);
            case "Adam" -> make(c, parameters, Adam.Options.defaults(), Adam::new);
            case "AdamW" -> make(c, parameters, AdamW.Options.defaults(), AdamW::new);
            case "Adamax" -> make(c, parameters, Adamax.Options.defaults(), Adamax::new);
            case "NAdam" -> make(c, parameters, NAdam.Options.defaults(), NAdam::new);
            case "RAdam" -> make(c, parameters, RAdam.Options.defaults(), RAdam::new);
            case "Adagrad" -> make(c, parameters, Adagrad.Options.defaults(), Adagrad::new);
            case "Adadelta" -> make(c, parameters, Adadelta.Options.defaults(), Adadelta::new);
            case "RMSprop" -> make(c, parameters, RMSprop.Options.defaults(), RMSprop::new);
            case "Rprop" -> make(c, parameters, Rprop.Options.defaults(), Rprop::new);
            case "ASGD" -> make(c, parameters, ASGD.Options.defaults(), ASGD::new);
            default -> throw new MissingOpException("optimizer " + c.text("optimizer", ""));
        };
    }

    private static <O extends Optimizer.Options<O>> Optimizer<O> make(
            Call c,
            Map<String, Tensor> parameters,
            O defaults,
            BiFunction<List<Tensor>, O, ? extends Optimizer<O>> constructor) {
        O base = options(defaults, c.json("options"));
        JsonNode groups = c.json("groups");
        if (groups.isEmpty()) {
            return constructor.apply(List.copyOf(parameters.values()), base);
        }
        Optimizer<O> made = constructor.apply(members(groups.get(0), parameters), options(base, groups.get(0)));
        for (int i = 1; i < groups.size(); i++) {
            made.addGroup(members(groups.get(i), parameters), options(base, groups.get(i)));
        }
        return made;
    }

    private static List<Tensor> members(JsonNode group, Map<String, Tensor> parameters) {
        List<Tensor> out = new ArrayList<>();
        group.path("params").forEach(name -> out.add(parameters.get(name.asText())));
        return out;
    }

    /** Where PyTorch has one keyword for two numbers, and words in another order. */
    private static final Map<String, List<String>> KEYWORDS = Map.of(
            "beta1", List.of("betas", "0"),
            "beta2", List.of("betas", "1"),
            "etaMinus", List.of("etas", "0"),
            "etaPlus", List.of("etas", "1"),
            "minStep", List.of("step_sizes", "0"),
            "maxStep", List.of("step_sizes", "1"));

    /** Returns a copy of an options record with PyTorch's keywords put in. */
    static <O> O options(O options, JsonNode json) {
        RecordComponent[] components = options.getClass().getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        try {
            for (int i = 0; i < values.length; i++) {
                types[i] = components[i].getType();
                JsonNode given = find(json, components[i].getName());
                values[i] = given.isMissingNode() || given.isNull()
                        ? components[i].getAccessor().invoke(options)
                        : types[i] == boolean.class
                                ? (Object) given.booleanValue()
                                : types[i] == int.class ? (Object) given.intValue() : (Object) Call.number(given);
            }
            @SuppressWarnings("unchecked") // the canonical constructor of the record's class
            O made = (O) options.getClass().getDeclaredConstructor(types).newInstance(values);
            return made;
        } catch (InvocationTargetException e) {
            throw (RuntimeException) e.getCause();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode find(JsonNode json, String component) {
        List<String> keyword = KEYWORDS.get(component);
        if (keyword != null) {
            return json.path(keyword.get(0)).path(Integer.parseInt(keyword.get(1)));
        }
        return json.path(component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT));
    }
}
