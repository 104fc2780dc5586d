package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.ValuesIndices;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.ReduceOp;
import java.util.Arrays;

/**
 * The largest element or the mean of sliding windows.
 *
 * <p>Shapes: input {@code [N, C, S..]} or {@code [C, S..]}. Sums are accumulated in float32 or wider.
 */
public final class Pooling {
    /** Windows of more elements than this are summed by a reduction. */
    private static final int MANY_TAPS = 32;

    private static final ReductionOp SUM = ReductionOp.of("sumPool", ReduceOp.SUM, 0, (x, p) -> x[0]);

    private Pooling() {}

    // ---- windows

    /**
     * Checks everything that both kinds of pooling have in common and returns the windows of an input.
     *
     * @param stride empty for the kernel size
     * @param ceil whether a last window that begins within the tensor, but ends behind it, counts
     */
    public static Windows windows(
            String op,
            int dims,
            Tensor x,
            long[] kernel,
            long[] stride,
            long[] padding,
            long[] dilation,
            boolean ceil) {
        checkRank(op, dims, x);
        long[] k = Windows.spread(op, "kernel size", kernel, dims, 1);
        long[] s = stride.length == 0 ? k : Windows.spread(op, "stride", stride, dims, 1);
        long[] p = Windows.spread(op, "padding", padding, dims, 0);
        long[] d = Windows.spread(op, "dilation", dilation, dims, 1);
        for (int i = 0; i < dims; i++) {
            Checks.value(
                    p[i] <= k[i] / 2,
                    op,
                    "expected a padding of at most half of the kernel size " + Arrays.toString(k) + ", got "
                            + Arrays.toString(p));
        }
        long[] after = new long[dims];
        Windows plain = new Windows(k, s, d, p, p);
        long[] sizes = plain.sliding(x.shape());
        for (int i = 0; i < dims; i++) {
            after[i] = p[i] + (ceil ? extra(sizes[i], plain, i) : 0);
        }
        Windows w = new Windows(k, s, d, p, after);
        for (long n : w.counts(x.shape())) {
            Checks.shape(
                    n > 0,
                    op,
                    "expected windows within the padded input " + plain.padded(x.shape()) + ", got kernel size "
                            + Arrays.toString(k) + "; use a smaller one or more padding");
        }
        return w;
    }

    /** How many elements the last window needs behind the padding, if it begins within the tensor or its front padding. */
    private static long extra(long size, Windows w, int i) {
        long room = size + 2 * w.before(i) - w.extent(i); // below 0 if even the first window ends behind
        long windows = Math.floorDiv(room + w.stride(i) - 1, w.stride(i)) + 1;
        if (windows < 1) {
            return 0; // refused as without ceil
        }
        if ((windows - 1) * w.stride(i) >= size + w.before(i)) {
            windows--;
        }
        return Math.max(0, (windows - 1) * w.stride(i) - room);
    }

    private static void checkRank(String op, int dims, Tensor x) {
        Checks.floating(op, x);
        Checks.index(
                x.dim() == dims + 1 || x.dim() == dims + 2,
                op,
                "expected an input of " + (dims + 1) + " or " + (dims + 2) + " dimensions, got shape " + x.shape());
    }

    // ---- largest element

    /** The largest element of each window and its number within the sliding dimensions (int64); the first of equal ones. */
    public static ValuesIndices maxWithIndices(Windows w, Tensor x) {
        Tensor[] both = largest(w, x);
        try (Tensor numbers = both[1]) {
            return new ValuesIndices(both[0], places(w, numbers, x.shape()));
        }
    }

    /** The largest element of each window. */
    public static Tensor max(Windows w, Tensor x) {
        Tensor[] both = largest(w, x);
        both[1].close();
        return both[0];
    }

    /** Values, recorded, and taps. */
    private static Tensor[] largest(Windows w, Tensor x) {
        Tensor[] both;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            both = Taps.largest(w, x);
            scope.keep(both[0]);
            scope.keep(both[1]);
        }
        Shape from = x.shape();
        Tape.attach(
                "MaxPool" + w.dims() + "DWithIndicesBackward0",
                both[0],
                new Tensor[] {x},
                new Tensor[] {both[1]},
                (g, s, needed) -> new Tensor[] {place(w, g[0], s[0], from)});
        return both;
    }

    private static Tensor place(Windows w, Tensor g, Tensor numbers, Shape from) {
        Tensor out;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            out = scope.keep(Taps.place(w, g, numbers, from));
        }
        return Tape.attach("MaxPoolBackward0", out, new Tensor[] {g}, new Tensor[] {numbers}, (u, s, needed) ->
                new Tensor[] {pick(w, u[0], s[0])});
    }

    private static Tensor pick(Windows w, Tensor x, Tensor numbers) {
        Tensor out;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            out = scope.keep(Taps.pick(w, x, numbers));
        }
        Shape from = x.shape();
        return Tape.attach("GatherBackward0", out, new Tensor[] {x}, new Tensor[] {numbers}, (g, s, needed) ->
                new Tensor[] {place(w, g[0], s[0], from)});
    }

    /** Row-major numbers within the sliding dimensions of where taps lie; within the tensor even if all of a window is -infinity. */
    private static Tensor places(Windows w, Tensor numbers, Shape from) {
        int dims = w.dims();
        long[] sizes = w.sliding(from);
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor rest = numbers.to(DType.INT64);
            Tensor flat = null;
            long step = 1;
            for (int i = dims - 1; i >= 0; i--) {
                long[] shape = new long[dims];
                Arrays.fill(shape, 1);
                shape[i] = numbers.size(numbers.dim() - dims + i);
                Tensor first = Creation.arange(shape[i], numbers.device())
                        .mul(w.stride(i))
                        .sub(w.before(i))
                        .view(shape);
                Tensor at = rest.remainder(Scalar.of(w.kernel(i)))
                        .mul(w.dilation(i))
                        .add(first)
                        .clamp(Scalar.of(0L), Scalar.of(sizes[i] - 1))
                        .mul(step);
                flat = flat == null ? at : flat.add(at);
                rest = rest.floorDivide(Scalar.of(w.kernel(i)));
                step *= sizes[i];
            }
            return scope.keep(flat);
        }
    }

    // ---- mean

    /**
     * The mean of each window.
     *
     * @param includePad whether imagined elements count as elements
     * @param divisor what sums are divided by; 0 for the number of elements
     */
    public static Tensor mean(Windows w, Tensor x, boolean includePad, long divisor) {
        return mean(w, x, divisors(w, x, includePad, divisor));
    }

    private static Tensor mean(Windows w, Tensor x, Tensor divisors) {
        Tensor y;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor sums = w.taps() > MANY_TAPS ? reduced(w, x) : Taps.sum(w, x);
            y = scope.keep(sums.div(divisors).to(x.dtype()));
        }
        Shape from = x.shape();
        return Tape.attach(
                "AvgPool" + w.dims() + "DBackward0", y, new Tensor[] {x}, new Tensor[] {divisors}, (g, s, needed) -> {
                    return new Tensor[] {spread(w, g[0], s[0], from)};
                });
    }

    private static Tensor reduced(Windows w, Tensor x) {
        Operand padded = Access.operand(w.pad(x, 0));
        Layout all = w.all(padded.layout(), w.counts(x.shape()));
        int[] axes = new int[w.dims()];
        Arrays.setAll(axes, i -> x.dim() + i);
        DType c = x.dtype().compute();
        return SUM.run(new Operand[] {padded.with(all)}, axes, false, c, c);
    }

    private static Tensor spread(Windows w, Tensor g, Tensor divisors, Shape from) {
        Tensor out;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor shares = g.div(divisors);
            Operand o = Access.operand(shares);
            Layout l = o.layout();
            long[] sizes = Arrays.copyOf(l.shape().toArray(), l.rank() + w.dims());
            long[] strides = Arrays.copyOf(l.strides(), sizes.length); // the same share for all taps
            for (int i = 0; i < w.dims(); i++) {
                sizes[l.rank() + i] = w.kernel(i);
            }
            out = scope.keep(w.fold(o.with(Layout.of(Shape.of(sizes), strides, l.offset())), from, g.dtype()));
        }
        return Tape.attach("AvgPoolBackward0", out, new Tensor[] {g}, new Tensor[] {divisors}, (u, s, needed) ->
                new Tensor[] {mean(w, u[0], s[0])});
    }

    /** What the sums of the windows are divided by, of the computing type: one number, or one per window. */
    private static Tensor divisors(Windows w, Tensor x, boolean includePad, long divisor) {
        DType c = x.dtype().compute();
        double all = divisor != 0 ? divisor : w.taps();
        if (divisor != 0 || !w.isPadded()) {
            return Creation.full(Shape.SCALAR, all, c, x.device());
        }
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor product = Creation.full(Shape.SCALAR, 1.0, c, x.device());
            long[] counts = w.counts(x.shape());
            for (int i = 0; i < w.dims(); i++) {
                long[] shape = new long[w.dims()];
                Arrays.fill(shape, 1);
                shape[i] = counts[i];
                product = product.mul(lengths(w, x.size(x.dim() - w.dims() + i), i, counts[i], includePad, x)
                        .to(c)
                        .view(shape));
            }
            return scope.keep(product);
        }
    }

    /** How many elements of each window count along a dimension: those before {@code size + padding}, or within the tensor. */
    private static Tensor lengths(Windows w, long size, int i, long count, boolean includePad, Tensor like) {
        long padding = w.before(i);
        Tensor start = Creation.arange(count, like.device()).mul(w.stride(i)).sub(padding);
        Tensor end = start.add(w.kernel(i)).clampMax(Scalar.of(includePad ? size + padding : size));
        return end.sub(includePad ? start : start.clampMin(Scalar.of(0L)));
    }
}
