package dev.jangada.io;

import dev.jangada.Device;
import dev.jangada.FormatException;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Backends;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * PyTorch's own files: {@code torch.load} and {@code torch.save} for tensors, numbers, texts and nested dictionaries and lists of them.
 *
 * <p>Tensors that share memory in the file share memory here, with their strides and offsets, and the other way round. A file can't run code:
 * whatever is not a tensor or a plain container is refused. Files from before PyTorch 1.6 are read, too.
 *
 * <pre>{@code
 * model.loadStateDict(TorchFile.loadStateDict(Path.of("model.pt")));
 * TorchFile.save(path, Map.of("model", model.stateDict(), "epoch", 3));
 * }</pre>
 *
 * <p>Source: {@code torch.save}, {@code torch.load(weights_only=True)}.
 */
public final class TorchFile {
    private static final String NAME = "torch";
    private static final long MOST_PICKLE = 64L << 20;
    private static final int ZIP = 0x504b0304;
    private static final String LEGACY_MAGIC = "119547037146038801333356";
    private static final long LEGACY_PROTOCOL = 1001;

    private TorchFile() {}

    // ---- writing

    /**
     * Writes a tensor, or a map or list of tensors, numbers, texts, booleans, null and further maps and lists. The keys of maps are texts or
     * whole numbers. If it fails, an older file stays as it was.
     *
     * @param path the file; its folder must exist
     * @throws dev.jangada.ArgumentException if the value holds something else, or itself
     * @throws dev.jangada.ClosedTensorException if a tensor is closed
     * @throws IOException if the file can't be written
     */
    public static void save(Path path, Object value) throws IOException {
        Objects.requireNonNull(path, "path is null");
        try (TensorScope scope = new TensorScope()) {
            Pickler pickler = new Pickler();
            byte[] pickle = pickler.write(value);
            AtomicFile.write(path, channel -> {
                try (ZipWriter zip = new ZipWriter(channel)) {
                    zip.add("archive/data.pkl", pickle);
                    zip.add("archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
                    for (int i = 0; i < pickler.storages().size(); i++) {
                        Tensor elements = pickler.storages().get(i);
                        zip.add("archive/data/" + i, sink -> TensorBytes.write(elements, sink));
                    }
                    zip.add("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
                }
            });
        }
    }

    // ---- reading

    /** As {@link #load(Path, Device)}, on the default device. */
    public static Object load(Path path) throws IOException {
        return load(path, Device.best());
    }

    /**
     * Reads what a file holds: a {@link Tensor}, Map (keys are String or Long, rarely Double or Boolean), List, Long, Double, Boolean, String or
     * null; maps and lists can't be changed. A tensor requires a gradient if it did when it was saved.
     *
     * @param device where the tensors are put, wherever they came from
     * @throws FormatException if it is no such file, is damaged, or holds anything else
     * @throws IOException if it can't be read
     */
    public static Object load(Path path, Device device) throws IOException {
        Format format = Format.of(NAME, path);
        Backend backend = Backends.of(device);
        try (TensorScope scope = new TensorScope()) {
            Object out = isZip(path) ? zip(path, format, backend) : legacy(path, format, backend);
            keep(out, scope);
            return out;
        }
    }

    /**
     * Reads a file that holds a dictionary of tensors by name, such as the state of a module.
     *
     * @throws FormatException if it holds anything else; {@link #load(Path)} reads that
     */
    public static Map<String, Tensor> loadStateDict(Path path) throws IOException {
        return loadStateDict(path, Device.best());
    }

    /** As {@link #loadStateDict(Path)}, on a device. */
    public static Map<String, Tensor> loadStateDict(Path path, Device device) throws IOException {
        Format format = Format.of(NAME, path);
        try (TensorScope scope = new TensorScope()) {
            if (!(load(path, device) instanceof Map<?, ?> map)) {
                throw format.invalid("a dictionary of tensors", "something else");
            }
            Map<String, Tensor> out = new LinkedHashMap<>();
            map.forEach((key, value) -> {
                if (!(key instanceof String name) || !(value instanceof Tensor t)) {
                    throw new FormatException(
                            "[torch] expected a dictionary of tensors, got something else for the key " + key + " in "
                                    + format.file() + "; read it with load(path) and pass the part with the weights");
                }
                out.put(name, t);
            });
            out.values().forEach(scope::keep);
            return out;
        }
    }

    private static void keep(Object value, TensorScope scope) {
        if (value instanceof Tensor t) {
            scope.keep(t);
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(v -> keep(v, scope));
        } else if (value instanceof List<?> list) {
            list.forEach(v -> keep(v, scope));
        }
    }

    private static boolean isZip(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path)) {
            ByteBuffer b = ByteBuffer.allocate(4);
            return channel.size() >= 4 && channel.read(b, 0) == 4 && b.getInt(0) == ZIP;
        }
    }

    private static Object zip(Path path, Format format, Backend backend) throws IOException {
        try (ZipArchive zip = ZipArchive.open(path, format)) {
            String pickle = zip.members().keySet().stream()
                    .filter(n -> n.endsWith("/data.pkl") && n.indexOf('/') == n.length() - "/data.pkl".length())
                    .findFirst()
                    .orElseThrow(() -> format.invalid("a member data.pkl in a folder", "none"));
            String folder = pickle.substring(0, pickle.indexOf('/') + 1);
            ByteSource bytes = zip.read(zip.members().get(pickle));
            format.require(
                    bytes.remaining() <= MOST_PICKLE,
                    "a pickle below " + MOST_PICKLE + " bytes",
                    bytes.remaining() + "");
            byte[] text = bytes.bytes((int) bytes.remaining());
            PickleInput in = new PickleInput(new ByteArrayInputStream(text), text.length, format);
            ZipStorages source = new ZipStorages(zip, folder + "data/", format);
            TorchStorages storages = new TorchStorages(source, backend, format);
            Object out = Plain.of(new Unpickler(in, storages, format).read(), format);
            storages.fill(byteOrder(zip, folder, format));
            return out;
        }
    }

    private static ByteOrder byteOrder(ZipArchive zip, String folder, Format format) throws IOException {
        ZipArchive.Member m = zip.members().get(folder + "byteorder");
        if (m == null) { // written since PyTorch 2.1
            return ByteOrder.LITTLE_ENDIAN;
        }
        format.require(m.size() <= 6, "little or big as byte order", m.size() + " bytes");
        String name = new String(zip.read(m).bytes((int) m.size()), StandardCharsets.ISO_8859_1);
        format.require(name.equals("little") || name.equals("big"), "little or big as byte order", name);
        return name.equals("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    private record ZipStorages(ZipArchive zip, String folder, Format format) implements TorchStorages.Source {
        @Override
        public void check(String key, long bytes) {
            ZipArchive.Member m = zip.members().get(folder + key);
            format.require(m != null, "a member " + folder + key, "none");
            format.require(m.size() == bytes, bytes + " bytes in " + m.name(), String.valueOf(m.size()));
        }

        @Override
        public ByteSource open(String key) throws IOException {
            return zip.read(zip.members().get(folder + key));
        }
    }

    // ---- files from before PyTorch 1.6: pickles of a magic number, a version, the system, the object and the keys,
    // then the elements

    private static Object legacy(Path path, Format format, Backend backend) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
                InputStream stream = new BufferedInputStream(Channels.newInputStream(channel))) {
            long size = channel.size();
            PickleInput in = new PickleInput(stream, Math.min(size, MOST_PICKLE), format);
            boolean magic = LEGACY_MAGIC.equals(String.valueOf(new Unpickler(in, none(format), format).read()));
            format.require(magic, "a file of PyTorch", "another one");
            Object version = new Unpickler(in, none(format), format).read();
            format.require(Objects.equals(version, LEGACY_PROTOCOL), "version " + LEGACY_PROTOCOL, "another one");
            Object system = new Unpickler(in, none(format), format).read();
            boolean big = system instanceof Map<?, ?> map && Boolean.FALSE.equals(map.get("little_endian"));
            ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;

            LegacyStorages source = new LegacyStorages(channel, format);
            TorchStorages storages = new TorchStorages(source, backend, format);
            Object out = Plain.of(new Unpickler(in, storages, format).read(), format);
            Object keys = new Unpickler(in, none(format), format).read();
            source.locate(keys, storages, in.position(), order);
            storages.fill(order);
            return out;
        }
    }

    /** Refuses tensors where there are none. */
    private static Unpickler.Tensors none(Format format) {
        return new Unpickler.Tensors() {
            @Override
            public Object storage(List<?> id) {
                throw format.invalid("a number or a plain container", "a storage");
            }

            @Override
            public Object tensor(Unpickler.Function function, List<?> arguments) {
                throw format.invalid("a number or a plain container", "a tensor");
            }
        };
    }

    private static final class LegacyStorages implements TorchStorages.Source {
        private final FileChannel channel;
        private final Format format;
        private final long size;
        private final Map<String, ByteSource> sources = new HashMap<>();
        private long total;

        LegacyStorages(FileChannel channel, Format format) throws IOException {
            this.channel = channel;
            this.format = format;
            this.size = channel.size();
        }

        /** Where each lies is known later; all of them together must fit into the file. */
        @Override
        public void check(String key, long bytes) {
            format.require(bytes <= size - total, "storages that fit into " + size + " bytes", bytes + " for " + key);
            total += bytes;
        }

        /** The elements follow in the order of the keys, each with their number before. */
        void locate(Object keys, TorchStorages storages, long start, ByteOrder order) throws IOException {
            if (!(keys instanceof List<?> list) || list.size() != storages.count()) {
                throw format.invalid("a list of " + storages.count() + " storages", "something else");
            }
            long at = start;
            for (Object key : list) {
                Tensor elements = storages.elements(String.valueOf(key));
                long bytes = elements.numel() * elements.dtype().size();
                format.require(at <= size - 8 - bytes, "the elements of storage " + key, "the end of the file");
                byte[] count = ByteSource.of(channel, at, size, format.file()).bytes(8);
                long numel = ByteBuffer.wrap(count).order(order).getLong();
                format.require(numel == elements.numel(), elements.numel() + " elements in storage " + key, numel + "");
                sources.put((String) key, ByteSource.of(channel, at + 8, at + 8 + bytes, format.file()));
                at += 8 + bytes;
            }
            format.require(sources.size() == storages.count(), "each storage once", "one twice");
            format.require(at == size, "a file of " + at + " bytes", size + "");
        }

        @Override
        public ByteSource open(String key) {
            return sources.get(key);
        }
    }
}
