package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.util.Arrays;
import java.util.List;

/**
 * Windows that slide over the last dimensions of a tensor, as convolution and pooling see it: views of the padded tensor, and the sum back.
 *
 * <p>A <em>tap</em> is one position within the window; for each tap, the elements at it in all windows are a strided view.
 */
public final class Windows {
    /** {@code sum + x}; input 0 is of the computing type. */
    private static final MapKernel[] ADD = new MapKernel[DType.values().length];

    static {
        for (DType t : DType.values()) {
            if (t.isFloatingPoint()) {
                DType c = t.compute();
                ADD[t.ordinal()] = new MapKernel(
                        "fold",
                        Program.of(
                                List.of(c, t),
                                List.of(),
                                Expr.input(0, c).add(Expr.input(1, t).cast(c))));
            }
        }
    }

    private final long[] kernel;
    private final long[] stride;
    private final long[] dilation;
    private final long[] before;
    private final long[] after;

    /** Windows of a size, with elements imagined before and after the tensor; one number per sliding dimension each. */
    Windows(long[] kernel, long[] stride, long[] dilation, long[] before, long[] after) {
        this.kernel = kernel;
        this.stride = stride;
        this.dilation = dilation;
        this.before = before;
        this.after = after;
    }

    /** Returns one number per sliding dimension: the given ones, or a single one for all. */
    static long[] spread(String op, String what, long[] numbers, int dims, long least) {
        Checks.value(
                numbers.length == 1 || numbers.length == dims,
                op,
                "expected one " + what + " or " + dims + ", got " + Arrays.toString(numbers));
        for (long n : numbers) {
            Checks.value(n >= least, op, "expected " + what + " >= " + least + ", got " + Arrays.toString(numbers));
        }
        long[] out = new long[dims];
        Arrays.setAll(out, i -> numbers[numbers.length == 1 ? 0 : i]);
        return out;
    }

    int dims() {
        return kernel.length;
    }

    long kernel(int i) {
        return kernel[i];
    }

    long stride(int i) {
        return stride[i];
    }

    long dilation(int i) {
        return dilation[i];
    }

    long before(int i) {
        return before[i];
    }

    /** The number of elements from the first to the last one of a window. */
    long extent(int i) {
        return Math.addExact(Math.multiplyExact(dilation[i], kernel[i] - 1), 1);
    }

    /** The number of taps. */
    int taps() {
        return Math.toIntExact(Shape.of(kernel).numel());
    }

    /** The sizes of the sliding dimensions of a tensor. */
    long[] sliding(Shape shape) {
        long[] all = shape.toArray();
        return Arrays.copyOfRange(all, all.length - kernel.length, all.length);
    }

    private static Shape join(Shape front, int lead, long[] last) {
        long[] out = Arrays.copyOf(front.toArray(), lead + last.length);
        System.arraycopy(last, 0, out, lead, last.length);
        return Shape.of(out);
    }

    /** The shape with other sizes of the sliding dimensions. */
    Shape with(Shape shape, long[] sizes) {
        return join(shape, shape.rank() - kernel.length, sizes);
    }

    /** How many windows there are along each sliding dimension of a tensor. */
    long[] counts(Shape shape) {
        long[] sizes = sliding(shape);
        Arrays.setAll(sizes, i -> Math.floorDiv(sizes[i] + before[i] + after[i] - extent(i), stride[i]) + 1);
        return sizes;
    }

    boolean isPadded() {
        for (int i = 0; i < kernel.length; i++) {
            if (before[i] != 0 || after[i] != 0) {
                return true;
            }
        }
        return false;
    }

    /** The shape with the imagined elements. */
    Shape padded(Shape shape) {
        long[] sizes = sliding(shape);
        Arrays.setAll(sizes, i -> sizes[i] + before[i] + after[i]);
        return with(shape, sizes);
    }

    /** The tensor with the imagined elements, the very tensor if there are none; not recorded, call it paused. */
    Tensor pad(Tensor t, double value) {
        if (!isPadded()) {
            return t;
        }
        long[] pads = new long[2 * kernel.length];
        for (int i = 0; i < kernel.length; i++) {
            pads[pads.length - 2 * i - 2] = before[i];
            pads[pads.length - 2 * i - 1] = after[i];
        }
        return Padding.constant(t, pads, Scalar.of(value));
    }

    /** The part of a padded layout that is not imagined. */
    private Layout inner(Layout padded, Shape shape) {
        Layout l = padded;
        int lead = shape.rank() - kernel.length;
        for (int i = 0; i < kernel.length; i++) {
            l = l.slice(lead + i, before[i], shape.size(lead + i), 1);
        }
        return l;
    }

    /** All windows of a padded layout: its leading dimensions, then the numbers of the windows, then the taps. */
    Layout all(Layout padded, long[] counts) {
        int lead = padded.rank() - kernel.length;
        long[] sizes = Arrays.copyOf(padded.shape().toArray(), lead + 2 * kernel.length);
        long[] strides = Arrays.copyOf(padded.strides(), lead + 2 * kernel.length);
        for (int i = 0; i < kernel.length; i++) {
            long step = padded.stride(lead + i);
            sizes[lead + i] = counts[i];
            strides[lead + i] = step * stride[i];
            sizes[lead + kernel.length + i] = kernel[i];
            strides[lead + kernel.length + i] = step * dilation[i];
        }
        return Layout.of(Shape.of(sizes), strides, padded.offset());
    }

    /** One tap of all windows, of a layout made by {@link #all}. */
    Layout tap(Layout all, int number) {
        Layout l = all;
        long rest = number;
        for (int i = kernel.length - 1; i >= 0; i--) {
            l = l.select(l.rank() - 1, rest % kernel[i]);
            rest /= kernel[i];
        }
        return l;
    }

    /** Whether no element lies in two windows. */
    boolean isDisjoint() {
        for (int i = 0; i < kernel.length; i++) {
            if (kernel[i] > 1 && extent(i) > stride[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether disjoint windows of a tensor leave out no element of it. */
    boolean tiles(Shape shape) {
        long[] sizes = sliding(padded(shape));
        long[] counts = counts(shape);
        for (int i = 0; i < kernel.length; i++) {
            if (stride[i] != kernel[i] || (dilation[i] != 1 && kernel[i] > 1) || counts[i] * kernel[i] != sizes[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Adds the elements of all windows to where they come from, in the order of the taps; not recorded, call it paused.
     *
     * @param windows operand of a shape as {@link #all} gives it, any strides
     * @param shape the shape of the result, without imagined elements
     */
    Tensor fold(Operand windows, Shape shape, DType type) {
        Tensor canvas = canvas(shape, type, windows.storage().device());
        fold(windows, Access.operand(canvas));
        return cut(canvas, shape, type);
    }

    /** A padded tensor for {@link #fold(Operand, Operand)}, of the computing type where elements add up. */
    Tensor canvas(Shape shape, DType type, Device device) {
        DType sum = isDisjoint() ? type : type.compute();
        return tiles(shape)
                ? Creation.empty(padded(shape), sum, device)
                : Creation.full(padded(shape), 0.0, sum, device);
    }

    /** Adds the elements of all windows to a canvas, or to a part of its leading dimensions. */
    void fold(Operand windows, Operand canvas) {
        int lead = canvas.layout().rank() - kernel.length;
        long[] counts = Arrays.copyOfRange(
                windows.layout().shape().toArray(), lead, canvas.layout().rank());
        Layout all = all(canvas.layout(), counts);
        if (isDisjoint()) {
            Copies.raw(canvas.with(all), windows);
            return;
        }
        MapKernel add = ADD[windows.dtype().ordinal()];
        for (int tap = 0; tap < taps(); tap++) {
            Operand place = canvas.with(tap(all, tap));
            Operand[] ins = {place, windows.with(tap(windows.layout(), tap))};
            Executor.current().map(add, new Operand[] {place}, ins, new long[0]);
        }
    }

    /** The size of a row that {@link #foldRows} takes: the padded row of the tensor; 0 if ordinary folding is the better way. */
    long rowFor(long count) {
        int last = kernel.length - 1;
        long row = count + dilation[last] * (kernel[last] - 1);
        return stride[last] == 1 && kernel[last] > 1 && row <= 2 * count ? row : 0;
    }

    /**
     * As {@link #fold(Operand, Operand)} for windows at stride 1 along the last dimension, whose rows are followed by zeros up to the length of
     * the canvas' rows: all taps of a row of the window are added at once, moved against each other by their distance. What reaches across
     * the beginning of a row is the zeros behind the row before.
     *
     * @param windows lie taps first and row by row at the beginning of their storage
     */
    void foldRows(Operand windows, Operand canvas) {
        int lead = canvas.layout().rank() - kernel.length;
        int last = kernel.length - 1;
        long[] counts = Arrays.copyOfRange(
                windows.layout().shape().toArray(), lead, canvas.layout().rank());
        Layout all = all(canvas.layout(), counts);
        Operand[] moved = new Operand[Math.toIntExact(kernel[last])];
        for (int tap = 0; tap < taps(); tap += moved.length) {
            for (int k = 0; k < moved.length; k++) {
                Layout l = tap(windows.layout(), tap + k);
                moved[k] = windows.with(Layout.of(l.shape(), l.strides(), l.offset() - k * dilation[last]));
            }
            Taps.addTo(canvas.with(tap(all, tap)), moved);
        }
    }

    /** The part of a padded tensor that is not imagined, as a type. */
    Tensor cut(Tensor padded, Shape shape, DType type) {
        if (!isPadded() && padded.dtype() == type) {
            return padded;
        }
        Operand from = Access.operand(padded);
        Operand out = Executor.current().allocate(type, shape, from.storage().backend());
        Tensor result = Access.wrap(out);
        Copies.raw(out, from.with(inner(from.layout(), shape)));
        padded.close();
        return result;
    }
}
