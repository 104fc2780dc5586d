package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.ValuesIndices;
import java.util.Arrays;

/**
 * Pooling to a given size: window {@code i} of {@code n} reaches from {@code floor(i size / n)} to {@code ceil((i + 1) size / n)}.
 *
 * <p>Where sizes divide evenly, this is ordinary pooling. Else the windows, which differ in length, are laid out side by side, short ones
 * filled up, and ordinary pooling reads that.
 */
public final class AdaptivePooling {
    private static final long[] NONE = {};

    /**
     * The windows of one dimension.
     *
     * @param index for each window as many positions as the longest has; short ones repeat their last one
     * @param counted whether a position is no repetition
     * @param lengths the number of positions that count
     */
    private record Cover(long longest, Tensor index, Tensor counted, Tensor lengths) {
        static Cover of(long size, long windows, Tensor like) {
            Tensor number = Creation.arange(windows, like.device());
            Tensor start = number.mul(size).floorDivide(Scalar.of(windows));
            Tensor end = number.add(1L).mul(size).add(windows - 1).floorDivide(Scalar.of(windows));
            long longest = 1;
            for (long i = 0; i < windows; i++) {
                longest = Math.max(longest, ((i + 1) * size + windows - 1) / windows - i * size / windows);
            }
            Tensor at = start.unsqueeze(1).add(Creation.arange(longest, like.device())); // (windows, longest)
            Tensor last = end.sub(1L).unsqueeze(1);
            return new Cover(
                    longest,
                    at.minimum(last).reshape(-1),
                    at.le(last).reshape(-1),
                    end.sub(start).to(like.dtype().compute()));
        }
    }

    private AdaptivePooling() {}

    private static long[] checked(String op, int dims, Tensor x, long[] outputSize) {
        Checks.floating(op, x);
        Checks.shape(
                x.dim() == dims + 1 || x.dim() == dims + 2,
                op,
                "expected an input of " + (dims + 1) + " or " + (dims + 2) + " dimensions, got shape " + x.shape());
        for (int i = 1; i < x.dim(); i++) {
            Checks.shape(x.size(i) > 0, op, "expected sizes > 0 but of the batch, got shape " + x.shape());
        }
        return Windows.spread(op, "output size", outputSize, dims, 1);
    }

    private static long[] sliding(Tensor x, int dims) {
        long[] all = x.shape().toArray();
        return Arrays.copyOfRange(all, all.length - dims, all.length);
    }

    /** Sizes of windows without overlap, or null if they differ. */
    private static long[] even(long[] sizes, long[] windows) {
        long[] out = new long[sizes.length];
        for (int i = 0; i < out.length; i++) {
            if (sizes[i] % windows[i] != 0) {
                return null;
            }
            out[i] = sizes[i] / windows[i];
        }
        return out;
    }

    private static long[] ones(int n, int at, long size) {
        long[] out = new long[n];
        Arrays.fill(out, 1);
        out[at] = size;
        return out;
    }

    private static Cover[] covers(long[] sizes, long[] windows, Tensor like) {
        Cover[] out = new Cover[sizes.length];
        Arrays.setAll(out, i -> Cover.of(sizes[i], windows[i], like));
        return out;
    }

    private static long[] longest(Cover[] covers) {
        return Arrays.stream(covers).mapToLong(Cover::longest).toArray();
    }

    /** The windows of all dimensions side by side. */
    private static Tensor sideBySide(Tensor x, Cover[] covers) {
        Tensor out = x;
        for (int i = 0; i < covers.length; i++) {
            out = Indexing.indexSelect(out, x.dim() - covers.length + i, covers[i].index);
        }
        return out;
    }

    /** Windows that lie beside each other. */
    private static Windows tiles(String op, int dims, Tensor x, long[] kernel) {
        return Pooling.windows(op, dims, x, kernel, NONE, new long[] {0}, new long[] {1}, false);
    }

    /** The means of windows. */
    public static Tensor mean(String op, int dims, Tensor x, long... outputSize) {
        long[] windows = checked(op, dims, x, outputSize);
        long[] sizes = sliding(x, dims);
        long[] even = even(sizes, windows);
        if (even != null) {
            return Pooling.mean(tiles(op, dims, x, even), x, true, 0);
        }
        Tensor repeated;
        Tensor area;
        long[] kernel;
        Tensor all;
        try (TensorScope scope = new TensorScope()) {
            try (Tape.Pause off = Tape.paused()) {
                Cover[] covers = covers(sizes, windows, x);
                Tensor counted = null;
                Tensor counts = null;
                for (int i = 0; i < dims; i++) {
                    Tensor c = covers[i].counted.reshape(ones(dims, i, covers[i].counted.numel()));
                    Tensor n = covers[i].lengths.reshape(ones(dims, i, windows[i]));
                    counted = counted == null ? c : counted.logicalAnd(c);
                    counts = counts == null ? n : counts.mul(n);
                }
                repeated = counted.logicalNot();
                area = counts;
                kernel = longest(covers);
                off.close();
                all = sideBySide(x, covers);
            }
            Tensor filled = all.maskedFill(repeated, Scalar.of(0L));
            Tensor sums = Pooling.mean(tiles(op, dims, filled, kernel), filled, true, 1);
            return scope.keep(sums.div(area).to(x.dtype()));
        }
    }

    /** The largest elements of windows, and their numbers within the sliding dimensions; the first of equal ones. */
    public static ValuesIndices max(String op, int dims, Tensor x, long... outputSize) {
        long[] windows = checked(op, dims, x, outputSize);
        long[] sizes = sliding(x, dims);
        long[] even = even(sizes, windows);
        if (even != null) {
            return Pooling.maxWithIndices(tiles(op, dims, x, even), x);
        }
        try (TensorScope scope = new TensorScope()) {
            Cover[] covers = covers(sizes, windows, x);
            Tensor all = sideBySide(x, covers);
            ValuesIndices found = Pooling.maxWithIndices(tiles(op, dims, all, longest(covers)), all);
            Tensor places;
            try (Tape.Pause off = Tape.paused()) {
                Tensor rest = found.indices();
                Tensor flat = Creation.full(Shape.SCALAR, Scalar.of(0L), DType.INT64, x.device());
                long step = 1;
                for (int i = dims - 1; i >= 0; i--) {
                    Scalar n = Scalar.of(covers[i].index.numel());
                    flat = flat.add(
                            Indexing.take(covers[i].index, rest.remainder(n)).mul(step));
                    rest = rest.floorDivide(n);
                    step *= sizes[i];
                }
                places = scope.keep(flat);
            }
            return new ValuesIndices(scope.keep(found.values()), places);
        }
    }
}
