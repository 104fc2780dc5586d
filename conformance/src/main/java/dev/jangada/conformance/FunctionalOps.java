package dev.jangada.conformance;

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
    }
}
