package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.nn.ClipGrad;
import dev.jangada.optim.Adam;
import dev.jangada.optim.ConstantLR;
import dev.jangada.optim.CosineAnnealingLR;
import dev.jangada.optim.CosineAnnealingWarmRestarts;
import dev.jangada.optim.CyclicLR;
import dev.jangada.optim.ExponentialLR;
import dev.jangada.optim.LRScheduler;
import dev.jangada.optim.LambdaLR;
import dev.jangada.optim.LinearLR;
import dev.jangada.optim.MultiStepLR;
import dev.jangada.optim.MultiplicativeLR;
import dev.jangada.optim.OneCycleLR;
import dev.jangada.optim.Optimizer;
import dev.jangada.optim.PolynomialLR;
import dev.jangada.optim.ReduceLROnPlateau;
import dev.jangada.optim.SGD;
import dev.jangada.optim.StepLR;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongToDoubleFunction;

/** Area 08: learning rate schedules and gradient clipping. */
final class SchedulerOps {
    private SchedulerOps() {}

    static void register(Table t) {
        t.add("lr_scheduler", "", SchedulerOps::schedule);
        t.add("clip_grad_norm_", "*", SchedulerOps::clipNorm);
        t.add("clip_grad_value_", "*", SchedulerOps::clipValue);
    }

    // ---- clipping

    private static List<Tensor> parameters(Call c) {
        List<Tensor> out = new ArrayList<>();
        for (Tensor g : c.all()) {
            Tensor p = Tensor.zerosLike(g).requiresGrad_();
            p.setGrad(g.clone());
            out.add(p);
        }
        return out;
    }

    private static Map<String, Object> gradients(List<Tensor> parameters) {
        Map<String, Object> out = new LinkedHashMap<>();
        for (int i = 0; i < parameters.size(); i++) {
            out.put("g" + i, parameters.get(i).grad());
        }
        return out;
    }

    private static Object clipNorm(Call c) {
        List<Tensor> parameters = parameters(c);
        Tensor norm = ClipGrad.clipGradNorm_(
                parameters, c.real("max_norm", 0), c.real("norm_type", 2), c.flag("error_if_nonfinite", false));
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("total_norm", norm);
        out.putAll(gradients(parameters));
        return out;
    }

    private static Object clipValue(Call c) {
        List<Tensor> parameters = parameters(c);
        ClipGrad.clipGradValue_(parameters, c.real("clip_value", 0));
        return gradients(parameters);
    }

    // ---- schedules

    private static Object schedule(Call c) {
        Optimizer<?> optimizer = optimizer(c);
        List<double[]> rates = new ArrayList<>();
        List<double[]> momenta = new ArrayList<>();
        if (c.text("scheduler", "").equals("ReduceLROnPlateau")) {
            ReduceLROnPlateau plateau = new ReduceLROnPlateau(optimizer, plateau(c.json("options")));
            note(optimizer, rates, momenta);
            for (int i = 0; i < c.integer("steps"); i++) {
                plateau.step(Call.number(c.json("metrics").get(i)));
                note(optimizer, rates, momenta);
            }
        } else {
            LRScheduler scheduler = scheduler(c, optimizer);
            note(optimizer, rates, momenta);
            for (int i = 0; i < c.integer("steps"); i++) {
                scheduler.step();
                note(optimizer, rates, momenta);
            }
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("lr", table(rates));
        if (c.text("scheduler", "").matches("OneCycleLR|CyclicLR")) {
            out.put("momentum", table(momenta));
        }
        return out;
    }

    private static Optimizer<?> optimizer(Call c) {
        JsonNode rates = c.json("base_lrs");
        if (c.text("optimizer", "SGD").equals("Adam")) {
            JsonNode betas = c.json("betas");
            Adam.Options options = Adam.Options.of(rates.get(0).doubleValue())
                    .withBetas(betas.get(0).doubleValue(), betas.get(1).doubleValue());
            return new Adam(List.of(parameter()), options);
        }
        SGD.Options options = SGD.Options.of(rates.get(0).doubleValue()).withMomentum(c.real("momentum", 0));
        SGD sgd = new SGD(List.of(parameter()), options);
        for (int i = 1; i < rates.size(); i++) {
            sgd.addGroup(List.of(parameter()), options.withLr(rates.get(i).doubleValue()));
        }
        return sgd;
    }

    private static Tensor parameter() {
        return Tensor.zeros(1).requiresGrad_();
    }

    private static void note(Optimizer<?> optimizer, List<double[]> rates, List<double[]> momenta) {
        rates.add(optimizer.groups().stream().mapToDouble(g -> g.lr()).toArray());
        momenta.add(optimizer.groups().stream().mapToDouble(g -> g.momentum()).toArray());
    }

    private static Tensor table(List<double[]> rows) {
        int columns = rows.get(0).length;
        double[] flat = new double[rows.size() * columns];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = rows.get(i / columns)[i % columns];
        }
        return Tensor.of(flat, DType.FLOAT64, rows.size(), columns);
    }

    private static double real(JsonNode options, String name, double otherwise) {
        return options.hasNonNull(name) ? Call.number(options.get(name)) : otherwise;
    }

    private static long whole(JsonNode options, String name, long otherwise) {
        return options.hasNonNull(name) ? options.get(name).longValue() : otherwise;
    }

    private static LRScheduler scheduler(Call c, Optimizer<?> optimizer) {
        JsonNode o = c.json("options");
        return switch (c.text("scheduler", "")) {
            case "StepLR" -> new StepLR(optimizer, whole(o, "step_size", 0), real(o, "gamma", 0.1));
            case "MultiStepLR" -> new MultiStepLR(optimizer, milestones(o), real(o, "gamma", 0.1));
            case "ExponentialLR" -> new ExponentialLR(optimizer, real(o, "gamma", 0));
            case "ConstantLR" -> new ConstantLR(optimizer, real(o, "factor", 1.0 / 3), whole(o, "total_iters", 5));
            case "LinearLR" ->
                new LinearLR(
                        optimizer,
                        real(o, "start_factor", 1.0 / 3),
                        real(o, "end_factor", 1),
                        whole(o, "total_iters", 5));
            case "PolynomialLR" -> new PolynomialLR(optimizer, whole(o, "total_iters", 5), real(o, "power", 1));
            case "CosineAnnealingLR" -> new CosineAnnealingLR(optimizer, whole(o, "T_max", 0), real(o, "eta_min", 0));
            case "CosineAnnealingWarmRestarts" ->
                new CosineAnnealingWarmRestarts(
                        optimizer, whole(o, "T_0", 0), whole(o, "T_mult", 1), real(o, "eta_min", 0));
            case "LambdaLR" -> new LambdaLR(optimizer, functions(c.json("lambdas")));
            case "MultiplicativeLR" -> new MultiplicativeLR(optimizer, functions(c.json("lambdas")));
            case "OneCycleLR" -> new OneCycleLR(optimizer, highest(o.path("max_lr")), oneCycle(o));
            case "CyclicLR" -> new CyclicLR(optimizer, cyclic(o));
            default -> throw new MissingOpException("scheduler " + c.text("scheduler", ""));
        };
    }

    private static List<Long> milestones(JsonNode o) {
        List<Long> out = new ArrayList<>();
        o.path("milestones").forEach(m -> out.add(m.longValue()));
        return out;
    }

    private static List<LongToDoubleFunction> functions(JsonNode lambdas) {
        List<LongToDoubleFunction> out = new ArrayList<>();
        lambdas.forEach(l -> out.add(function(l)));
        return out;
    }

    private static LongToDoubleFunction function(JsonNode l) {
        return switch (l.path("kind").asText()) {
            case "pow" -> e -> Math.pow(l.path("base").doubleValue(), e);
            case "inverse" -> e -> 1 / (1 + l.path("decay").doubleValue() * e);
            case "warmup" -> e -> Math.min(1, (e + 1) / l.path("steps").doubleValue());
            case "table" ->
                e -> l.path("values")
                        .get((int) Math.min(e, l.path("values").size() - 1))
                        .doubleValue();
            default -> throw new MissingOpException("lambda " + l);
        };
    }

    private static List<Double> highest(JsonNode maxLr) {
        if (maxLr.isNumber()) {
            return List.of(maxLr.doubleValue());
        }
        List<Double> out = new ArrayList<>();
        maxLr.forEach(m -> out.add(m.doubleValue()));
        return out;
    }

    private static OneCycleLR.Options oneCycle(JsonNode o) {
        long steps = whole(o, "total_steps", whole(o, "epochs", 0) * whole(o, "steps_per_epoch", 0));
        return OneCycleLR.Options.of(steps)
                .withPctStart(real(o, "pct_start", 0.3))
                .withAnneal(OneCycleLR.Anneal.valueOf(
                        o.path("anneal_strategy").asText("cos").toUpperCase(Locale.ROOT)))
                .withCycleMomentum(o.path("cycle_momentum").asBoolean(true))
                .withMomentum(real(o, "base_momentum", 0.85), real(o, "max_momentum", 0.95))
                .withDivFactors(real(o, "div_factor", 25), real(o, "final_div_factor", 1e4))
                .withThreePhase(o.path("three_phase").asBoolean(false));
    }

    private static CyclicLR.Options cyclic(JsonNode o) {
        long up = whole(o, "step_size_up", 2000);
        return CyclicLR.Options.of(real(o, "base_lr", 0), real(o, "max_lr", 0))
                .withStepSizes(up, whole(o, "step_size_down", up))
                .withMode(
                        CyclicLR.Mode.valueOf(
                                o.path("mode").asText("triangular").toUpperCase(Locale.ROOT)),
                        real(o, "gamma", 1));
    }

    private static ReduceLROnPlateau.Options plateau(JsonNode o) {
        return ReduceLROnPlateau.Options.defaults()
                .withMode(ReduceLROnPlateau.Mode.valueOf(
                        o.path("mode").asText("min").toUpperCase(Locale.ROOT)))
                .withFactor(real(o, "factor", 0.1))
                .withPatience(whole(o, "patience", 10))
                .withThreshold(
                        real(o, "threshold", 1e-4),
                        ReduceLROnPlateau.Threshold.valueOf(
                                o.path("threshold_mode").asText("rel").toUpperCase(Locale.ROOT)))
                .withCooldown(whole(o, "cooldown", 0))
                .withMinLr(real(o, "min_lr", 0))
                .withEps(real(o, "eps", 1e-8));
    }
}
