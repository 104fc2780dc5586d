package dev.jangada.conformance;

import dev.jangada.Tensor;
import dev.jangada.autograd.Autograd;
import dev.jangada.nn.rbm.RBM;
import dev.jangada.optim.Adam;
import dev.jangada.optim.Optimizer;
import dev.jangada.optim.SGD;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Area 10: the restricted Boltzmann machine with given uniform numbers. */
final class RbmOps {
    private RbmOps() {}

    static void register(Table t) {
        t.add("rbm_prob_h", "W bh v", c -> machine(c).propUp(c.tensor("v")));
        t.add("rbm_prob_v", "W bv h", c -> machine(c).propDown(c.tensor("h")));
        t.add("rbm_free_energy", "W bv bh v", c -> machine(c).freeEnergy(c.tensor("v")));
        t.add("rbm_sample", "p u", c -> sample(c.tensor("p"), c.tensor("u")));
        t.add("rbm_cd", "W bv bh v uh uv v_start", RbmOps::contrastiveDivergence);
    }

    /** A machine with the weights of the case, whose gradients stand for those of the inputs. */
    private static RBM machine(Call c) {
        Tensor w = c.tensor("W");
        RBM rbm = new RBM(w.size(1), w.size(0));
        rbm.to(w.dtype());
        load(c, "W", rbm.weight());
        load(c, "bv", rbm.visibleBias());
        load(c, "bh", rbm.hiddenBias());
        return rbm;
    }

    private static void load(Call c, String name, Tensor parameter) {
        if (c.given(name)) {
            try (Autograd.Mode off = Autograd.noGrad()) {
                parameter.copy_(c.tensor(name));
            }
            c.gradientOf(name, parameter);
        }
    }

    private static Tensor sample(Tensor p, Tensor u) {
        return u.lt(p).to(p.dtype());
    }

    private static Object contrastiveDivergence(Call c) {
        RBM rbm = machine(c);
        Tensor v = c.tensor("v");
        Map<String, Object> out = new LinkedHashMap<>();
        Tensor vk;
        try (Autograd.Mode off = Autograd.noGrad()) {
            vk = chain(rbm, c, out);
        }
        Tensor energy = rbm.freeEnergy(v);
        Tensor energyK = rbm.freeEnergy(vk);
        Tensor loss = rbm.contrastiveDivergence(v, vk);
        out.put("free_energy_v", energy);
        out.put("free_energy_vk", energyK);
        out.put("loss", loss);
        RBM first = machine(c);
        afterStep(
                out,
                "sgd",
                first,
                v,
                vk,
                new SGD(first.parameters(), OptimizerOps.options(SGD.Options.of(0), c.json("sgd"))));
        RBM second = machine(c);
        afterStep(
                out,
                "adam",
                second,
                v,
                vk,
                new Adam(second.parameters(), OptimizerOps.options(Adam.Options.defaults(), c.json("adam"))));
        gradientsOf(c, rbm);
        return out;
    }

    /** Runs the Gibbs chain; returns its last visible units. */
    private static Tensor chain(RBM rbm, Call c, Map<String, Object> out) {
        Tensor uh = c.tensor("uh");
        Tensor uv = c.tensor("uv");
        Tensor p = rbm.propUp(c.given("v_start") ? c.tensor("v_start") : c.tensor("v"));
        Tensor h = sample(p, uh.select(0, 0));
        out.put("ph0", p);
        out.put("h0", h);
        Tensor vk = h;
        for (int t = 1; t <= c.integer("k"); t++) {
            Tensor pv = rbm.propDown(h);
            vk = sample(pv, uv.select(0, t - 1));
            p = rbm.propUp(vk);
            h = sample(p, uh.select(0, t));
            if (t == 1) {
                out.put("pv1", pv);
                out.put("v1", vk);
            }
            out.put("pvk", pv);
        }
        out.put("vk", vk);
        out.put("phk", p);
        out.put("hk", h);
        return vk;
    }

    private static void gradientsOf(Call c, RBM rbm) {
        c.gradientOf("W", rbm.weight());
        c.gradientOf("bv", rbm.visibleBias());
        c.gradientOf("bh", rbm.hiddenBias());
    }

    /** Notes the parameters after one step of an optimiser on the gradient of the loss. */
    private static void afterStep(
            Map<String, Object> out, String prefix, RBM rbm, Tensor v, Tensor vk, Optimizer<?> optimizer) {
        rbm.contrastiveDivergence(v, vk).backward();
        optimizer.step();
        for (Map.Entry<String, Tensor> p : List.of(
                Map.entry("W", rbm.weight()), Map.entry("bv", rbm.visibleBias()), Map.entry("bh", rbm.hiddenBias()))) {
            out.put(prefix + "_" + p.getKey(), p.getValue().detach());
        }
    }
}
