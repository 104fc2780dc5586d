package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.nio.ByteBuffer;
import java.util.List;

/** New tensors: filled, counted, from host memory. */
public final class Creation {
    private static final MapKernel[] FILL = new MapKernel[DType.values().length];
    private static final MapKernel[] ARANGE = new MapKernel[DType.values().length];
    private static final MapKernel[] LINSPACE = new MapKernel[DType.values().length];

    static {
        for (DType t : DType.values()) {
            DType carrier = ElementwiseOp.carrier(t);
            FILL[t.ordinal()] = new MapKernel(
                    "fill",
                    Program.of(
                            List.of(), List.of(carrier), Expr.scalar(0, carrier).cast(t)));
            DType count = t.isFloatingPoint() ? DType.FLOAT64 : DType.INT64;
            Expr number = Expr.scalar(0, count).add(Expr.index().cast(count).mul(Expr.scalar(1, count)));
            ARANGE[t.ordinal()] = new MapKernel("arange", Program.of(List.of(), List.of(count, count), number.cast(t)));
            LINSPACE[t.ordinal()] = linspace(t);
        }
    }

    /**
     * From both ends towards the middle; scalars are start, end, step and the number of elements.
     *
     * <p>float32 counts from the first of each eight elements, which rounds as PyTorch's vector code does, so that the same digits are
     * printed; the last element is the end in any case.
     */
    private static MapKernel linspace(DType t) {
        boolean inEights = t == DType.FLOAT32;
        DType c = inEights ? DType.FLOAT32 : DType.FLOAT64;
        Expr start = Expr.scalar(0, c);
        Expr end = Expr.scalar(1, c);
        Expr step = Expr.scalar(2, c);
        Expr n = Expr.scalar(3, DType.INT64);
        Expr i = Expr.index();
        Expr seven = Expr.constant(7L, DType.INT64);
        Expr whole = n.sub(n.binary(Op.AND, seven));
        Expr first = inEights ? Expr.select(i.lt(whole), i.sub(i.binary(Op.AND, seven)), i) : i;
        Expr last = n.sub(1);
        Expr low = start.add(step.mul(first.cast(c)));
        Expr high = end.sub(step.mul(last.sub(first).cast(c)));
        Expr half = n.binary(Op.SHR, Expr.constant(1L, DType.INT64));
        Expr value =
                Expr.select(first.lt(half), low, high).add(step.mul(i.sub(first).cast(c)));
        List<DType> scalars = List.of(c, c, c, DType.INT64);
        return new MapKernel(
                "linspace",
                Program.of(
                        List.of(), scalars, Expr.select(i.eq(last), end, value).cast(t)));
    }

    private Creation() {}

    /** A tensor with undefined content. */
    public static Tensor empty(Shape shape, DType type, Device device) {
        return Access.wrap(Executor.current().allocate(type, shape, Backends.of(device)));
    }

    /** A tensor whose elements all have one value. */
    public static Tensor full(Shape shape, Scalar value, DType type, Device device) {
        Tensor out = empty(shape, type, device);
        fillRaw(Access.operand(out), value);
        return out;
    }

    /** A tensor whose elements all have one value. */
    public static Tensor full(Shape shape, double value, DType type, Device device) {
        return full(shape, Scalar.of(value), type, device);
    }

    static void fillRaw(Operand out, Scalar value) {
        Executor.current().map(FILL[out.dtype().ordinal()], new Operand[] {out}, new Operand[0], new long[] {
            out.dtype() == DType.BOOL ? (value.toDouble() != 0 ? 1 : 0) : Elementwise.bits(value, out.dtype())
        });
    }

    /** Writes one value into every element of a tensor. */
    public static Tensor fillInPlace(Tensor self, Scalar value) {
        Arithmetic.fits("fill_", self.dtype(), value);
        Tape.checkInPlace("fill_", self);
        fillRaw(Access.operand(self), value);
        Tape.changed("FillBackward0", self, new Tensor[] {self}, new Tensor[0], false, (g, s, needed) ->
                new Tensor[] {Shapes.zerosLike(g[0])});
        return self;
    }

    /** A tensor whose elements all have one value, on the default device, of the type that fits the kind of number. */
    public static Tensor full(long[] sizes, Scalar value) {
        DType type = value.dtype() == DType.FLOAT64 ? Promotion.DEFAULT_FLOAT : value.dtype();
        return full(Shape.of(sizes), value, type, Backends.defaultDevice());
    }

    /** A scalar tensor; a floating point number gives float32. */
    public static Tensor scalar(Scalar value) {
        return full(new long[0], value);
    }

    /** A tensor with undefined content of the shape and device of another one. */
    public static Tensor emptyLike(Tensor t, DType type) {
        return Access.wrap(Shapes.emptyLike(Access.operand(t), type));
    }

    /** A tensor of one value with the shape and device of another one. */
    public static Tensor fullLike(Tensor t, Scalar value, DType type) {
        Tensor out = emptyLike(t, type);
        fillRaw(Access.operand(out), value);
        return out;
    }

    /** The numbers 0 to {@code n - 1} as int64. */
    public static Tensor arange(long n, Device device) {
        return arange(0, n, 1, DType.INT64, device);
    }

    /** The integers from {@code start} below {@code end}. */
    public static Tensor arange(long start, long end, long step, DType type, Device device) {
        checkRange(step != 0, step > 0 ? start <= end : start >= end, start, end, step);
        Checks.value(
                (end - start < 0) == (step < 0) || end == start,
                "arange",
                "expected a range below 2^63, got " + start + " to " + end);
        long length = end - start;
        long n = length / step + (length % step != 0 ? 1 : 0);
        if (type.isFloatingPoint()) {
            return range(n, start, step, type, device);
        }
        Tensor out = empty(Shape.of(n), type, device);
        Executor.current().map(ARANGE[type.ordinal()], new Operand[] {Access.operand(out)}, new Operand[0], new long[] {
            start, step
        });
        return out;
    }

    /** The numbers {@code start + i * step} below {@code end}, computed in float64. */
    public static Tensor arange(double start, double end, double step, DType type, Device device) {
        boolean finite = Double.isFinite(start) && Double.isFinite(end) && Double.isFinite(step);
        checkRange(step != 0, finite && (step > 0 ? start <= end : start >= end), start, end, step);
        long n = (long) Math.ceil((end - start) / step);
        return type.isFloatingPoint()
                ? range(n, start, step, type, device)
                : range(n, start, step, DType.FLOAT64, device).to(type);
    }

    private static void checkRange(boolean steps, boolean reaches, Object start, Object end, Object step) {
        Checks.value(steps, "arange", "expected a step other than 0, got 0");
        Checks.value(
                reaches,
                "arange",
                "expected finite bounds and a step that leads from " + start + " to " + end + ", got step " + step);
    }

    private static Tensor range(long n, double start, double step, DType type, Device device) {
        Tensor out = empty(Shape.of(n), type, device);
        Executor.current().map(ARANGE[type.ordinal()], new Operand[] {Access.operand(out)}, new Operand[0], new long[] {
            Double.doubleToRawLongBits(start), Double.doubleToRawLongBits(step)
        });
        return out;
    }

    /** {@code steps} numbers at equal distances, both ends included. */
    public static Tensor linspace(double start, double end, long steps, DType type, Device device) {
        Checks.value(steps >= 0, "linspace", "expected a number of steps >= 0, got " + steps);
        Checks.dtype(type != DType.BOOL, "linspace", "expected a type of numbers, got bool");
        Tensor out = empty(Shape.of(steps), type, device);
        double last = steps == 1 ? start : end;
        double step = steps < 2 ? 0 : (end - start) / (steps - 1);
        if (type == DType.FLOAT32) {
            step = steps < 2 ? 0 : ((float) end - (float) start) / (float) (steps - 1);
        }
        long[] bits = {
            Double.doubleToRawLongBits(start), Double.doubleToRawLongBits(last), Double.doubleToRawLongBits(step), steps
        };
        Executor.current().map(LINSPACE[type.ordinal()], new Operand[] {Access.operand(out)}, new Operand[0], bits);
        return out;
    }

    /** A matrix with ones on its diagonal. */
    public static Tensor eye(long n, long m, DType type, Device device) {
        Checks.shape(n >= 0 && m >= 0, "eye", "expected sizes >= 0, got " + n + " and " + m);
        Tensor out = full(Shape.of(n, m), Scalar.of(0L), type, device);
        Layout diagonal = Layout.of(Shape.of(Math.min(n, m)), new long[] {m + 1}, 0);
        fillRaw(Access.operand(out).with(diagonal), Scalar.of(1L));
        return out;
    }

    /** A tensor with the content of host memory in native byte order. */
    public static Tensor fromHost(ByteBuffer source, Shape shape, DType type, Device device) {
        Tensor out = empty(shape, type, device);
        Executor.current().write(Access.operand(out), source);
        return out;
    }
}
