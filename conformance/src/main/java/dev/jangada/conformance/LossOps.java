package dev.jangada.conformance;

import dev.jangada.Tensor;
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
        elementwise(t);
        margins(t);
        t.add(
                "cosine_similarity",
                "x1 x2",
                c -> Functional.cosineSimilarity(c.tensor("x1"), c.tensor("x2"), c.dim("dim", 1), c.real("eps", 1e-8)));
        t.add("cdist", "x1 x2", c -> c.tensor("x1").cdist(c.tensor("x2"), c.real("p", 2)));
        t.add(
                "pairwise_distance",
                "x1 x2",
                c -> Functional.pairwiseDistance(
                        c.tensor("x1"), c.tensor("x2"), c.real("p", 2), c.real("eps", 1e-6), c.flag("keepdim", false)));
    }

    private static String reduction(Call c) {
        return c.text("reduction", "mean");
    }

    private static Tensor optional(Call c, String name) {
        return c.given(name) ? c.tensor(name) : null;
    }

    private static void elementwise(Table t) {
        t.add("l1_loss", "input target", c -> Functional.l1Loss(c.x(), c.tensor("target"), reduction(c)));
        t.add(
                "smooth_l1_loss",
                "input target",
                c -> Functional.smoothL1Loss(c.x(), c.tensor("target"), c.real("beta", 1), reduction(c)));
        t.add(
                "huber_loss",
                "input target",
                c -> Functional.huberLoss(c.x(), c.tensor("target"), c.real("delta", 1), reduction(c)));
        t.add(
                "binary_cross_entropy",
                "input target weight",
                c -> Functional.binaryCrossEntropy(c.x(), c.tensor("target"), optional(c, "weight"), reduction(c)));
        t.add(
                "binary_cross_entropy_with_logits",
                "input target weight pos_weight",
                c -> Functional.binaryCrossEntropyWithLogits(
                        c.x(), c.tensor("target"), optional(c, "weight"), optional(c, "pos_weight"), reduction(c)));
        t.add(
                "kl_div",
                "input target",
                c -> Functional.klDiv(c.x(), c.tensor("target"), c.flag("log_target", false), reduction(c)));
        t.add(
                "poisson_nll_loss",
                "input target",
                c -> Functional.poissonNllLoss(
                        c.x(),
                        c.tensor("target"),
                        c.flag("log_input", true),
                        c.flag("full", false),
                        c.real("eps", 1e-8),
                        reduction(c)));
        t.add(
                "gaussian_nll_loss",
                "input target var",
                c -> Functional.gaussianNllLoss(
                        c.x(),
                        c.tensor("target"),
                        c.tensor("var"),
                        c.flag("full", false),
                        c.real("eps", 1e-6),
                        reduction(c)));
    }

    private static void margins(Table t) {
        t.add(
                "hinge_embedding_loss",
                "input target",
                c -> Functional.hingeEmbeddingLoss(c.x(), c.tensor("target"), c.real("margin", 1), reduction(c)));
        t.add(
                "soft_margin_loss",
                "input target",
                c -> Functional.softMarginLoss(c.x(), c.tensor("target"), reduction(c)));
        t.add(
                "multi_margin_loss",
                "input target weight",
                c -> Functional.multiMarginLoss(
                        c.x(),
                        c.tensor("target"),
                        c.integer("p", 1),
                        c.real("margin", 1),
                        optional(c, "weight"),
                        reduction(c)));
        t.add(
                "margin_ranking_loss",
                "input1 input2 target",
                c -> Functional.marginRankingLoss(
                        c.tensor("input1"), c.tensor("input2"), c.tensor("target"), c.real("margin", 0), reduction(c)));
        t.add(
                "cosine_embedding_loss",
                "input1 input2 target",
                c -> Functional.cosineEmbeddingLoss(
                        c.tensor("input1"), c.tensor("input2"), c.tensor("target"), c.real("margin", 0), reduction(c)));
        t.add(
                "triplet_margin_loss",
                "anchor positive negative",
                c -> Functional.tripletMarginLoss(
                        c.tensor("anchor"),
                        c.tensor("positive"),
                        c.tensor("negative"),
                        c.real("margin", 1),
                        c.real("p", 2),
                        c.real("eps", 1e-6),
                        c.flag("swap", false),
                        reduction(c)));
    }
}
