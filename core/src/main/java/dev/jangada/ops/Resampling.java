package dev.jangada.ops;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import java.util.Arrays;
import java.util.List;

/**
 * Other sizes of the last dimensions of {@code [N, C, S..]}: the nearest element, or a weighted mean of the two neighbours in each dimension.
 *
 * <p>Positions are computed as PyTorch does: element i of the result lies at {@code (i + 1/2) scale - 1/2} of the input, or, with aligned
 * corners, at {@code i (size - 1) / (resultSize - 1)}.
 */
public final class Resampling {
    private static final String OP = "interpolate";

    /**
     * Where the elements of one dimension of the result come from.
     *
     * @param low number of the element before the position
     * @param high number of the one behind it, or null for the nearest only
     * @param share share of the second one, or null
     */
    private record Axis(int dim, long size, Tensor low, Tensor high, Tensor share) {}

    private Resampling() {}

    /**
     * Returns the input with other sizes.
     *
     * @param sizes sizes of the result
     * @param scales input size by result size for each dimension; 0 to compute it from the sizes
     * @param mode {@code nearest}, {@code linear} (one dimension), {@code bilinear} (two) or {@code area}
     */
    public static Tensor interpolate(Tensor x, long[] sizes, double[] scales, String mode, boolean alignCorners) {
        Checks.floating(OP, x);
        int dims = x.dim() - 2;
        Checks.shape(dims == 1 || dims == 2, OP, "expected an input [N, C, L] or [N, C, H, W], got shape " + x.shape());
        Checks.value(
                sizes.length == dims,
                OP,
                "expected " + dims + " sizes or scale factors, got " + Arrays.toString(sizes));
        for (int i = 0; i < dims; i++) {
            Checks.value(
                    sizes[i] > 0 && sizes[i] <= Integer.MAX_VALUE && x.size(2 + i) > 0,
                    OP,
                    "expected sizes > 0 and below 2^31, got shape " + x.shape() + " and " + Arrays.toString(sizes));
        }
        boolean linear = mode.equals(dims == 1 ? "linear" : "bilinear");
        if (!linear && !List.of("nearest", "area").contains(mode)) {
            throw new ArgumentException("[" + OP + "] expected the mode nearest, area or "
                    + (dims == 1 ? "linear" : "bilinear") + " for shape " + x.shape() + ", got '" + mode + "'");
        }
        Checks.value(linear || !alignCorners, OP, "expected aligned corners with a linear mode only, got " + mode);
        if (mode.equals("area")) {
            return AdaptivePooling.mean(OP, dims, x, sizes);
        }
        Axis[] axes = new Axis[dims];
        for (int i = 0; i < dims; i++) {
            long n = x.size(2 + i);
            double scale = scales[i] > 0 ? scales[i] : (double) n / sizes[i];
            axes[i] = linear ? linear(x, 2 + i, sizes[i], scale, alignCorners) : nearest(x, 2 + i, sizes[i], scale);
        }
        String name = linear ? dims == 1 ? "Linear" : "Bilinear" : "Nearest";
        return forward(x, axes, "Upsample" + name + dims + "DBackward0");
    }

    private static Axis nearest(Tensor x, int dim, long size, double scale) {
        long n = x.size(dim);
        long[] low = new long[Math.toIntExact(size)];
        for (int i = 0; i < low.length; i++) {
            low[i] = Math.min((long) (i * (float) scale), n - 1); // in float32 as PyTorch: a border decides
        }
        return new Axis(dim, n, onDevice(Tensor.of(low), x), null, null);
    }

    private static Axis linear(Tensor x, int dim, long size, double scale, boolean alignCorners) {
        long n = x.size(dim);
        long[] low = new long[Math.toIntExact(size)];
        long[] high = new long[low.length];
        double[] share = new double[low.length];
        for (int i = 0; i < low.length; i++) {
            double at = alignCorners
                    ? size == 1 ? 0 : (double) i * (n - 1) / (size - 1)
                    : Math.max(0, (i + 0.5) * scale - 0.5);
            low[i] = Math.min((long) at, n - 1);
            high[i] = Math.min(low[i] + 1, n - 1);
            share[i] = Math.min(at - low[i], 1);
        }
        long[] shape = new long[x.dim()];
        Arrays.fill(shape, 1);
        shape[dim] = size;
        DType c = x.dtype().compute();
        return new Axis(
                dim,
                n,
                onDevice(Tensor.of(low), x),
                onDevice(Tensor.of(high), x),
                onDevice(Tensor.of(share).to(c).reshape(shape), x));
    }

    private static Tensor onDevice(Tensor t, Tensor like) {
        return t.to(like.device());
    }

    private static Tensor forward(Tensor x, Axis[] axes, String node) {
        Tensor y;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor out = x;
            for (Axis a : axes) {
                Tensor low = Indexing.indexSelect(out, a.dim, a.low);
                out = a.high == null
                        ? low
                        : low.mul(a.share.neg().add(1))
                                .add(Indexing.indexSelect(out, a.dim, a.high).mul(a.share));
            }
            y = scope.keep(out.to(x.dtype()));
        }
        return Tape.attach(node, y, x, g -> backward(g, axes, node));
    }

    /** The transpose of {@link #forward}: every share goes back to where it came from. */
    private static Tensor backward(Tensor g, Axis[] axes, String node) {
        Tensor x;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor out = g.to(g.dtype().compute());
            for (int i = axes.length - 1; i >= 0; i--) {
                Axis a = axes[i];
                Shape shape = out.shape().with(a.dim, a.size);
                Tensor sum = Creation.full(shape, 0.0, out.dtype(), g.device());
                Scalar one = Scalar.of(1L);
                if (a.high == null) {
                    out = Indexing.indexAdd(sum, a.dim, a.low, out, one, false);
                } else {
                    sum = Indexing.indexAdd(
                            sum, a.dim, a.low, out.mul(a.share.neg().add(1)), one, false);
                    out = Indexing.indexAdd(sum, a.dim, a.high, out.mul(a.share), one, false);
                }
            }
            x = scope.keep(out.to(g.dtype()));
        }
        return Tape.attach(node, x, g, u -> forward(u, axes, node));
    }
}
