package dev.jangada.nn;

import dev.jangada.Tensor;
import dev.jangada.ValuesIndices;
import dev.jangada.ops.Pooling;
import dev.jangada.ops.Windows;
import java.util.List;

/** The pooling of {@link Functional}, for any number of sliding dimensions. */
final class Pools {
    private Pools() {}

    static Tensor max(String op, int dims, Tensor x, long[] kernel, PoolOptions o) {
        return Pooling.max(windows(op, dims, x, kernel, o, o.dilation()), x);
    }

    static ValuesIndices maxWithIndices(String op, int dims, Tensor x, long[] kernel, PoolOptions o) {
        return Pooling.maxWithIndices(windows(op, dims, x, kernel, o, o.dilation()), x);
    }

    /** The dilation is the maximum's alone. */
    static Tensor mean(String op, int dims, Tensor x, long[] kernel, PoolOptions o) {
        Windows w = windows(op, dims, x, kernel, o, List.of(1L));
        return Pooling.mean(w, x, o.countIncludePad(), o.divisorOverride().orElse(0));
    }

    private static Windows windows(String op, int dims, Tensor x, long[] kernel, PoolOptions o, List<Long> dilation) {
        return Pooling.windows(
                op,
                dims,
                x,
                kernel,
                ConvOptions.array(o.stride()),
                ConvOptions.array(o.padding()),
                ConvOptions.array(dilation),
                o.ceilMode());
    }
}
