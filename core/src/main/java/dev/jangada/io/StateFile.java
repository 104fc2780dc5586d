package dev.jangada.io;

import dev.jangada.ArgumentException;
import dev.jangada.Device;
import dev.jangada.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Named tensors in the format that the ending of the file's name says: {@code .safetensors}, {@code .npz}, {@code .pt} or {@code .pth}.
 *
 * <pre>{@code
 * StateFile.save(Path.of("model.safetensors"), model.stateDict());
 * model.loadStateDict(StateFile.load(Path.of("model.safetensors")));
 * }</pre>
 */
public final class StateFile {
    private enum Kind {
        SAFETENSORS,
        NPZ,
        TORCH;

        static Kind of(Path path) {
            String name =
                    Objects.requireNonNull(path, "path is null").toString().toLowerCase(Locale.ROOT);
            if (name.endsWith(".safetensors")) {
                return SAFETENSORS;
            }
            if (name.endsWith(".npz")) {
                return NPZ;
            }
            if (name.endsWith(".pt") || name.endsWith(".pth")) {
                return TORCH;
            }
            throw new ArgumentException("[stateFile] expected a name that ends in .safetensors, .npz, .pt or .pth, got "
                    + path + "; rename it, or call Safetensors, Npz or TorchFile");
        }
    }

    private StateFile() {}

    /**
     * Writes tensors by name. If it fails, an older file stays as it was.
     *
     * @throws ArgumentException if the name has another ending
     * @throws dev.jangada.DTypeException if a bfloat16 tensor is to be written as {@code .npz}
     * @throws dev.jangada.ClosedTensorException if a tensor is closed
     * @throws IOException if the file can't be written
     */
    public static void save(Path path, Map<String, Tensor> tensors) throws IOException {
        switch (Kind.of(path)) {
            case SAFETENSORS -> Safetensors.save(path, tensors);
            case NPZ -> Npz.save(path, tensors);
            case TORCH -> TorchFile.save(path, tensors);
        }
    }

    /** As {@link #load(Path, Device)}, on the default device. */
    public static Map<String, Tensor> load(Path path) throws IOException {
        return load(path, Device.best());
    }

    /**
     * Reads tensors by name.
     *
     * @throws ArgumentException if the name has another ending
     * @throws dev.jangada.FormatException if the file is not valid or holds anything else
     * @throws IOException if it can't be read
     */
    public static Map<String, Tensor> load(Path path, Device device) throws IOException {
        return switch (Kind.of(path)) {
            case SAFETENSORS -> Safetensors.load(path, device);
            case NPZ -> Npz.load(path, device);
            case TORCH -> TorchFile.loadStateDict(path, device);
        };
    }
}
