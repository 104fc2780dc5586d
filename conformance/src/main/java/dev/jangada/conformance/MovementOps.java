package dev.jangada.conformance;

import dev.jangada.Tensor;

/** Area 04, views and copies that move elements. */
final class MovementOps {
    private MovementOps() {}

    static void register(Table t) {
        t.add("view", "input", c -> c.x().view(c.longs("size")));
        t.add("reshape", "input", c -> c.x().reshape(c.longs("shape")));
        t.add("transpose", "input", c -> c.x().transpose(c.dim("dim0"), c.dim("dim1")));
        t.add("permute", "input", c -> c.x().permute(c.dims("dims")));
        t.add("squeeze", "input", c -> c.has("dim") ? c.x().squeeze(c.dim("dim")) : missing("squeeze()"));
        t.add("unsqueeze", "input", c -> c.x().unsqueeze(c.dim("dim")));
        t.add("expand", "input", c -> c.x().expand(c.longs("size")));
        t.unary("contiguous", Tensor::contiguous);
        t.unary("clone", Tensor::clone);
        t.add("narrow", "input", c -> c.x().narrow(c.dim("dim"), c.integer("start"), c.integer("length")));
        t.add("select", "input", c -> c.x().select(c.dim("dim"), c.integer("index")));
    }

    private static Tensor missing(String what) {
        throw new MissingOpException(what);
    }
}
