package dev.jangada.conformance;

import dev.jangada.Tensor;
import dev.jangada.io.Npy;
import dev.jangada.io.Npz;
import dev.jangada.io.Safetensors;
import dev.jangada.io.TorchFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Area 11: files of other programs. */
final class FileOps {
    private FileOps() {}

    static void register(Table t) {
        t.add("load_npy", "", c -> load(c, Npy::load));
        t.add("load_npz", "", c -> load(c, Npz::load));
        t.add("load_safetensors", "", c -> load(c, FileOps::safetensors));
        t.add("load_pt", "", c -> load(c, FileOps::torch)); // never more than weights_only allows
    }

    @FunctionalInterface
    private interface Loader {
        Object load(Path path) throws IOException;
    }

    private static Object load(Call c, Loader loader) {
        try {
            return loader.load(c.file("file"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> safetensors(Path path) throws IOException {
        Map<String, Object> out = new LinkedHashMap<>(new TreeMap<>(Safetensors.load(path)));
        Map<String, String> metadata = Safetensors.metadata(path);
        if (!metadata.isEmpty()) {
            out.put("__metadata__", metadata);
        }
        return out;
    }

    private static Map<String, Object> torch(Path path) throws IOException {
        Map<String, Object> out = new LinkedHashMap<>();
        flatten("", TorchFile.load(path), out);
        List<List<String>> shared = shared(out);
        if (!shared.isEmpty()) {
            out.put("__shared__", shared);
        }
        return out;
    }

    private static void flatten(String name, Object value, Map<String, Object> out) {
        if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            map.forEach((key, v) -> flatten(join(name, key), v, out));
        } else if (value instanceof List<?> list && !list.isEmpty()) {
            for (int i = 0; i < list.size(); i++) {
                flatten(join(name, i), list.get(i), out);
            }
        } else {
            out.put(name, value);
        }
    }

    private static String join(String name, Object key) {
        return name.isEmpty() ? String.valueOf(key) : name + "/" + key;
    }

    /** Returns the groups of names whose tensors lie in one storage. */
    private static List<List<String>> shared(Map<String, Object> values) {
        Map<Tensor, List<String>> groups = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (value instanceof Tensor t) {
                Tensor first = groups.keySet().stream()
                        .filter(o -> o.sharesStorage(t))
                        .findFirst()
                        .orElse(t);
                groups.computeIfAbsent(first, k -> new ArrayList<>()).add(name);
            }
        });
        return groups.values().stream().filter(g -> g.size() > 1).toList();
    }
}
