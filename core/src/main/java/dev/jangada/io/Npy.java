package dev.jangada.io;

import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Device;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Backends;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/**
 * One tensor in NumPy's format: {@code numpy.load} and {@code numpy.save}.
 *
 * <p>Read are versions 1 to 3, both byte orders and both element orders; written is version 1, little-endian, row-major. NumPy has no
 * bfloat16. Source: NumPy Enhancement Proposal 1, {@code numpy.lib.format}.
 */
public final class Npy {
    private static final String NAME = "npy";
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int ALIGNMENT = 64;
    private static final int MOST_HEADER = 1 << 16;

    private Npy() {}

    // ---- writing

    /**
     * Writes a tensor of any layout and device. If it fails, an older file stays as it was.
     *
     * @param path the file; its folder must exist
     * @throws DTypeException if the tensor is of type bfloat16
     * @throws IOException if the file can't be written
     */
    public static void save(Path path, Tensor tensor) throws IOException {
        Objects.requireNonNull(path, "path is null");
        Objects.requireNonNull(tensor, "tensor is null");
        Format.checkOpen(NAME, Map.of("", tensor));
        checkType(NAME, tensor);
        AtomicFile.write(path, channel -> write(tensor, TensorBytes.to(channel)));
    }

    static void checkType(String format, Tensor t) {
        if (t.dtype() == DType.BFLOAT16) {
            throw new DTypeException(
                    "[" + format + "] expected a type that NumPy has, got bfloat16; convert the tensor with"
                            + " to(DType.FLOAT32), or write safetensors");
        }
    }

    static void write(Tensor tensor, TensorBytes.Sink sink) throws IOException {
        sink.take(ByteBuffer.wrap(header(tensor.dtype(), tensor.shape())));
        TensorBytes.write(tensor, sink);
    }

    private static byte[] header(DType type, Shape shape) {
        StringBuilder sizes = new StringBuilder("(");
        for (int i = 0; i < shape.rank(); i++) {
            sizes.append(i == 0 ? "" : " ").append(shape.size(i)).append(i < shape.rank() - 1 || i == 0 ? "," : "");
        }
        String text = "{'descr': '" + descr(type) + "', 'fortran_order': False, 'shape': " + sizes + "), }";
        int bytes = (MAGIC.length + 4 + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        byte[] out = new byte[bytes];
        Arrays.fill(out, (byte) ' ');
        ByteBuffer.wrap(out)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) (bytes - MAGIC.length - 4))
                .put(text.getBytes(StandardCharsets.US_ASCII));
        out[bytes - 1] = '\n';
        return out;
    }

    private static String descr(DType type) {
        return switch (type) {
            case BOOL -> "|b1";
            case UINT8 -> "|u1";
            case INT8 -> "|i1";
            case INT16 -> "<i2";
            case INT32 -> "<i4";
            case INT64 -> "<i8";
            case FLOAT16 -> "<f2";
            case FLOAT32 -> "<f4";
            case FLOAT64 -> "<f8";
            case BFLOAT16 -> throw new AssertionError("checked before");
        };
    }

    // ---- reading

    /** As {@link #load(Path, Device)}, on the default device. */
    public static Tensor load(Path path) throws IOException {
        return load(path, Device.best());
    }

    /**
     * Reads a tensor; one in column-major order becomes a transposed view.
     *
     * @throws dev.jangada.FormatException if it is no such file, of a type that tensors do not have, truncated or too long
     * @throws IOException if it can't be read
     */
    public static Tensor load(Path path, Device device) throws IOException {
        Format format = Format.of(NAME, path);
        try (FileChannel channel = FileChannel.open(path);
                TensorScope scope = new TensorScope()) {
            ByteSource source = ByteSource.of(channel, 0, channel.size(), format.file());
            return scope.keep(read(source, format, "the array", Backends.of(device)));
        }
    }

    /** Reads one array, which must be all that the source has. */
    static Tensor read(ByteSource source, Format format, String what, Backend backend) throws IOException {
        NpyHeader header = NpyHeader.parse(headerText(source, format, what), format, what);
        Shape shape = format.shape(what, header.sizes());
        long bytes = format.bytes(what, shape, header.type().size());
        format.require(
                source.remaining() == bytes,
                bytes + " bytes for " + header.type() + " " + shape + " of " + what,
                String.valueOf(source.remaining()));
        if (!header.columnMajor() || shape.rank() < 2) {
            return TensorBytes.read(source, header.type(), shape, header.order(), backend);
        }
        int[] reversed = new int[shape.rank()];
        long[] sizes = new long[shape.rank()];
        for (int i = 0; i < reversed.length; i++) {
            reversed[i] = reversed.length - 1 - i;
            sizes[i] = shape.size(reversed[i]);
        }
        return TensorBytes.read(source, header.type(), Shape.of(sizes), header.order(), backend)
                .permute(reversed);
    }

    private static String headerText(ByteSource source, Format format, String what) throws IOException {
        format.require(source.remaining() >= 10, "10 bytes or more", source.remaining() + " for " + what);
        byte[] start = source.bytes(8);
        format.require(
                Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length),
                "the signature of the format npy",
                "other bytes for " + what);
        int version = start[6];
        format.require(version >= 1 && version <= 3 && start[7] == 0, "version 1 to 3", version + "." + start[7]);
        int width = version == 1 ? 2 : 4;
        format.require(source.remaining() >= width, "the length of the header", "the end of " + what);
        ByteBuffer b = ByteBuffer.wrap(source.bytes(width)).order(ByteOrder.LITTLE_ENDIAN);
        long length = width == 2 ? Short.toUnsignedInt(b.getShort()) : Integer.toUnsignedLong(b.getInt());
        format.require(
                length <= Math.min(MOST_HEADER, source.remaining()),
                "a header within " + what + " and of at most " + MOST_HEADER + " bytes",
                length + " bytes");
        return new String(
                source.bytes((int) length), version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    }
}
