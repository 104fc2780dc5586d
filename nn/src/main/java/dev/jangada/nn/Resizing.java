package dev.jangada.nn;

import dev.jangada.ArgumentException;
import dev.jangada.Tensor;
import dev.jangada.ops.Resampling;
import java.util.Arrays;

/** The two ways to say a size to {@link Functional#interpolate}. */
final class Resizing {
    private Resizing() {}

    static Tensor toSize(Tensor input, long[] size, String mode, boolean alignCorners) {
        int dims = Math.max(1, input.dim() - 2);
        long[] sizes = size;
        if (size.length == 1) {
            sizes = new long[dims];
            Arrays.fill(sizes, size[0]);
        }
        return Resampling.interpolate(input, sizes, new double[sizes.length], mode, alignCorners);
    }

    static Tensor byFactor(Tensor input, double[] factors, String mode, boolean alignCorners) {
        int dims = input.dim() - 2;
        if (dims > 0 && factors.length != 1 && factors.length != dims) {
            throw new ArgumentException(
                    "[interpolate] expected one scale factor or " + dims + ", got " + Arrays.toString(factors));
        }
        long[] sizes = new long[Math.max(0, dims)];
        double[] scales = new double[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            double factor = factors[factors.length == 1 ? 0 : i];
            sizes[i] = (long) (input.size(2 + i) * factor);
            scales[i] = 1 / factor;
        }
        return Resampling.interpolate(input, sizes, scales, mode, alignCorners);
    }
}
