package dev.jangada.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jangada.DType;
import dev.jangada.Tensor;
import dev.jangada.kernel.Half;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** The elements of a tensor in Java memory, row-major: exact integers, or floating point numbers widened to double. */
final class HostTensor {
    private final DType dtype;
    private final long[] shape;
    private final long[] integers;
    private final double[] floats;

    private HostTensor(DType dtype, long[] shape, int numel) {
        this.dtype = dtype;
        this.shape = shape;
        this.integers = dtype.isFloatingPoint() ? new long[0] : new long[numel];
        this.floats = dtype.isFloatingPoint() ? new double[numel] : new double[0];
    }

    /** Reads a TENSOR of the corpus. */
    static HostTensor read(JsonNode json) {
        DType dtype = DType.of(json.path("dtype").asText());
        JsonNode data = json.path("data");
        HostTensor out = new HostTensor(dtype, Call.longs(json.path("shape")), data.size());
        for (int i = 0; i < data.size(); i++) {
            JsonNode v = data.get(i);
            if (dtype.isFloatingPoint()) {
                out.floats[i] = dtype == DType.FLOAT64 ? Call.number(v) : (float) Call.number(v);
            } else {
                out.integers[i] = v.isBoolean() ? (v.booleanValue() ? 1 : 0) : v.longValue();
            }
        }
        if (out.numel() != product(out.shape)) {
            throw new IllegalArgumentException("expected " + product(out.shape) + " elements, got " + out.numel());
        }
        return out;
    }

    private static long product(long[] shape) {
        long n = 1;
        for (long s : shape) {
            n *= s;
        }
        return n;
    }

    /** Copies a tensor of any layout. */
    static HostTensor of(Tensor t) {
        ByteBuffer bytes = t.detach().toBuffer();
        HostTensor out = new HostTensor(t.dtype(), t.shape().toArray(), Math.toIntExact(t.numel()));
        for (int i = 0; i < out.numel(); i++) {
            if (out.dtype.isFloatingPoint()) {
                out.floats[i] = switch (out.dtype) {
                    case FLOAT16 -> Half.fromFloat16(bytes.getShort(2 * i));
                    case BFLOAT16 -> Half.fromBfloat16(bytes.getShort(2 * i));
                    case FLOAT32 -> bytes.getFloat(4 * i);
                    default -> bytes.getDouble(8 * i);
                };
            } else {
                out.integers[i] = switch (out.dtype) {
                    case BOOL, INT8 -> bytes.get(i);
                    case UINT8 -> bytes.get(i) & 0xff;
                    case INT16 -> bytes.getShort(2 * i);
                    case INT32 -> bytes.getInt(4 * i);
                    default -> bytes.getLong(8 * i);
                };
            }
        }
        return out;
    }

    /** Returns a new contiguous tensor on the default device. */
    Tensor toTensor() {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.max(1, numel() * dtype.size())).order(ByteOrder.nativeOrder());
        for (int i = 0; i < numel(); i++) {
            switch (dtype) {
                case BOOL, INT8, UINT8 -> bytes.put(i, (byte) integers[i]);
                case INT16 -> bytes.putShort(2 * i, (short) integers[i]);
                case INT32 -> bytes.putInt(4 * i, (int) integers[i]);
                case INT64 -> bytes.putLong(8 * i, integers[i]);
                case FLOAT16 -> bytes.putShort(2 * i, Half.toFloat16((float) floats[i]));
                case BFLOAT16 -> bytes.putShort(2 * i, Half.toBfloat16((float) floats[i]));
                case FLOAT32 -> bytes.putFloat(4 * i, (float) floats[i]);
                case FLOAT64 -> bytes.putDouble(8 * i, floats[i]);
            }
        }
        bytes.limit(numel() * dtype.size());
        return shape.length == 0 ? Tensor.ofNested(element(0), dtype) : Tensor.fromBuffer(bytes, dtype, shape);
    }

    int numel() {
        return dtype.isFloatingPoint() ? floats.length : integers.length;
    }

    DType dtype() {
        return dtype;
    }

    /** Tells whether all elements are 0. */
    boolean isZero() {
        return Arrays.stream(floats).allMatch(v -> v == 0)
                && Arrays.stream(integers).allMatch(v -> v == 0);
    }

    /** Returns the elements as nested lists of Long, Double or Boolean; the single one for rank 0. */
    Object toNested() {
        return nested(0, new int[1]);
    }

    private Object nested(int dim, int[] next) {
        if (dim == shape.length) {
            return element(next[0]++);
        }
        Object[] out = new Object[Math.toIntExact(shape[dim])];
        for (int i = 0; i < out.length; i++) {
            out[i] = nested(dim + 1, next);
        }
        return List.of(out);
    }

    private Object element(int i) {
        if (dtype.isFloatingPoint()) {
            return floats[i];
        }
        if (dtype == DType.BOOL) {
            return integers[i] != 0;
        }
        return integers[i];
    }

    /**
     * Says how this tensor differs from the expected one: type, shape, or the first element outside of the tolerance and how many there are.
     *
     * @return an empty text if it does not differ
     */
    String difference(HostTensor expected, Tolerance tolerance) {
        if (dtype != expected.dtype) {
            return "expected dtype " + expected.dtype + ", got " + dtype;
        }
        if (!Arrays.equals(shape, expected.shape)) {
            return "expected shape " + Arrays.toString(expected.shape) + ", got " + Arrays.toString(shape);
        }
        int first = -1;
        int count = 0;
        for (int i = 0; i < numel(); i++) {
            boolean same = dtype.isFloatingPoint()
                    ? tolerance.accepts(floats[i], expected.floats[i])
                    : integers[i] == expected.integers[i];
            if (!same) {
                first = count++ == 0 ? i : first;
            }
        }
        return count == 0
                ? ""
                : "at index " + index(first) + " expected " + expected.element(first) + ", got " + element(first)
                        + (count > 1 ? " (" + count + " of " + numel() + " differ)" : "");
    }

    private String index(int flat) {
        long[] out = new long[shape.length];
        long rest = flat;
        for (int d = shape.length - 1; d >= 0; d--) {
            out[d] = rest % shape[d];
            rest /= shape[d];
        }
        return Arrays.toString(out);
    }

    @Override
    public String toString() {
        Object[] some = new Object[Math.min(numel(), 64)];
        for (int i = 0; i < some.length; i++) {
            some[i] = element(i);
        }
        return dtype + Arrays.toString(shape) + " " + Arrays.toString(some) + (some.length < numel() ? " …" : "");
    }
}
