package dev.jangada.conformance;

import dev.jangada.Tensor;

/** Area 04, views and copies that move elements. */
final class MovementOps {
    private MovementOps() {}

    static void register(Table t) {
        shapes(t);
        pieces(t);
        joins(t);
        rearranged(t);
        diagonals(t);
    }

    private static void shapes(Table t) {
        t.add("view", "input", c -> c.x().view(c.longs("size")));
        t.add("reshape", "input", c -> c.x().reshape(c.longs("shape")));
        t.add("flatten", "input", c -> c.x().flatten(c.dim("start_dim", 0), c.dim("end_dim", -1)));
        t.add("unflatten", "input", c -> c.x().unflatten(c.dim("dim"), c.longs("sizes")));
        t.add("transpose", "input", c -> c.x().transpose(c.dim("dim0"), c.dim("dim1")));
        t.unary("t", Tensor::t);
        t.unary("T", Tensor::T);
        t.unary("mT", Tensor::mT);
        t.add("permute", "input", c -> c.x().permute(c.dims("dims")));
        t.add("movedim", "input", MovementOps::movedim);
        t.add("squeeze", "input", c -> c.has("dim") ? c.x().squeeze(c.dim("dim")) : c.x().squeeze());
        t.add("unsqueeze", "input", c -> c.x().unsqueeze(c.dim("dim")));
        t.add("expand", "input", c -> c.x().expand(c.longs("size")));
        t.add("broadcast_to", "input", c -> c.x().broadcastTo(c.longs("size")));
        t.unary("contiguous", Tensor::contiguous);
        t.unary("clone", Tensor::clone);
        t.add(
                "as_strided",
                "input",
                c -> c.x().asStrided(c.longs("size"), c.longs("stride"), c.integer("storage_offset", 0)));
    }

    private static void pieces(Table t) {
        t.add("narrow", "input", c -> c.x().narrow(c.dim("dim"), c.integer("start"), c.integer("length")));
        t.add("select", "input", c -> c.x().select(c.dim("dim"), c.integer("index")));
        t.add(
                "slice",
                "input",
                c -> c.x().slice(
                                c.dim("dim"),
                                c.integer("start", 0),
                                c.integer("end", Long.MAX_VALUE),
                                c.integer("step", 1)));
        t.add(
                "split",
                "input",
                c -> c.json("split_size").isArray()
                        ? c.x().split(c.longs("split_size"), c.dim("dim", 0))
                        : c.x().split(c.integer("split_size"), c.dim("dim", 0)));
        t.add("chunk", "input", c -> c.x().chunk(c.dim("chunks"), c.dim("dim", 0)));
        t.add("unbind", "input", c -> c.x().unbind(c.dim("dim", 0)));
        t.add("unfold", "input", c -> c.x().unfold(c.dim("dimension"), c.integer("size"), c.integer("step")));
    }

    private static void joins(Table t) {
        t.add("cat", "*", c -> Tensor.cat(c.all(), c.dim("dim", 0)));
        t.add("stack", "*", c -> Tensor.stack(c.all(), c.dim("dim", 0)));
        t.add("hstack", "*", c -> Tensor.hstack(c.all().toArray(new Tensor[0])));
        t.add("vstack", "*", c -> Tensor.vstack(c.all().toArray(new Tensor[0])));
        t.add("meshgrid", "*", c -> {
            Tensor[] vectors = c.all().toArray(new Tensor[0]);
            return c.text("indexing", "ij").equals("xy") ? Tensor.meshgridXy(vectors) : Tensor.meshgrid(vectors);
        });
    }

    private static void rearranged(Table t) {
        t.add("flip", "input", c -> c.x().flip(c.dims("dims")));
        t.add(
                "roll",
                "input",
                c -> c.has("dims") ? c.x().roll(c.longs("shifts"), c.dims("dims")) : c.x().roll(c.integer("shifts")));
        t.add(
                "rot90",
                "input",
                c -> c.has("dims")
                        ? c.x().rot90(c.dim("k", 1), c.dims("dims")[0], c.dims("dims")[1])
                        : c.x().rot90(c.dim("k", 1), 0, 1));
        t.add("repeat", "input", c -> c.x().repeat(c.longs("sizes")));
        t.add("tile", "input", c -> c.x().tile(c.longs("dims")));
        t.add("repeat_interleave", "input repeats", MovementOps::repeatInterleave);
        t.add(
                "pad",
                "input",
                c -> c.text("mode", "constant").equals("constant")
                        ? c.x().pad(c.longs("pad"), c.real("value", 0))
                        : c.x().pad(c.longs("pad"), c.text("mode", "")));
    }

    private static void diagonals(Table t) {
        t.add("tril", "input", c -> c.x().tril(c.integer("diagonal", 0)));
        t.add("triu", "input", c -> c.x().triu(c.integer("diagonal", 0)));
        t.add("diag", "input", c -> c.x().diag(c.integer("diagonal", 0)));
        t.add("diagonal", "input", c -> c.x().diagonal(c.integer("offset", 0), c.dim("dim1", 0), c.dim("dim2", 1)));
        t.add(
                "diag_embed",
                "input",
                c -> c.x().diagEmbed(c.integer("offset", 0), c.dim("dim1", -2), c.dim("dim2", -1)));
    }

    private static Tensor movedim(Call c) {
        return c.json("source").isArray()
                ? c.x().movedim(c.dims("source"), c.dims("destination"))
                : c.x().movedim(c.dim("source"), c.dim("destination"));
    }

    private static Tensor repeatInterleave(Call c) {
        if (c.given("repeats")) {
            Tensor repeats = c.tensor("repeats");
            return c.has("dim") ? c.x().repeatInterleave(repeats, c.dim("dim")) : c.x().repeatInterleave(repeats);
        }
        long repeats = c.integer("repeats");
        return c.has("dim") ? c.x().repeatInterleave(repeats, c.dim("dim")) : c.x().repeatInterleave(repeats);
    }
}
