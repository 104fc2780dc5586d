package dev.jangada.io;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
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
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Named tensors in the safetensors format: a header in JSON, then the elements; all ten element types, and a map of texts.
 *
 * <p>The best format for weights: it holds nothing but numbers, and reading it copies each element once, from the file to the device.
 * Tensors that share memory are written one by one.
 *
 * <pre>{@code
 * Safetensors.save(path, model.stateDict());
 * model.loadStateDict(Safetensors.load(path));
 * }</pre>
 *
 * <p>Source: the format description of Hugging Face's safetensors.
 */
public final class Safetensors {
    private static final String NAME = "safetensors";
    private static final String METADATA = "__metadata__";
    private static final int ALIGNMENT = 8;
    private static final long MOST_HEADER = 32L << 20; // room for a quarter of a million tensors

    private Safetensors() {}

    // ---- writing

    /** As {@link #save(Path, Map, Map)} without metadata. */
    public static void save(Path path, Map<String, Tensor> tensors) throws IOException {
        save(path, tensors, Map.of());
    }

    /**
     * Writes tensors by name, of any layout and device, and texts by key. If it fails, an older file stays as it was.
     *
     * @param path the file; its folder must exist
     * @param metadata texts for the header, such as the epoch of a checkpoint
     * @throws IOException if it can't be written
     * @throws ArgumentException if a tensor is named {@code __metadata__}, or a name, tensor or text is null
     * @throws dev.jangada.ClosedTensorException if a tensor is closed
     */
    public static void save(Path path, Map<String, Tensor> tensors, Map<String, String> metadata) throws IOException {
        Objects.requireNonNull(path, "path is null");
        Format.checkOpen(NAME, tensors);
        if (tensors.containsKey(METADATA)) {
            throw new ArgumentException(
                    "[safetensors] expected names of tensors, got the reserved " + METADATA + "; choose another name");
        }
        // Widest elements first, so that each starts at a multiple of its size; the header keeps the caller's order.
        List<Map.Entry<String, Tensor>> order = new ArrayList<>(tensors.entrySet());
        order.sort(Comparator.comparingInt(e -> -e.getValue().dtype().size()));
        byte[] header = header(tensors, order, metadata);
        AtomicFile.write(path, channel -> {
            TensorBytes.Sink sink = TensorBytes.to(channel);
            ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            sink.take(length.putLong(header.length).flip());
            sink.take(ByteBuffer.wrap(header));
            for (Map.Entry<String, Tensor> e : order) {
                TensorBytes.write(e.getValue(), sink);
            }
        });
    }

    private static byte[] header(
            Map<String, Tensor> tensors, List<Map.Entry<String, Tensor>> order, Map<String, String> metadata) {
        Map<String, Long> starts = new LinkedHashMap<>();
        long at = 0;
        for (Map.Entry<String, Tensor> e : order) {
            starts.put(e.getKey(), at);
            at = Math.addExact(at, bytes(e.getValue()));
        }
        StringBuilder json = new StringBuilder("{");
        if (!metadata.isEmpty()) {
            Json.quote(json, METADATA);
            json.append(":{");
            metadata.forEach((key, text) -> {
                if (key == null || text == null) {
                    throw new ArgumentException(
                            "[safetensors] expected texts as metadata, got " + key + " = " + text + "; leave it out");
                }
                separate(json);
                Json.quote(json, key);
                json.append(':');
                Json.quote(json, text);
            });
            json.append('}');
        }
        tensors.forEach((name, t) -> {
            separate(json);
            Json.quote(json, name);
            long start = starts.get(name);
            json.append(":{\"dtype\":\"").append(name(t.dtype())).append("\",\"shape\":");
            json.append(t.shape().toString().replace(" ", ""));
            json.append(",\"data_offsets\":[").append(start).append(',').append(start + bytes(t));
            json.append("]}");
        });
        byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (padded > MOST_HEADER) {
            throw new ArgumentException("[safetensors] expected names and texts of fewer than " + MOST_HEADER
                    + " bytes, got " + padded + "; write several files");
        }
        byte[] out = java.util.Arrays.copyOf(text, padded);
        java.util.Arrays.fill(out, text.length, padded, (byte) ' ');
        return out;
    }

    private static void separate(StringBuilder json) {
        if (json.charAt(json.length() - 1) != '{') {
            json.append(',');
        }
    }

    private static long bytes(Tensor t) {
        return Math.multiplyExact(t.numel(), t.dtype().size());
    }

    // ---- reading

    /** As {@link #load(Path, Device)}, on the default device. */
    public static Map<String, Tensor> load(Path path) throws IOException {
        return load(path, Device.best());
    }

    /**
     * Reads all tensors by name, in the order of the header.
     *
     * @throws dev.jangada.FormatException if the file is not valid: header, types, sizes, or parts of the data that no tensor or two cover
     * @throws IOException if it can't be read
     */
    public static Map<String, Tensor> load(Path path, Device device) throws IOException {
        Format format = Format.of(NAME, path);
        Backend backend = Backends.of(device);
        try (FileChannel channel = FileChannel.open(path);
                TensorScope scope = new TensorScope()) {
            Map<String, Tensor> out = new LinkedHashMap<>();
            Header header = Header.read(channel, format);
            for (Entry e : header.entries()) {
                ByteSource source =
                        ByteSource.of(channel, header.data() + e.from(), header.data() + e.to(), format.file());
                out.put(e.name(), TensorBytes.read(source, e.type(), e.shape(), ByteOrder.LITTLE_ENDIAN, backend));
            }
            out.values().forEach(scope::keep);
            return out;
        }
    }

    /**
     * Reads the texts of the header without the tensors.
     *
     * @throws dev.jangada.FormatException if the file is not valid
     * @throws IOException if it can't be read
     */
    public static Map<String, String> metadata(Path path) throws IOException {
        Format format = Format.of(NAME, path);
        try (FileChannel channel = FileChannel.open(path)) {
            return Header.read(channel, format).metadata();
        }
    }

    /** One tensor; the positions count from the start of the data. */
    private record Entry(String name, DType type, Shape shape, long from, long to) {}

    /** What a file holds; {@code data} is the position behind the header. */
    private record Header(List<Entry> entries, Map<String, String> metadata, long data) {
        static Header read(FileChannel channel, Format format) throws IOException {
            long file = channel.size();
            format.require(file >= 8, "a header of 8 bytes or more", "a file of " + file + " bytes");
            ByteSource source = ByteSource.of(channel, 0, file, format.file());
            long length = ByteBuffer.wrap(source.bytes(8))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            format.require(
                    length >= 2 && length <= Math.min(MOST_HEADER, file - 8),
                    "a header within the file and below " + MOST_HEADER + " bytes",
                    "a length of " + Long.toUnsignedString(length) + " in a file of " + file + " bytes");
            byte[] header = source.bytes((int) length);
            format.require(header[0] == '{', "a header that begins with '{'", "byte " + header[0]);
            if (!(Json.parse(text(header, format), format) instanceof Map<?, ?> json)) {
                throw new AssertionError("an object begins with '{'");
            }
            Map<String, String> metadata = new LinkedHashMap<>();
            List<Entry> entries = new ArrayList<>();
            json.forEach((name, value) -> {
                if (name.equals(METADATA)) {
                    texts(value, metadata, format);
                } else {
                    entries.add(entry((String) name, value, format));
                }
            });
            long data = 8 + length;
            checkCover(entries, file - data, format);
            return new Header(entries, metadata, data);
        }
    }

    private static String text(byte[] header, Format format) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header))
                    .toString();
        } catch (CharacterCodingException e) {
            throw format.invalid("a header in UTF-8", "other bytes");
        }
    }

    private static void texts(Object value, Map<String, String> out, Format format) {
        if (!(value instanceof Map<?, ?> map)) {
            throw format.invalid("an object of texts as " + METADATA, String.valueOf(value));
        }
        map.forEach((key, text) -> {
            format.require(text instanceof String, "texts as metadata", text + " for \"" + key + "\"");
            out.put((String) key, (String) text);
        });
    }

    private static Entry entry(String name, Object value, Format format) {
        if (!(value instanceof Map<?, ?> map)
                || map.size() != 3
                || !(map.get("dtype") instanceof String type)
                || !(map.get("shape") instanceof List<?> sizes)
                || !(map.get("data_offsets") instanceof List<?> offsets)
                || offsets.size() != 2) {
            throw format.invalid("dtype, shape and two data_offsets for \"" + name + "\"", String.valueOf(value));
        }
        DType dtype = type(type, name, format);
        Shape shape = format.shape("\"" + name + "\"", longs(sizes, name, format));
        long[] range = longs(offsets, name, format);
        long bytes = format.bytes("\"" + name + "\"", shape, dtype.size());
        format.require(
                range[0] >= 0 && range[1] >= range[0] && range[1] - range[0] == bytes,
                bytes + " bytes for " + dtype + " " + shape + " of \"" + name + "\"",
                "data_offsets " + offsets);
        return new Entry(name, dtype, shape, range[0], range[1]);
    }

    private static long[] longs(List<?> values, String name, Format format) {
        long[] out = new long[values.size()];
        for (int i = 0; i < out.length; i++) {
            format.require(values.get(i) instanceof Long, "numbers for \"" + name + "\"", values.toString());
            out[i] = (Long) values.get(i);
        }
        return out;
    }

    /** The parts of the tensors must lie behind each other and fill the data. */
    private static void checkCover(List<Entry> entries, long bytes, Format format) {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Entry::from).thenComparingLong(Entry::to));
        long at = 0;
        for (Entry e : sorted) {
            format.require(
                    e.from() == at,
                    "tensors without holes or overlaps",
                    "\"" + e.name() + "\" at " + e.from() + " instead of " + at);
            at = e.to();
        }
        format.require(at == bytes, at + " bytes of data", bytes + " bytes");
    }

    // ---- types

    private static String name(DType type) {
        return switch (type) {
            case BOOL -> "BOOL";
            case UINT8 -> "U8";
            case INT8 -> "I8";
            case INT16 -> "I16";
            case INT32 -> "I32";
            case INT64 -> "I64";
            case FLOAT16 -> "F16";
            case BFLOAT16 -> "BF16";
            case FLOAT32 -> "F32";
            case FLOAT64 -> "F64";
        };
    }

    private static DType type(String name, String tensor, Format format) {
        for (DType type : DType.values()) {
            if (name(type).equals(name)) {
                return type;
            }
        }
        throw format.invalid("an element type such as F32 or I64", name + " for \"" + tensor + "\"");
    }
}
