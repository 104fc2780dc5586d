package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Backends;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Element;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Tensors from Java arrays and buffers, and back: always copies, in pieces of bounded size. */
public final class HostData {
    private static final int PIECE_BYTES = 1 << 20;

    private HostData() {}

    /** Writes {@code count} elements from number {@code from} into a buffer that starts at position 0. */
    @FunctionalInterface
    private interface Source {
        void put(ByteBuffer target, int from, int count);
    }

    /** Takes {@code count} elements from number {@code from} out of a buffer that starts at position 0. */
    @FunctionalInterface
    private interface Sink {
        void take(ByteBuffer source, int from, int count);
    }

    /** The shape of an array: as given, or one dimension if none is given. */
    private static Shape shape(int length, long... sizes) {
        Shape shape = sizes.length == 0 ? Shape.of(length) : Movement.infer("of", sizes, length);
        Checks.shape(
                shape.numel() == length,
                "of",
                "expected " + shape.numel() + " elements for shape " + shape + ", got " + length);
        return shape;
    }

    private static Tensor create(DType type, Shape shape, Source source) {
        Operand o = Executor.current().allocate(type, shape, Backends.of(Backends.defaultDevice()));
        Tensor out = Access.wrap(o);
        int n = (int) shape.numel();
        int piece = PIECE_BYTES / type.size();
        ByteBuffer buffer =
                ByteBuffer.allocate(Math.min(n, piece) * type.size()).order(ByteOrder.nativeOrder());
        for (long from = 0; from < n; from += piece) { // an int would wrap around at 2^31
            int count = (int) Math.min(piece, n - from);
            buffer.clear().limit(count * type.size());
            source.put(buffer, (int) from, count);
            Executor.current().write(part(o, from, count), buffer);
        }
        return out;
    }

    static Operand part(Operand o, long from, int count) {
        return o.with(Layout.of(Shape.of(count), new long[] {1}, o.layout().offset() + from));
    }

    /** A float32 tensor with the elements of an array. */
    public static Tensor of(float[] data, long... sizes) {
        return create(
                DType.FLOAT32,
                shape(data.length, sizes),
                (b, from, n) -> b.asFloatBuffer().put(data, from, n));
    }

    /** A float64 tensor with the elements of an array. */
    public static Tensor of(double[] data, long... sizes) {
        return create(
                DType.FLOAT64,
                shape(data.length, sizes),
                (b, from, n) -> b.asDoubleBuffer().put(data, from, n));
    }

    /** An int64 tensor with the elements of an array. */
    public static Tensor of(long[] data, long... sizes) {
        return create(
                DType.INT64,
                shape(data.length, sizes),
                (b, from, n) -> b.asLongBuffer().put(data, from, n));
    }

    /** An int32 tensor with the elements of an array. */
    public static Tensor of(int[] data, long... sizes) {
        return create(
                DType.INT32,
                shape(data.length, sizes),
                (b, from, n) -> b.asIntBuffer().put(data, from, n));
    }

    /** An int16 tensor with the elements of an array. */
    public static Tensor of(short[] data, long... sizes) {
        return create(
                DType.INT16,
                shape(data.length, sizes),
                (b, from, n) -> b.asShortBuffer().put(data, from, n));
    }

    /** A tensor of an 8-bit type whose elements have the bits of an array. */
    public static Tensor of(byte[] data, DType type, long... sizes) {
        Checks.dtype(type == DType.INT8 || type == DType.UINT8, "of", "expected int8 or uint8 for bytes, got " + type);
        return create(type, shape(data.length, sizes), (b, from, n) -> b.put(0, data, from, n));
    }

    /** A bool tensor with the elements of an array. */
    public static Tensor of(boolean[] data, long... sizes) {
        return create(DType.BOOL, shape(data.length, sizes), (b, from, n) -> {
            for (int i = 0; i < n; i++) {
                b.put(i, (byte) (data[from + i] ? 1 : 0));
            }
        });
    }

    /** A tensor of any type with the elements of an array, converted. */
    public static Tensor of(double[] data, DType type, long... sizes) {
        return create(type, shape(data.length, sizes), (b, from, n) -> {
            for (int i = 0; i < n; i++) {
                Element.putDouble(b, i * type.size(), type, data[from + i]);
            }
        });
    }

    /** A tensor of any type with the elements of an array, converted. */
    public static Tensor of(long[] data, DType type, long... sizes) {
        return create(type, shape(data.length, sizes), (b, from, n) -> {
            for (int i = 0; i < n; i++) {
                Element.putLong(b, i * type.size(), type, data[from + i]);
            }
        });
    }

    /** A tensor with the content of a buffer between its position and limit, in native byte order. */
    public static Tensor fromBuffer(ByteBuffer source, DType type, long... sizes) {
        checkOrder("fromBuffer", source, type);
        int bytes = source.remaining();
        Checks.shape(
                bytes % type.size() == 0,
                "fromBuffer",
                "expected whole elements of " + type.size() + " bytes, got " + bytes + " bytes");
        Operand o = Executor.current()
                .allocate(type, shape(bytes / type.size(), sizes), Backends.of(Backends.defaultDevice()));
        Tensor out = Access.wrap(o);
        Executor.current().write(o, source);
        return out;
    }

    private static void checkOrder(String op, ByteBuffer buffer, DType type) {
        Checks.value(
                type.size() == 1 || buffer.order() == ByteOrder.nativeOrder(),
                op,
                "expected a buffer in native byte order, got " + buffer.order()
                        + "; call order(ByteOrder.nativeOrder()) on it");
    }

    // ---- back to the host

    /** The one element of a tensor in the first bytes of a buffer. */
    private static ByteBuffer one(String op, Tensor t) {
        Operand o = Access.operand(t);
        Checks.value(
                o.layout().numel() == 1,
                op,
                "expected a tensor of one element, got shape " + o.layout().shape()
                        + "; reduce it, or use toFloatArray()");
        ByteBuffer word = ThreadState.current().word;
        word.clear().limit(o.dtype().size());
        Executor.current().read(word, o);
        return word;
    }

    /** The value of a tensor of one element. */
    public static double item(Tensor t) {
        return Element.getDouble(one("item", t), 0, t.dtype());
    }

    /** The value of a tensor of one element, truncated to an integer. */
    public static long itemLong(Tensor t) {
        return Element.getLong(one("itemLong", t), 0, t.dtype());
    }

    /** Whether the value of a tensor of one element is not 0. */
    public static boolean itemBoolean(Tensor t) {
        return Element.getDouble(one("itemBoolean", t), 0, t.dtype()) != 0;
    }

    /** Reads the elements in row-major order, converted to a type. */
    private static void read(String op, Tensor t, DType type, Sink sink) {
        long numel = t.numel();
        Checks.value(
                numel <= Integer.MAX_VALUE - 8,
                op,
                "expected fewer than 2^31 elements, got " + numel + "; read parts of the tensor, made by narrow");
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Operand o = Access.operand(Copies.contiguous(Copies.to(t, type, t.device())));
            int piece = PIECE_BYTES / type.size();
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(numel, piece) * type.size())
                    .order(ByteOrder.nativeOrder());
            for (long from = 0; from < numel; from += piece) {
                int count = (int) Math.min(piece, numel - from);
                buffer.clear().limit(count * type.size());
                Executor.current().read(buffer, part(o, from, count));
                buffer.position(0);
                sink.take(buffer, (int) from, count);
            }
        }
    }

    /** The elements in row-major order. */
    public static float[] toFloatArray(Tensor t) {
        float[] out = new float[length("toFloatArray", t)];
        read("toFloatArray", t, DType.FLOAT32, (b, from, n) -> b.asFloatBuffer().get(out, from, n));
        return out;
    }

    /** The elements in row-major order. */
    public static double[] toDoubleArray(Tensor t) {
        double[] out = new double[length("toDoubleArray", t)];
        read(
                "toDoubleArray",
                t,
                DType.FLOAT64,
                (b, from, n) -> b.asDoubleBuffer().get(out, from, n));
        return out;
    }

    /** The elements in row-major order, truncated to integers. */
    public static long[] toLongArray(Tensor t) {
        long[] out = new long[length("toLongArray", t)];
        read("toLongArray", t, DType.INT64, (b, from, n) -> b.asLongBuffer().get(out, from, n));
        return out;
    }

    /** The elements in row-major order, truncated and wrapped to integers. */
    public static int[] toIntArray(Tensor t) {
        int[] out = new int[length("toIntArray", t)];
        read("toIntArray", t, DType.INT32, (b, from, n) -> b.asIntBuffer().get(out, from, n));
        return out;
    }

    /** The elements in row-major order as bytes: those of uint8 with their bits, others truncated and wrapped. */
    public static byte[] toByteArray(Tensor t) {
        byte[] out = new byte[length("toByteArray", t)];
        DType type = t.dtype() == DType.UINT8 ? DType.UINT8 : DType.INT8;
        read("toByteArray", t, type, (b, from, n) -> b.get(out, from, n));
        return out;
    }

    /** Whether each element, in row-major order, is not 0. */
    public static boolean[] toBooleanArray(Tensor t) {
        boolean[] out = new boolean[length("toBooleanArray", t)];
        read("toBooleanArray", t, DType.BOOL, (b, from, n) -> {
            for (int i = 0; i < n; i++) {
                out[from + i] = b.get(i) != 0;
            }
        });
        return out;
    }

    private static int length(String op, Tensor t) {
        long n = t.numel();
        Checks.value(n <= Integer.MAX_VALUE - 8, op, "expected fewer than 2^31 elements, got " + n);
        return (int) n;
    }

    /** Copies the elements in row-major order and native byte order to a buffer's position, which moves behind them. */
    public static void copyTo(Tensor t, ByteBuffer target) {
        Checks.value(
                !target.isReadOnly(),
                "copyTo",
                "expected a writable buffer, got a read-only one; pass the buffer it was made from");
        checkOrder("copyTo", target, t.dtype());
        long bytes = Math.multiplyExact(t.numel(), t.dtype().size());
        Checks.shape(
                target.remaining() >= bytes,
                "copyTo",
                "expected a buffer with room for " + bytes + " bytes, got " + target.remaining());
        if (bytes == 0) { // whose place may lie outside of the memory
            return;
        }
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            ByteBuffer part = target.slice(target.position(), (int) bytes).order(ByteOrder.nativeOrder());
            Executor.current().read(part, Access.operand(Copies.contiguous(t)));
        }
        target.position(target.position() + (int) bytes);
    }

    /** A new direct buffer with the elements in row-major order and native byte order. */
    public static ByteBuffer toBuffer(Tensor t) {
        long bytes = Math.multiplyExact(t.numel(), t.dtype().size());
        Checks.value(bytes <= Integer.MAX_VALUE, "toBuffer", "expected fewer than 2^31 bytes, got " + bytes);
        ByteBuffer out = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
        copyTo(t, out);
        return out.flip();
    }
}
