package dev.jangada.conformance;

import dev.jangada.Tensor;
import dev.jangada.nn.Functional;

/** Area 06: activations, normalisation, convolution, pooling. */
final class FunctionalOps {
    private FunctionalOps() {}

    static void register(Table t) {
        t.add(
                "linear",
                "input weight bias",
                c -> c.given("bias")
                        ? Functional.linear(c.x(), c.tensor("weight"), c.tensor("bias"))
                        : Functional.linear(c.x(), c.tensor("weight")));
        t.add(
                "softmax",
                "input",
                c -> c.has("dtype") ? c.x().softmax(c.dim("dim"), c.dtype(null)) : c.x().softmax(c.dim("dim")));
        t.add(
                "log_softmax",
                "input",
                c -> c.has("dtype") ? c.x().logSoftmax(c.dim("dim"), c.dtype(null)) : c.x().logSoftmax(c.dim("dim")));
        activations(t);
        shrinking(t);
        t.add("softmin", "input", c -> Functional.softmin(c.x(), c.dim("dim")));
        t.add("glu", "input", c -> Functional.glu(c.x(), c.dim("dim", -1)));
        t.add("prelu", "input weight", c -> Functional.prelu(c.x(), c.tensor("weight")));
        t.add("dropout", "input", c -> Functional.dropout(c.x(), c.real("p", 0.5), c.flag("training", true)));
        t.add(
                "layer_norm",
                "input weight bias",
                c -> Functional.layerNorm(
                        c.x(),
                        c.longs("normalized_shape"),
                        c.given("weight") ? c.tensor("weight") : null,
                        c.given("bias") ? c.tensor("bias") : null,
                        c.real("eps", 1e-5)));
        t.add(
                "normalize",
                "input",
                c -> Functional.normalize(c.x(), c.real("p", 2), c.dim("dim", 1), c.real("eps", 1e-12)));
        normalization(t);
        t.add("interpolate", "input", FunctionalOps::interpolate);
    }

    private static Tensor optional(Call c, String name) {
        return c.given(name) ? c.tensor(name) : null;
    }

    private static void normalization(Table t) {
        t.add(
                "group_norm",
                "input weight bias",
                c -> Functional.groupNorm(
                        c.x(),
                        c.integer("num_groups"),
                        optional(c, "weight"),
                        optional(c, "bias"),
                        c.real("eps", 1e-5)));
        t.add(
                "instance_norm",
                "input weight bias",
                c -> Functional.instanceNorm(c.x(), optional(c, "weight"), optional(c, "bias"), c.real("eps", 1e-5)));
        t.add("batch_norm", "input running_mean running_var weight bias", c -> {
            Tensor mean = optional(c, "running_mean");
            Tensor var = optional(c, "running_var");
            Tensor y = Functional.batchNorm(
                    c.x(),
                    mean,
                    var,
                    optional(c, "weight"),
                    optional(c, "bias"),
                    c.flag("training", false),
                    c.real("momentum", 0.1),
                    c.real("eps", 1e-5));
            return mean == null ? y : new Tensor[] {y, mean, var};
        });
    }

    private static Tensor interpolate(Call c) {
        String mode = c.text("mode", "nearest");
        boolean aligned = c.flag("align_corners", false);
        return c.has("size")
                ? Functional.interpolate(c.x(), c.longs("size"), mode, aligned)
                : Functional.interpolate(c.x(), new double[] {c.real("scale_factor", 1)}, mode, aligned);
    }

    private static void activations(Table t) {
        t.add("leaky_relu", "input", c -> Functional.leakyRelu(c.x(), c.real("negative_slope", 0.01)));
        t.add("elu", "input", c -> Functional.elu(c.x(), c.real("alpha", 1)));
        t.unary("selu", Functional::selu);
        t.add("celu", "input", c -> Functional.celu(c.x(), c.real("alpha", 1)));
        t.add("gelu", "input", c -> Functional.gelu(c.x(), c.text("approximate", "none")));
        t.unary("silu", Functional::silu);
        t.unary("mish", Functional::mish);
        t.add("softplus", "input", c -> Functional.softplus(c.x(), c.real("beta", 1), c.real("threshold", 20)));
        t.add("hardtanh", "input", c -> Functional.hardtanh(c.x(), c.real("min_val", -1), c.real("max_val", 1)));
        t.unary("relu6", Functional::relu6);
        t.unary("hardsigmoid", Functional::hardsigmoid);
        t.unary("hardswish", Functional::hardswish);
        t.unary("logsigmoid", Functional::logsigmoid);
    }

    private static void shrinking(Table t) {
        t.unary("softsign", Functional::softsign);
        t.unary("tanhshrink", Functional::tanhshrink);
        t.add("softshrink", "input", c -> Functional.softshrink(c.x(), c.real("lambd", 0.5)));
        t.add("hardshrink", "input", c -> Functional.hardshrink(c.x(), c.real("lambd", 0.5)));
        t.add("threshold", "input", c -> Functional.threshold(c.x(), c.real("threshold", 0), c.real("value", 0)));
    }
}
