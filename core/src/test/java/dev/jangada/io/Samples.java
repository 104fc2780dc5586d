package dev.jangada.io;

import dev.jangada.DType;
import dev.jangada.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** Tensors to write and read, with every bit pattern that a type has. */
final class Samples {
    private Samples() {}

    /** A tensor whose elements have random bits, quiet NaNs with payloads, subnormals and infinities among them. */
    static Tensor bits(DType type, long seed, long... sizes) {
        long numel = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
        byte[] bytes = new byte[(int) numel * type.size()];
        new Random(seed).nextBytes(bytes);
        if (type == DType.BOOL) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] &= 1;
            }
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        for (int i = 0; i < numel; i++) {
            quiet(buffer, i, type);
        }
        Tensor flat = Tensor.fromBuffer(buffer, type);
        return sizes.length == 0 ? flat.select(0, 0) : flat.reshape(sizes);
    }

    /** A copy through arithmetic may set the quiet bit of a NaN. */
    private static void quiet(ByteBuffer b, int i, DType type) {
        switch (type) {
            case FLOAT16 -> {
                short v = b.getShort(2 * i);
                b.putShort(2 * i, (v & 0x7fff) > 0x7c00 ? (short) (v | 0x200) : v);
            }
            case BFLOAT16 -> {
                short v = b.getShort(2 * i);
                b.putShort(2 * i, (v & 0x7fff) > 0x7f80 ? (short) (v | 0x40) : v);
            }
            case FLOAT32 -> {
                int v = b.getInt(4 * i);
                b.putInt(4 * i, (v & 0x7fffffff) > 0x7f800000 ? v | 0x400000 : v);
            }
            case FLOAT64 -> {
                long v = b.getLong(8 * i);
                b.putLong(8 * i, (v & Long.MAX_VALUE) > 0x7ff0000000000000L ? v | 1L << 51 : v);
            }
            case BOOL, UINT8, INT8, INT16, INT32, INT64 -> {
                return;
            }
        }
    }

    /** Every element type with several shapes: 0-d, empty, one and four dimensions. */
    static Map<String, Tensor> everyShape(DType type) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        out.put("zero dimensions", bits(type, 1));
        out.put("empty", bits(type, 2, 0));
        out.put("empty.inside", bits(type, 3, 2, 0, 3));
        out.put("one", bits(type, 4, 5));
        out.put("four", bits(type, 5, 2, 3, 1, 7));
        out.put("transposed", bits(type, 6, 4, 3).transpose(0, 1));
        out.put("column", bits(type, 7, 4, 3).select(1, 1));
        out.put("expanded", bits(type, 8, 1, 3).expand(4, 3));
        out.put("ünïcödé \"quoted\" \\ \n \uD83D\uDE00", bits(type, 9, 3));
        return out;
    }

    /** The bytes of a tensor in row-major order. */
    static byte[] bytes(Tensor t) {
        ByteBuffer b = t.detach().toBuffer();
        byte[] out = new byte[b.remaining()];
        b.get(out);
        return out;
    }
}
