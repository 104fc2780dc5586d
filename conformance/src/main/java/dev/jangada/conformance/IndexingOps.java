package dev.jangada.conformance;

/** Area 04, indexing: gather, scatter, sort, search. */
final class IndexingOps {
    private IndexingOps() {}

    static void register(Table t) {
        t.add(
                "scatter_add",
                "input index src",
                c -> c.x().scatterAdd(c.dim("dim"), c.tensor("index"), c.tensor("src")));
    }
}
