package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.PrintOptions;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Area 01: creation, conversion, printing. */
final class CreationOps {
    private CreationOps() {}

    static void register(Table t) {
        t.add("zeros", "", c -> Tensor.zeros(c.dtype(DType.FLOAT32), device(c), c.longs("size")));
        t.add("ones", "", c -> Tensor.ones(c.dtype(DType.FLOAT32), device(c), c.longs("size")));
        t.add("full", "", CreationOps::full);
        t.add("eye", "", c -> Tensor.eye(c.integer("n"), c.integer("m", c.integer("n")), c.dtype(DType.FLOAT32)));
        t.add("arange", "", CreationOps::arange);
        t.add("linspace", "", CreationOps::linspace);
        t.add("tensor", "", CreationOps::tensor);
        t.add("zeros_like", "input", c -> Tensor.zerosLike(c.x(), c.dtype(c.x().dtype())));
        t.add("ones_like", "input", c -> Tensor.onesLike(c.x(), c.dtype(c.x().dtype())));
        t.add("full_like", "input", c -> Tensor.fullLike(c.x(), c.scalar("fill_value"), c.dtype(c.x().dtype())));
        t.add("to", "input", c -> c.x().to(c.dtype(c.x().dtype())));
        t.add(
                "result_type",
                "input other",
                c -> (c.given("other")
                                ? Tensor.resultType(c.x(), c.tensor("other"))
                                : Tensor.resultType(c.x(), c.scalar("other")))
                        .torchName());
        values(t);
    }

    private static void values(Table t) {
        t.add("repr", "input", c -> c.x().toString());
        t.add("repr_opts", "input", c -> c.x().toString(printOptions(c)));
        t.add("stride", "input", c -> Arrays.stream(c.x().stride()).boxed().toList());
        t.add("is_contiguous", "input", c -> c.x().isContiguous());
        t.add("numel", "input", c -> c.x().numel());
        t.add("item", "input", CreationOps::item);
        t.add("tolist", "input", c -> HostTensor.of(c.x()).toNested());
    }

    private static Device device(Call c) {
        String name = c.text("device", "");
        return name.isEmpty() ? Device.best() : Device.of(name);
    }

    private static Tensor full(Call c) {
        Scalar value = c.scalar("fill_value");
        return c.has("dtype")
                ? Tensor.full(c.longs("size"), value, c.dtype(DType.FLOAT32), Device.best())
                : Tensor.full(c.longs("size"), value);
    }

    /** Integers throughout take the overload of longs, else that of doubles. */
    private static Tensor arange(Call c) {
        boolean integers = true;
        for (String name : List.of("start", "end", "step")) {
            integers &= !c.has(name) || c.json(name).isIntegralNumber();
        }
        if (integers) {
            long start = c.integer("start", 0);
            long step = c.integer("step", 1);
            return c.has("dtype")
                    ? Tensor.arange(start, c.integer("end"), step, c.dtype(DType.INT64))
                    : Tensor.arange(start, c.integer("end"), step);
        }
        double start = c.real("start", 0);
        double step = c.real("step", 1);
        return c.has("dtype")
                ? Tensor.arange(start, c.real("end", 0), step, c.dtype(DType.FLOAT32))
                : Tensor.arange(start, c.real("end", 0), step);
    }

    private static Tensor linspace(Call c) {
        double start = c.real("start", 0);
        double end = c.real("end", 0);
        return c.has("dtype")
                ? Tensor.linspace(start, end, c.integer("steps"), c.dtype(DType.FLOAT32))
                : Tensor.linspace(start, end, c.integer("steps"));
    }

    private static Tensor tensor(Call c) {
        Object data = nested(c.json("data"));
        return c.has("dtype") ? Tensor.ofNested(data, c.dtype(DType.FLOAT32)) : Tensor.ofNested(data);
    }

    private static Object nested(JsonNode v) {
        if (v.isArray()) {
            List<Object> out = new ArrayList<>();
            v.forEach(e -> out.add(nested(e)));
            return out;
        }
        if (v.isBoolean()) {
            return v.booleanValue();
        }
        return v.isIntegralNumber() ? (Object) v.longValue() : (Object) Call.number(v);
    }

    private static Object item(Call c) {
        DType type = c.x().dtype();
        if (type == DType.BOOL) {
            return c.x().itemBoolean();
        }
        return type.isFloatingPoint() ? (Object) c.x().item() : (Object) c.x().itemLong();
    }

    private static PrintOptions printOptions(Call c) {
        PrintOptions out = PrintOptions.DEFAULT;
        out = c.has("precision") ? out.withPrecision(c.dim("precision")) : out;
        out = c.has("threshold") ? out.withThreshold(c.integer("threshold")) : out;
        out = c.has("edgeitems") ? out.withEdgeItems(c.dim("edgeitems")) : out;
        out = c.has("linewidth") ? out.withLineWidth(c.dim("linewidth")) : out;
        if (!c.has("sci_mode")) {
            return out;
        }
        return out.withNotation(
                c.flag("sci_mode", false) ? PrintOptions.Notation.SCIENTIFIC : PrintOptions.Notation.FIXED);
    }
}
