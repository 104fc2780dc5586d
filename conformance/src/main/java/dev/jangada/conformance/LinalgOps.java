package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.Tensor;

/** Area 05: the family of the matrix product. */
final class LinalgOps {
    private LinalgOps() {}

    static void register(Table t) {
        t.add("matmul", "input other", c -> c.x().matmul(c.tensor("other")));
        t.add("mm", "input mat2", c -> c.x().mm(c.tensor("mat2")));
        t.add("bmm", "input mat2", c -> c.x().bmm(c.tensor("mat2")));
        t.add("mv", "input vec", c -> c.x().mv(c.tensor("vec")));
        t.add("dot", "input other", c -> c.x().dot(c.tensor("other")));
        t.add("outer", "input vec2", c -> c.x().outer(c.tensor("vec2")));
        t.add(
                "addmm",
                "input mat1 mat2",
                c -> c.x().addmm(c.tensor("mat1"), c.tensor("mat2"), c.scalar("beta", 1), c.scalar("alpha", 1)));
        t.add(
                "addmv",
                "input mat vec",
                c -> c.x().addmv(c.tensor("mat"), c.tensor("vec"), c.scalar("beta", 1), c.scalar("alpha", 1)));
        t.add(
                "addr",
                "input vec1 vec2",
                c -> c.x().addr(c.tensor("vec1"), c.tensor("vec2"), c.scalar("beta", 1), c.scalar("alpha", 1)));
        t.add(
                "baddbmm",
                "input batch1 batch2",
                c -> c.x().baddbmm(c.tensor("batch1"), c.tensor("batch2"), c.scalar("beta", 1), c.scalar("alpha", 1)));
        t.add("einsum", "*", c -> Tensor.einsum(c.text("equation", ""), c.all().toArray(new Tensor[0])));
        t.add("tensordot", "a b", LinalgOps::tensordot);
        t.unary("trace", Tensor::trace);
    }

    private static Tensor tensordot(Call c) {
        JsonNode dims = c.json("dims");
        if (!dims.isArray()) {
            return c.tensor("a").tensordot(c.tensor("b"), c.dim("dims"));
        }
        return c.tensor("a").tensordot(c.tensor("b"), ints(dims.get(0)), ints(dims.get(1)));
    }

    private static int[] ints(JsonNode list) {
        long[] wide = Call.longs(list);
        int[] out = new int[wide.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Math.toIntExact(wide[i]);
        }
        return out;
    }
}
