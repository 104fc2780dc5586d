package dev.jangada.conformance;

import dev.jangada.Tensor;
import dev.jangada.ValuesIndices;
import dev.jangada.nn.ConvOptions;
import dev.jangada.nn.Functional;
import dev.jangada.nn.PoolOptions;

/** Area 06: convolution and pooling. */
final class ConvolutionOps {
    private ConvolutionOps() {}

    /** A convolution of {@link Functional} with a bias. */
    private interface WithBias {
        Tensor apply(Tensor input, Tensor weight, Tensor bias, ConvOptions options);
    }

    /** A convolution of {@link Functional} without a bias. */
    private interface WithoutBias {
        Tensor apply(Tensor input, Tensor weight, ConvOptions options);
    }

    static void register(Table t) {
        convolution(t, "conv1d", Functional::conv1d, Functional::conv1d);
        convolution(t, "conv2d", Functional::conv2d, Functional::conv2d);
        convolution(t, "conv_transpose1d", Functional::convTranspose1d, Functional::convTranspose1d);
        convolution(t, "conv_transpose2d", Functional::convTranspose2d, Functional::convTranspose2d);
        pooling(t);
    }

    private static void pooling(Table t) {
        t.add(
                "max_pool1d",
                "input",
                c -> c.flag("return_indices", false)
                        ? both(Functional.maxPool1dWithIndices(c.x(), pool(c), c.longs("kernel_size")))
                        : Functional.maxPool1d(c.x(), pool(c), c.longs("kernel_size")));
        t.add(
                "max_pool2d",
                "input",
                c -> c.flag("return_indices", false)
                        ? both(Functional.maxPool2dWithIndices(c.x(), pool(c), c.longs("kernel_size")))
                        : Functional.maxPool2d(c.x(), pool(c), c.longs("kernel_size")));
        t.add("avg_pool1d", "input", c -> Functional.avgPool1d(c.x(), pool(c), c.longs("kernel_size")));
        t.add("avg_pool2d", "input", c -> Functional.avgPool2d(c.x(), pool(c), c.longs("kernel_size")));
        t.add("adaptive_avg_pool2d", "input", c -> Functional.adaptiveAvgPool2d(c.x(), c.longs("output_size")));
    }

    private static Tensor[] both(ValuesIndices result) {
        return new Tensor[] {result.values(), result.indices()};
    }

    private static PoolOptions pool(Call c) {
        PoolOptions o = PoolOptions.DEFAULT
                .withCeilMode(c.flag("ceil_mode", false))
                .withCountIncludePad(c.flag("count_include_pad", true));
        o = c.has("stride") ? o.withStride(c.longs("stride")) : o;
        o = c.has("padding") ? o.withPadding(c.longs("padding")) : o;
        o = c.has("dilation") ? o.withDilation(c.longs("dilation")) : o;
        return c.has("divisor_override") ? o.withDivisorOverride(c.integer("divisor_override")) : o;
    }

    private static void convolution(Table t, String name, WithBias with, WithoutBias without) {
        t.add(
                name,
                "input weight bias",
                c -> c.given("bias")
                        ? with.apply(c.x(), c.tensor("weight"), c.tensor("bias"), options(c))
                        : without.apply(c.x(), c.tensor("weight"), options(c)));
    }

    private static ConvOptions options(Call c) {
        ConvOptions o = ConvOptions.DEFAULT.withGroups(c.integer("groups", 1));
        o = c.has("stride") ? o.withStride(c.longs("stride")) : o;
        o = c.has("dilation") ? o.withDilation(c.longs("dilation")) : o;
        o = c.has("output_padding") ? o.withOutputPadding(c.longs("output_padding")) : o;
        if (c.json("padding").isTextual()) {
            return o.withPadding(c.text("padding", "valid"));
        }
        return c.has("padding") ? o.withPadding(c.longs("padding")) : o;
    }
}
