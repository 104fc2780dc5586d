package dev.jangada.conformance;

import dev.jangada.nn.ClassLossOptions;
import dev.jangada.nn.Functional;

/** Area 06: losses and distances. */
final class LossOps {
    private LossOps() {}

    private static ClassLossOptions options(Call c) {
        ClassLossOptions o = ClassLossOptions.DEFAULT
                .withIgnoreIndex(c.integer("ignore_index", -100))
                .withReduction(c.text("reduction", "mean"))
                .withLabelSmoothing(c.real("label_smoothing", 0));
        return c.given("weight") ? o.withWeight(c.tensor("weight")) : o;
    }

    static void register(Table t) {
        t.add(
                "cross_entropy",
                "input target weight",
                c -> Functional.crossEntropy(c.x(), c.tensor("target"), options(c)));
        t.add("nll_loss", "input target weight", c -> Functional.nllLoss(c.x(), c.tensor("target"), options(c)));
        t.add(
                "mse_loss",
                "input target",
                c -> Functional.mseLoss(c.x(), c.tensor("target"), c.text("reduction", "mean")));
    }
}
