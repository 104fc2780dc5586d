package dev.jangada.io;

import dev.jangada.Device;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Backends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Named tensors in NumPy's zip files: {@code numpy.load}, {@code numpy.savez}; read are those of {@code numpy.savez_compressed}, too.
 *
 * <p>Checksums are verified. Compressed members may grow to 1 GiB together or to 64 times the file, whichever is more. NumPy has no
 * bfloat16. Source: {@code numpy.savez}.
 */
public final class Npz {
    private static final String NAME = "npz";
    private static final String ENDING = ".npy";

    private Npz() {}

    /**
     * Writes tensors by name, of any layout and device, without compression. If it fails, an older file stays as it was.
     *
     * @param path the file; its folder must exist
     * @throws dev.jangada.DTypeException if a tensor is of type bfloat16
     * @throws dev.jangada.ArgumentException if a name is longer than 65,000 bytes, or a name or tensor is null
     * @throws dev.jangada.ClosedTensorException if a tensor is closed
     * @throws IOException if the file can't be written
     */
    public static void save(Path path, Map<String, Tensor> tensors) throws IOException {
        Objects.requireNonNull(path, "path is null");
        Format.checkOpen(NAME, tensors);
        tensors.forEach((name, tensor) -> {
            Format.checkName(NAME, name);
            Npy.checkType(NAME, tensor);
        });
        AtomicFile.write(path, channel -> {
            try (ZipWriter zip = new ZipWriter(channel)) {
                for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
                    zip.add(e.getKey() + ENDING, sink -> Npy.write(e.getValue(), sink));
                }
            }
        });
    }

    /** As {@link #load(Path, Device)}, on the default device. */
    public static Map<String, Tensor> load(Path path) throws IOException {
        return load(path, Device.best());
    }

    /**
     * Reads all tensors by name, in the order of the file.
     *
     * @throws dev.jangada.FormatException if it is no such file, holds something else than arrays, or is damaged
     * @throws IOException if it can't be read
     */
    public static Map<String, Tensor> load(Path path, Device device) throws IOException {
        Format format = Format.of(NAME, path);
        Backend backend = Backends.of(device);
        try (ZipArchive zip = ZipArchive.open(path, format);
                TensorScope scope = new TensorScope()) {
            Map<String, Tensor> out = new LinkedHashMap<>();
            for (ZipArchive.Member m : zip.members().values()) {
                format.require(m.name().endsWith(ENDING), "members named *.npy", m.name());
                String name = m.name().substring(0, m.name().length() - ENDING.length());
                out.put(name, Npy.read(zip.read(m), format, m.name(), backend));
            }
            out.values().forEach(scope::keep);
            return out;
        }
    }
}
