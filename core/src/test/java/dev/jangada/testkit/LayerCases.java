package dev.jangada.testkit;

import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.ops.AdaptivePooling;
import dev.jangada.ops.BatchNormalization;
import dev.jangada.ops.Convolution;
import dev.jangada.ops.Normalization;
import dev.jangada.ops.Pooling;
import dev.jangada.ops.Resampling;

/** The rows of {@link OpCases} for layers: convolution, pooling, normalization, resizing, special functions. */
final class LayerCases {
    private static final long[] ONE = {1};
    private static final long[] NONE = {};

    private LayerCases() {}

    static void addTo(OpCases t) {
        convolutions(t);
        pooling(t);
        normalization(t);
        t.add("erfinv", -0.95, 0.95, x -> x[0].erfinv(), new long[] {9});
        t.add("lgamma", 0.2, 4, x -> x[0].lgamma(), new long[] {9});
        t.add("lgammaNegative", -1.9, -1.1, x -> x[0].lgamma(), new long[] {4});
        t.add("digamma", 0.2, 4, x -> x[0].digamma(), new long[] {9});
        t.add("digammaNegative", -1.8, -1.2, x -> x[0].digamma(), new long[] {4});
        t.add("cdist", -2, 2, x -> x[0].cdist(x[1]), new long[] {3, 2}, new long[] {4, 2});
        t.add("cdist1", -2, 2, x -> x[0].cdist(x[1], 1), new long[] {2, 3, 2}, new long[] {2, 2});
        for (String mode : new String[] {"nearest", "bilinear"}) {
            double[] computed = {0, 0};
            t.add(
                    "interpolate " + mode,
                    -2,
                    2,
                    x -> Resampling.interpolate(x[0], new long[] {5, 2}, computed, mode, false),
                    new long[] {2, 2, 3, 4});
        }
        double[] scale = {0.5};
        t.add(
                "interpolate linear",
                -2,
                2,
                x -> Resampling.interpolate(x[0], new long[] {6}, scale, "linear", true),
                new long[] {1, 2, 3});
        t.add(
                "interpolate area",
                -2,
                2,
                x -> Resampling.interpolate(x[0], new long[] {3}, scale, "area", false),
                new long[] {1, 2, 4});
    }

    private static void normalization(OpCases t) {
        long[] three = {3};
        for (long[] shape : new long[][] {{4, 3}, {2, 3, 4}, {2, 3, 2, 2}}) {
            t.add("batchNorm", -2, 2, x -> batchNorm(x[0], x[1], x[2], true), shape, three, three);
            t.add("batchNorm", -2, 2, x -> batchNorm(x[0], null, x[1], true), shape, three);
            t.add("batchNormEval", -2, 2, x -> batchNorm(x[0], x[1], x[2], false), shape, three, three);
            t.add("groupNorm", -2, 2, x -> Normalization.groupNorm(x[0], 1, x[1], x[2], 1e-5), shape, three, three);
        }
        t.add(
                "groupNorm",
                -2,
                2,
                x -> Normalization.groupNorm(x[0], 2, x[1], x[2], 1e-5),
                new long[] {2, 4, 3},
                new long[] {4},
                new long[] {4});
        t.add(
                "instanceNorm",
                -2,
                2,
                x -> Normalization.instanceNorm(x[0], x[1], x[2], 1e-5),
                new long[] {2, 3, 4},
                three,
                three);
    }

    private static Tensor batchNorm(Tensor x, Tensor weight, Tensor bias, boolean training) {
        Tensor mean = Tensor.of(new double[] {0.1, -0.2, 0.3}).to(x.device());
        Tensor var = Tensor.of(new double[] {0.5, 1, 2}).to(x.device());
        return BatchNormalization.batchNorm(x, mean, var, weight, bias, training, Scalar.of(0.1), 1e-5);
    }

    private record Slide(long[] stride, long[] before, long[] after, long[] dilation, long groups) {
        Tensor convolution(Tensor... x) {
            return Convolution.convolution(
                    "conv", x[0], x[1], x.length > 2 ? x[2] : null, stride, before, after, dilation, groups);
        }

        Tensor transposed(Tensor... x) {
            return Convolution.transposed(
                    "convTranspose",
                    x[0],
                    x[1],
                    x.length > 2 ? x[2] : null,
                    stride,
                    before,
                    new long[] {stride[0] - 1},
                    dilation,
                    groups);
        }
    }

    private static void convolutions(OpCases t) {
        long[] zero = {0};
        Slide plain = new Slide(ONE, zero, zero, ONE, 1);
        Slide strided = new Slide(new long[] {2}, ONE, new long[] {0}, ONE, 1);
        Slide dilated = new Slide(ONE, new long[] {2}, new long[] {1}, new long[] {2}, 1);
        Slide grouped = new Slide(new long[] {3}, ONE, ONE, ONE, 2);
        for (Slide s : new Slide[] {plain, strided, dilated, grouped}) {
            long inputs = s.groups == 1 ? 2 : 4;
            t.add("conv1d", -2, 2, s::convolution, new long[] {2, inputs, 7}, new long[] {4, 2, 3}, new long[] {4});
            t.add("conv1d", -2, 2, s::convolution, new long[] {inputs, 7}, new long[] {4, 2, 3});
            t.add("conv2d", -2, 2, s::convolution, new long[] {2, inputs, 5, 6}, new long[] {2, 2, 3, 2}, new long[] {2
            });
            t.add("conv2d", -2, 2, s::convolution, new long[] {0, inputs, 5, 6}, new long[] {2, 2, 3, 2});
            t.add("convTranspose1d", -2, 2, s::transposed, new long[] {2, 4, 3}, new long[] {4, 2, 3}, new long[] {
                2 * s.groups
            });
            t.add("convTranspose2d", -2, 2, s::transposed, new long[] {1, 2, 3, 4}, new long[] {2, 1, 3, 2});
        }
    }

    private static void pooling(OpCases t) {
        long[] two = {2};
        long[] three = {3};
        long[] zero = {0};
        for (boolean ceil : new boolean[] {false, true}) {
            t.add(
                    "maxPool1d",
                    -2,
                    2,
                    x -> Pooling.max(Pooling.windows("maxPool1d", 1, x[0], three, two, ONE, ONE, ceil), x[0]),
                    new long[] {2, 2, 8});
            t.add(
                    "maxPool2d",
                    -2,
                    2,
                    x -> Pooling.max(Pooling.windows("maxPool2d", 2, x[0], two, NONE, zero, ONE, ceil), x[0]),
                    new long[] {2, 1, 4, 5});
            t.add(
                    "maxPool2d",
                    -2,
                    2,
                    x -> Pooling.max(Pooling.windows("maxPool2d", 2, x[0], three, ONE, ONE, two, ceil), x[0]),
                    new long[] {2, 6, 7});
            t.add(
                    "avgPool1d",
                    -2,
                    2,
                    x -> Pooling.mean(
                            Pooling.windows("avgPool1d", 1, x[0], three, two, ONE, ONE, ceil), x[0], false, 0),
                    new long[] {2, 2, 8});
            t.add(
                    "avgPool2d",
                    -2,
                    2,
                    x -> Pooling.mean(Pooling.windows("avgPool2d", 2, x[0], three, two, ONE, ONE, ceil), x[0], true, 0),
                    new long[] {2, 1, 4, 6});
            t.add(
                    "avgPool2d",
                    -2,
                    2,
                    x -> Pooling.mean(
                            Pooling.windows("avgPool2d", 2, x[0], new long[] {6, 7}, ONE, zero, ONE, ceil),
                            x[0],
                            true,
                            5),
                    new long[] {0, 2, 7, 7});
        }
        t.add(
                "avgPool2dGlobal",
                -2,
                2,
                x -> Pooling.mean(
                        Pooling.windows("avgPool2d", 2, x[0], new long[] {6, 7}, ONE, zero, ONE, false), x[0], true, 0),
                new long[] {2, 2, 7, 7});
        t.add("adaptiveAvgPool2d", -2, 2, x -> AdaptivePooling.mean("adaptiveAvgPool2d", 2, x[0], 3, 2), new long[] {
            2, 2, 5, 4
        });
        t.add("adaptiveAvgPool1d", -2, 2, x -> AdaptivePooling.mean("adaptiveAvgPool1d", 1, x[0], 2), new long[] {2, 6
        });
        t.add(
                "adaptiveMaxPool2d",
                -2,
                2,
                x -> AdaptivePooling.max("adaptiveMaxPool2d", 2, x[0], 3, 4).values(),
                new long[] {2, 2, 5, 2});
        t.add(
                "adaptiveMaxPool1d",
                -2,
                2,
                x -> AdaptivePooling.max("adaptiveMaxPool1d", 1, x[0], 2).values(),
                new long[] {2, 6});
    }
}
