package dev.jangada.nn;

import dev.jangada.Tensor;
import dev.jangada.ValuesIndices;
import dev.jangada.ops.Pooling;

/** The pooling of {@link Functional}, for any number of sliding dimensions. */
final class Pools {
    private Pools() {}

    static Tensor max(String op, int dims, Tensor x, long[] kernel, PoolOptions o) {
        return Pooling.max(
                op,
                dims,
                x,
                kernel,
                ConvOptions.array(o.stride()),
                ConvOptions.array(o.padding()),
                ConvOptions.array(o.dilation()),
                o.ceilMode());
    }

    static ValuesIndices maxWithIndices(String op, int dims, Tensor x, long[] kernel, PoolOptions o) {
        return Pooling.maxWithIndices(
                op,
                dims,
                x,
                kernel,
                ConvOptions.array(o.stride()),
                ConvOptions.array(o.padding()),
                ConvOptions.array(o.dilation()),
                o.ceilMode());
    }

    static Tensor mean(String op, int dims, Tensor x, long[] kernel, PoolOptions o) {
        return Pooling.mean(
                op,
                dims,
                x,
                kernel,
                ConvOptions.array(o.stride()),
                ConvOptions.array(o.padding()),
                o.ceilMode(),
                o.countIncludePad(),
                o.divisorOverride().orElse(0));
    }
}
