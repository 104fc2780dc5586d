package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.Index;
import dev.jangada.Tensor;
import dev.jangada.UniqueResult;
import java.util.ArrayList;
import java.util.List;

/** Area 04, indexing: brackets, gather, scatter, search; of area 06 embedding and one-hot. */
final class IndexingOps {
    private IndexingOps() {}

    static void register(Table t) {
        t.add("index", "input", c -> c.x().index(indices(c)));
        t.add(
                "setitem",
                "input value",
                c -> c.given("value")
                        ? c.x().set(c.tensor("value"), indices(c))
                        : c.x().set(c.scalar("value"), indices(c)));
        t.add(
                "index_put",
                "input values",
                c -> c.x().indexPut(indices(c), c.tensor("values"), c.flag("accumulate", false)));
        gathering(t);
        scattering(t);
        masks(t);
    }

    private static void gathering(Table t) {
        t.add("index_select", "input index", c -> c.x().indexSelect(c.dim("dim"), c.tensor("index")));
        t.add("gather", "input index", c -> c.x().gather(c.dim("dim"), c.tensor("index")));
        t.add("embedding", "input weight", IndexingOps::embedding);
        t.add("one_hot", "input", c -> c.x().oneHot(c.integer("num_classes", -1)));
        t.add("take", "input index", c -> c.x().take(c.tensor("index")));
        t.add("take_along_dim", "input indices", c -> c.x().takeAlongDim(c.tensor("indices"), c.dim("dim")));
    }

    private static void scattering(Table t) {
        t.add(
                "scatter",
                "input index src",
                c -> c.given("src")
                        ? c.x().scatter(c.dim("dim"), c.tensor("index"), c.tensor("src"))
                        : c.x().scatter(c.dim("dim"), c.tensor("index"), c.scalar("value")));
        t.add(
                "scatter_add",
                "input index src",
                c -> c.x().scatterAdd(c.dim("dim"), c.tensor("index"), c.tensor("src")));
        t.add(
                "scatter_reduce",
                "input index src",
                c -> c.x().scatterReduce(
                                c.dim("dim"),
                                c.tensor("index"),
                                c.tensor("src"),
                                c.text("reduce", ""),
                                c.flag("include_self", true)));
        t.add(
                "index_add",
                "input index source",
                c -> c.has("alpha")
                        ? c.x().indexAdd(c.dim("dim"), c.tensor("index"), c.tensor("source"), c.scalar("alpha"))
                        : c.x().indexAdd(c.dim("dim"), c.tensor("index"), c.tensor("source")));
        t.add(
                "index_copy",
                "input index source",
                c -> c.x().indexCopy(c.dim("dim"), c.tensor("index"), c.tensor("source")));
        t.add("index_fill", "input index", c -> c.x().indexFill(c.dim("dim"), c.tensor("index"), c.real("value", 0)));
    }

    private static void masks(Table t) {
        t.add("masked_select", "input mask", c -> c.x().maskedSelect(c.tensor("mask")));
        t.add("masked_scatter", "input mask source", c -> c.x().maskedScatter(c.tensor("mask"), c.tensor("source")));
        t.add("nonzero", "input", c -> c.x().nonzero());
        t.add("unique", "input", IndexingOps::unique);
        t.add(
                "bincount",
                "input weights",
                c -> c.given("weights")
                        ? c.x().bincount(c.tensor("weights"), c.integer("minlength", 0))
                        : c.x().bincount(c.integer("minlength", 0)));
    }

    private static Tensor embedding(Call c) {
        Tensor weight = c.tensor("weight");
        return c.has("padding_idx") ? weight.embedding(c.x(), c.integer("padding_idx")) : weight.embedding(c.x());
    }

    private static Object unique(Call c) {
        UniqueResult found = c.x().unique();
        List<Tensor> out = new ArrayList<>(List.of(found.values()));
        if (c.flag("return_inverse", false)) {
            out.add(found.inverse());
        }
        if (c.flag("return_counts", false)) {
            out.add(found.counts());
        }
        return out;
    }

    private static Index[] indices(Call c) {
        JsonNode list = c.json("index");
        Index[] out = new Index[list.size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = index(list.get(i), c);
        }
        return out;
    }

    private static Index index(JsonNode entry, Call c) {
        if (entry.has("slice")) {
            JsonNode s = entry.get("slice");
            return Index.slice(bound(s.get(0), 0), bound(s.get(1), Long.MAX_VALUE), bound(s.get(2), 1));
        }
        if (entry.has("int")) {
            return Index.at(entry.get("int").longValue());
        }
        if (entry.has("tensor")) {
            return Index.of(c.variable(entry.get("tensor").asText()));
        }
        return entry.has("ellipsis") ? Index.ellipsis() : Index.newAxis();
    }

    private static long bound(JsonNode v, long otherwise) {
        return v.isNull() ? otherwise : v.longValue();
    }
}
