package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Convolution over one or two dimensions: all windows of the input are copied into the columns of a matrix, and one product with the weights
 * gives the result; backwards, products with the same matrices, and the sum of overlapping windows in a fixed order.
 *
 * <p>Shapes: input {@code [N, C, S..]}, weight {@code [O, C / groups, K..]}, result {@code [N, O, T..]}. The form
 * {@code sum(grad * conv(x, weight))} is linear in each of its three tensors, so three functions are closed under differentiation: the
 * convolution, its gradient by the input (the transposed convolution), and its gradient by the weight.
 */
public final class Convolution {
    private static final int TYPES = DType.values().length;
    /** About how many elements the columns have that are made at once: 2 MB of float32, which stay in the cache. */
    private static final long PIECE = 1L << 19;

    /** {@code product + bias} as the product is stored. */
    private static final MapKernel[] PLUS = new MapKernel[TYPES];

    static {
        for (DType t : DType.values()) {
            DType c = t.compute();
            Expr sum = Expr.input(0, t).cast(c).add(Expr.input(1, t).cast(c));
            PLUS[t.ordinal()] = new MapKernel("convolution", Program.of(List.of(t, t), List.of(), sum.cast(t)));
        }
    }

    private Convolution() {}

    /**
     * How windows slide.
     *
     * @param groups number of independent parts of the channels
     * @param spatial sizes of the sliding dimensions of the input
     */
    private record Plan(Windows windows, long groups, long[] spatial) {
        /** The shape of the input for that of a result or gradient. */
        Shape input(Shape result, Shape weight) {
            long[] sizes = new long[2 + spatial.length];
            sizes[0] = result.size(0);
            sizes[1] = weight.size(1) * groups;
            System.arraycopy(spatial, 0, sizes, 2, spatial.length);
            return Shape.of(sizes);
        }
    }

    // ---- what users call

    /**
     * The convolution of an input {@code [N, C, S..]} or {@code [C, S..]}.
     *
     * @param bias one number per output channel, or null
     * @param before imagined zeros before each sliding dimension
     * @param after imagined zeros behind it
     */
    public static Tensor convolution(
            String op,
            Tensor x,
            Tensor weight,
            Tensor bias,
            long[] stride,
            long[] before,
            long[] after,
            long[] dilation,
            long groups) {
        int dims = weight.dim() - 2;
        checkKinds(op, x, weight, bias, groups);
        long[] s = Windows.spread(op, "stride", stride, dims, 1);
        long[] d = Windows.spread(op, "dilation", dilation, dims, 1);
        long[] front = Windows.spread(op, "padding", before, dims, 0);
        long[] back = Windows.spread(op, "padding", after, dims, 0);
        boolean batched = x.dim() == dims + 2;
        long channels = x.size(batched ? 1 : 0);
        Checks.value(
                weight.size(0) % groups == 0,
                op,
                "expected a number of output channels that " + groups + " groups divide, got weight " + weight.shape());
        Checks.shape(
                channels == weight.size(1) * groups,
                op,
                "expected an input of " + weight.size(1) * groups + " channels for weight " + weight.shape() + " and "
                        + groups + " groups, got input " + x.shape()
                        + "; the channels stand before the sliding dimensions");
        checkBias(op, bias, weight.size(0));
        Windows windows = new Windows(kernel(weight), s, d, front, back);
        checkReach(op, windows, x.shape(), weight.shape());
        Tensor input = batched ? x : x.unsqueeze(0);
        Plan plan = new Plan(windows, groups, windows.sliding(input.shape()));
        Tensor y = recordedForward(input, weight, bias, plan);
        return batched ? y : y.squeeze(0);
    }

    /**
     * Imagined zeros so that a convolution of stride 1 keeps its size: before and after each sliding dimension; of an odd number the last one
     * stands behind.
     */
    public static long[][] same(String op, Tensor weight, long[] stride, long[] dilation) {
        int dims = Math.max(0, weight.dim() - 2);
        for (long s : stride) {
            Checks.value(s == 1, op, "expected stride 1 with padding same, got " + Arrays.toString(stride));
        }
        long[] d = Windows.spread(op, "dilation", dilation, dims, 1);
        long[] before = new long[dims];
        long[] after = new long[dims];
        for (int i = 0; i < dims; i++) {
            long all = d[i] * Math.max(0, weight.size(2 + i) - 1);
            before[i] = all / 2;
            after[i] = all - all / 2;
        }
        return new long[][] {before, after};
    }

    /**
     * The transposed convolution of an input {@code [N, C, T..]} or {@code [C, T..]} with a weight {@code [C, O / groups, K..]}: the gradient
     * that a convolution with that weight has by its input.
     *
     * @param bias one number per output channel, or null
     * @param outputPadding how many elements more the result has behind; says which of the inputs of the convolution is meant
     */
    public static Tensor transposed(
            String op,
            Tensor x,
            Tensor weight,
            Tensor bias,
            long[] stride,
            long[] padding,
            long[] outputPadding,
            long[] dilation,
            long groups) {
        int dims = weight.dim() - 2;
        checkKinds(op, x, weight, bias, groups);
        long[] s = Windows.spread(op, "stride", stride, dims, 1);
        long[] d = Windows.spread(op, "dilation", dilation, dims, 1);
        long[] p = Windows.spread(op, "padding", padding, dims, 0);
        long[] more = Windows.spread(op, "output padding", outputPadding, dims, 0);
        boolean batched = x.dim() == dims + 2;
        Checks.value(
                weight.size(0) % groups == 0,
                op,
                "expected a number of input channels that " + groups + " groups divide, got weight " + weight.shape());
        Checks.shape(
                x.size(batched ? 1 : 0) == weight.size(0),
                op,
                "expected an input of " + weight.size(0) + " channels for weight " + weight.shape() + ", got input "
                        + x.shape());
        checkBias(op, bias, weight.size(1) * groups);
        Windows windows = new Windows(kernel(weight), s, d, p, p);
        long[] sizes = new long[dims];
        for (int i = 0; i < dims; i++) {
            Checks.value(
                    more[i] < s[i],
                    op,
                    "expected an output padding below the stride, got " + Arrays.toString(more) + "; pad the result");
            long n = x.size(x.dim() - dims + i);
            sizes[i] = (n - 1) * s[i] - 2 * p[i] + windows.extent(i) + more[i];
            Checks.shape(
                    n > 0 && sizes[i] > 0,
                    op,
                    "expected sizes that give a result, got input " + x.shape() + ", weight " + weight.shape()
                            + " and padding " + Arrays.toString(p));
        }
        Tensor y = recordedTransposed(batched ? x : x.unsqueeze(0), weight, bias, new Plan(windows, groups, sizes));
        return batched ? y : y.squeeze(0);
    }

    // ---- checks

    private static long[] kernel(Tensor weight) {
        long[] all = weight.shape().toArray();
        return Arrays.copyOfRange(all, 2, all.length);
    }

    private static void checkKinds(String op, Tensor x, Tensor weight, Tensor bias, long groups) {
        int dims = weight.dim() - 2;
        Checks.shape(
                x.dim() == dims + 2 || x.dim() == dims + 1,
                op,
                "expected an input of " + (dims + 1) + " or " + (dims + 2) + " dimensions, got " + x.shape()
                        + "; add that of channels with unsqueeze");
        Checks.floating(op, x);
        MatrixProducts.sameType(op, x, weight);
        Checks.sameDevice(op, Access.operand(x), Access.operand(weight));
        if (bias != null) {
            MatrixProducts.sameType(op, x, bias);
            Checks.sameDevice(op, Access.operand(x), Access.operand(bias));
        }
        Checks.value(groups > 0, op, "expected groups > 0, got " + groups);
        for (long k : kernel(weight)) {
            Checks.shape(k > 0, op, "expected a weight with a kernel, got " + weight.shape());
        }
    }

    private static void checkBias(String op, Tensor bias, long channels) {
        Checks.shape(
                bias == null || bias.dim() == 1 && bias.size(0) == channels,
                op,
                "expected a bias of " + channels + " elements, got " + (bias == null ? "" : bias.shape()));
    }

    private static void checkReach(String op, Windows w, Shape input, Shape weight) {
        for (long n : w.counts(input)) {
            Checks.shape(
                    n > 0,
                    op,
                    "expected a kernel within the padded input " + w.padded(input) + ", got weight " + weight
                            + "; use a smaller kernel or more padding");
        }
    }

    // ---- the three functions, recorded

    private static Tensor recordedForward(Tensor x, Tensor weight, Tensor bias, Plan plan) {
        Tensor y = forward(x, weight, bias, plan);
        Tensor[] inputs = bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias};
        return Tape.attach("ConvolutionBackward0", y, inputs, new Tensor[] {x, weight}, (g, s, needed) -> new Tensor[] {
            needed[0] ? recordedTransposed(g[0], s[1], null, plan) : null,
            needed[1] ? recordedWeight(s[0], g[0], s[1].shape(), plan) : null,
            needed.length > 2 && needed[2] ? ofBias(g[0]) : null
        });
    }

    private static Tensor recordedTransposed(Tensor g, Tensor weight, Tensor bias, Plan plan) {
        Tensor x = inputGradient(g, weight, plan);
        if (bias != null) {
            try (Tape.Pause off = Tape.paused()) {
                x.add_(Movement.view(bias, channelSizes(bias, x.dim())));
            }
        }
        Tensor[] inputs = bias == null ? new Tensor[] {g, weight} : new Tensor[] {g, weight, bias};
        return Tape.attach("ConvolutionBackward0", x, inputs, new Tensor[] {g, weight}, (u, s, needed) -> new Tensor[] {
            needed[0] ? recordedForward(u[0], s[1], null, plan) : null,
            needed[1] ? recordedWeight(u[0], s[0], s[1].shape(), plan) : null,
            needed.length > 2 && needed[2] ? ofBias(u[0]) : null
        });
    }

    private static Tensor recordedWeight(Tensor x, Tensor g, Shape weight, Plan plan) {
        Tensor w = weightGradient(x, g, weight, plan);
        Tensor[] both = {x, g};
        return Tape.attach("ConvolutionBackward0", w, both, both, (v, s, needed) -> new Tensor[] {
            needed[0] ? recordedTransposed(s[1], v[0], null, plan) : null,
            needed[1] ? recordedForward(s[0], v[0], null, plan) : null
        });
    }

    private static Tensor ofBias(Tensor g) {
        int[] dims = new int[g.dim() - 1];
        for (int i = 1; i < dims.length; i++) {
            dims[i] = i + 1;
        }
        return g.sum(dims, false);
    }

    private static long[] channelSizes(Tensor bias, int rank) {
        long[] sizes = new long[rank];
        Arrays.fill(sizes, 1);
        sizes[1] = bias.size(0);
        return sizes;
    }

    // ---- the three functions

    private static int[] order(int rank, int... first) {
        int[] out = Arrays.copyOf(first, rank);
        for (int i = first.length; i < rank; i++) {
            out[i] = i;
        }
        return out;
    }

    /** How many elements of the batch are turned into columns at once, so that the columns stay in the cache; follows from shapes alone. */
    private static long piece(Plan plan, Shape input, long[] counts) {
        long each = input.size(1) * plan.windows.taps() * Shape.of(counts).numel();
        return Math.max(1, PIECE / Math.max(1, each));
    }

    /** All windows as columns: {@code [groups, C / groups * K.., N * T..]}, of some elements of a padded batch. */
    private static Operand columns(Operand padded, Plan plan, long[] counts) {
        Windows w = plan.windows;
        Layout all = w.all(padded.layout(), counts); // (N, C, T.., K..)
        int dims = w.dims();
        int[] order = new int[all.rank()];
        order[0] = 1;
        for (int i = 0; i < dims; i++) {
            order[1 + i] = 2 + dims + i;
            order[2 + dims + i] = 2 + i;
        }
        Layout rows = all.permute(order); // (C, K.., N, T..)
        Operand out = Executor.current()
                .allocate(padded.dtype(), rows.shape(), padded.storage().backend());
        Access.wrap(out); // the open scope closes it
        Copies.raw(out, padded.with(rows));
        long rowsPerGroup = all.size(1) / plan.groups * w.taps();
        return out.with(Layout.contiguous(Shape.of(
                plan.groups, rowsPerGroup, all.size(0) * Shape.of(counts).numel())));
    }

    private static Operand batch(Operand o, long from, long length) {
        return o.with(o.layout().slice(0, from, length, 1));
    }

    private static Operand transposed(Operand matrices) {
        return matrices.with(matrices.layout().transpose(1, 2));
    }

    private static Operand product(Operand a, Operand b) {
        Shape shape =
                Shape.of(a.layout().size(0), a.layout().size(1), b.layout().size(2));
        Operand out = Executor.current().allocate(a.dtype(), shape, a.storage().backend());
        Access.wrap(out); // the open scope closes it
        Executor.current().matmul(out, a, b, 1, 0);
        return out;
    }

    /** Channels first: {@code [groups, C / groups, N * T..]} of some elements of a batch; a copy only where the memory needs one. */
    private static Operand channelsFirst(Operand o, long groups) {
        Layout l = o.layout().permute(order(o.layout().rank(), 1, 0));
        Shape shape = Shape.of(groups, l.size(0) / groups, l.numel() / Math.max(1, l.size(0)));
        Optional<Layout> view = l.view(shape);
        if (view.isPresent()) {
            return o.with(view.get());
        }
        Operand copy =
                Executor.current().allocate(o.dtype(), l.shape(), o.storage().backend());
        Access.wrap(copy); // the open scope closes it
        Copies.raw(copy, o.with(l));
        return copy.with(Layout.contiguous(shape));
    }

    /** A weight {@code [O, C / groups, K..]} as {@code [groups, O / groups, C / groups * K..]}. */
    private static Tensor matrix(Tensor weight, long groups) {
        return Movement.reshape(weight, groups, weight.size(0) / groups, weight.numel() / Math.max(1, weight.size(0)));
    }

    private static Tensor forward(Tensor x, Tensor weight, Tensor bias, Plan plan) {
        Windows w = plan.windows;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            long[] counts = w.counts(x.shape());
            long[] sizes = w.with(x.shape(), counts).toArray();
            sizes[1] = weight.size(0);
            Tensor y = Creation.empty(Shape.of(sizes), x.dtype(), x.device());
            Operand padded = Access.operand(w.pad(x, 0));
            Operand matrix = Access.operand(matrix(weight, plan.groups));
            Operand b = bias == null ? null : Access.operand(Movement.view(bias, channelSizes(bias, x.dim())));
            long step = piece(plan, x.shape(), counts);
            for (long from = 0; from < x.size(0); from += step) {
                long n = Math.min(step, x.size(0) - from);
                try (TensorScope inner = new TensorScope()) {
                    Operand out = batch(Access.operand(y), from, n);
                    store(out, product(matrix, columns(batch(padded, from, n), plan, counts)), b);
                }
            }
            return scope.keep(y);
        }
    }

    /** Writes a product {@code [O, N * T..]} as {@code [N, O, T..]}, plus a bias unless it is null. */
    private static void store(Operand out, Operand product, Operand bias) {
        Shape shape = out.layout().shape();
        int[] order = order(shape.rank(), 1, 0);
        long[] sizes = new long[order.length];
        Arrays.setAll(sizes, i -> shape.size(order[i]));
        Operand swapped = product.with(Layout.contiguous(Shape.of(sizes)).permute(order));
        if (bias == null) {
            Copies.raw(out, swapped);
            return;
        }
        Operand[] ins = {swapped, bias.with(bias.layout().expand(shape))};
        Executor.current().map(PLUS[out.dtype().ordinal()], new Operand[] {out}, ins, new long[0]);
    }

    private static Tensor inputGradient(Tensor g, Tensor weight, Plan plan) {
        Windows w = plan.windows;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Shape shape = plan.input(g.shape(), weight.shape());
            Operand matrix = transposed(Access.operand(matrix(weight, plan.groups)));
            Tensor canvas = w.canvas(shape, g.dtype(), g.device());
            long[] counts = w.sliding(g.shape());
            long row = w.rowFor(counts[counts.length - 1]);
            Tensor grad = g;
            if (row > 0) {
                grad = Padding.constant(g, new long[] {0, row - counts[counts.length - 1]}, Scalar.of(0L));
                counts[counts.length - 1] = row;
            }
            long step = piece(plan, shape, counts);
            for (long from = 0; from < g.size(0); from += step) {
                long n = Math.min(step, g.size(0) - from);
                try (TensorScope inner = new TensorScope()) {
                    Operand columns = product(matrix, channelsFirst(batch(Access.operand(grad), from, n), plan.groups));
                    Operand windows = columns.with(windowsOfColumns(w, shape.size(1), n, counts));
                    Operand target = batch(Access.operand(canvas), from, n);
                    if (row > 0) {
                        w.foldRows(windows, target);
                    } else {
                        w.fold(windows, target);
                    }
                }
            }
            return scope.keep(w.cut(canvas, shape, g.dtype()));
        }
    }

    /** Columns {@code (C, K.., N, T..)} seen as windows {@code (N, C, T.., K..)}. */
    private static Layout windowsOfColumns(Windows w, long channels, long batch, long[] counts) {
        int dims = w.dims();
        long[] sizes = new long[2 + 2 * dims];
        int[] order = new int[sizes.length];
        sizes[0] = channels;
        sizes[1 + dims] = batch;
        order[0] = 1 + dims;
        for (int i = 0; i < dims; i++) {
            sizes[1 + i] = w.kernel(i);
            sizes[2 + dims + i] = counts[i];
            order[2 + i] = 2 + dims + i;
            order[2 + dims + i] = 1 + i;
        }
        return Layout.contiguous(Shape.of(sizes)).permute(order);
    }

    private static Tensor weightGradient(Tensor x, Tensor g, Shape weight, Plan plan) {
        Windows w = plan.windows;
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            long[] counts = w.sliding(g.shape());
            Operand padded = Access.operand(w.pad(x, 0));
            Tensor sum = x.size(0) == 0
                    ? Creation.full(weight, 0.0, x.dtype(), x.device())
                    : Creation.empty(weight, x.dtype(), x.device());
            Operand out = Access.operand(matrix(sum, plan.groups));
            // a half type would round after every piece
            long step = x.dtype().isHalf() ? Math.max(1, x.size(0)) : piece(plan, x.shape(), counts);
            for (long from = 0; from < x.size(0); from += step) {
                long n = Math.min(step, x.size(0) - from);
                try (TensorScope inner = new TensorScope()) {
                    Operand grad = channelsFirst(batch(Access.operand(g), from, n), plan.groups);
                    Operand columns = columns(batch(padded, from, n), plan, counts);
                    Executor.current().matmul(out, grad, transposed(columns), 1, from == 0 ? 0 : 1);
                }
            }
            return scope.keep(sum);
        }
    }
}
