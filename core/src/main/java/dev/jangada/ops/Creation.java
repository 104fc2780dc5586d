package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Device;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.nio.ByteBuffer;
import java.util.List;

/** New tensors: filled, counted, from host memory. */
public final class Creation {
    private static final MapKernel[] FILL = new MapKernel[DType.values().length];
    private static final MapKernel ARANGE = new MapKernel("arange", Program.of(List.of(), List.of(), Expr.index()));

    static {
        for (DType t : DType.values()) {
            DType carrier = ElementwiseOp.carrier(t);
            FILL[t.ordinal()] = new MapKernel(
                    "fill",
                    Program.of(
                            List.of(), List.of(carrier), Expr.scalar(0, carrier).cast(t)));
        }
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
                new Tensor[] {null});
        return self;
    }

    /** The numbers 0 to {@code n - 1} as int64. */
    public static Tensor arange(long n, Device device) {
        Tensor out = empty(Shape.of(n), DType.INT64, device);
        Executor.current().map(ARANGE, new Operand[] {Access.operand(out)}, new Operand[0], new long[0]);
        return out;
    }

    /** A tensor with the content of host memory in native byte order. */
    public static Tensor fromHost(ByteBuffer source, Shape shape, DType type, Device device) {
        Tensor out = empty(shape, type, device);
        Executor.current().write(Access.operand(out), source);
        return out;
    }
}
