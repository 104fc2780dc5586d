package dev.jangada.io;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Layout;
import dev.jangada.ops.Access;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The storages of a PyTorch file and the tensors on them: those that share a storage in the file share one here.
 *
 * <p>The elements are read when the pickle is understood, in {@link #fill}; until then the storages are allocated and undefined.
 */
final class TorchStorages implements Unpickler.Tensors {
    /** Where the elements lie. */
    interface Source {
        /** Requires that the file has so many bytes for a storage. */
        void check(String key, long bytes);

        /** Returns them. */
        ByteSource open(String key) throws IOException;
    }

    private record Stored(String key, Tensor elements) {}

    private final Source source;
    private final Backend backend;
    private final Format format;
    private final Map<String, Stored> storages = new LinkedHashMap<>();

    TorchStorages(Source source, Backend backend, Format format) {
        this.source = source;
        this.backend = backend;
        this.format = format;
    }

    /** Reads the elements of all storages. */
    void fill(ByteOrder order) throws IOException {
        for (Stored s : storages.values()) {
            if (s.elements.numel() > 0) {
                TensorBytes.fill(s.elements, source.open(s.key), order);
            }
        }
    }

    /** Returns the elements of a storage as a tensor of one dimension. */
    Tensor elements(String key) {
        Stored s = storages.get(key);
        format.require(s != null, "a storage that a tensor uses", "\"" + key + "\"");
        return s.elements;
    }

    int count() {
        return storages.size();
    }

    /** The tuple ('storage', type, key, device, number of elements); old files append a view, which is always None. */
    @Override
    public Object storage(List<?> id) {
        if (id.size() < 5
                || id.size() > 6
                || !"storage".equals(id.get(0))
                || !(id.get(1) instanceof DType type)
                || !(id.get(2) instanceof String key)
                || !(id.get(4) instanceof Long numel)
                || numel < 0
                || (id.size() == 6 && id.get(5) != null)) {
            throw format.invalid("a reference to a storage", "another persistent id");
        }
        Stored before = storages.get(key);
        if (before != null) {
            format.require(
                    before.elements.dtype() == type && before.elements.numel() == numel,
                    "storage \"" + key + "\" with " + before.elements.numel() + " elements of "
                            + before.elements.dtype(),
                    numel + " of " + type);
            return before;
        }
        Shape shape = format.shape("storage \"" + key + "\"", new long[] {numel});
        source.check(key, format.bytes("storage \"" + key + "\"", shape, type.size()));
        Stored stored = new Stored(key, TensorBytes.allocate(type, shape, backend));
        storages.put(key, stored);
        return stored;
    }

    /** The arguments are storage, offset, sizes, strides, and in version 2 requires_grad and hooks; those of a parameter the tensor and a flag. */
    @Override
    public Object tensor(Unpickler.Function function, List<?> arguments) {
        if (function == Unpickler.Function.PARAMETER) {
            boolean valid = arguments.size() == 3 && arguments.get(0) instanceof Tensor;
            format.require(valid, "a tensor for a parameter", "other arguments");
            return requireGrad((Tensor) arguments.get(0), arguments.get(1));
        }
        int least = function == Unpickler.Function.TENSOR ? 4 : 6; // later releases append metadata
        if (arguments.size() < least
                || arguments.size() > least + 1
                || !(arguments.get(0) instanceof Stored stored)
                || !(arguments.get(1) instanceof Long offset)
                || offset < 0) {
            throw format.invalid("storage, offset, sizes and strides for a tensor", "other arguments");
        }
        long[] sizes = longs(arguments.get(2));
        long[] strides = longs(arguments.get(3));
        Tensor view = view(stored, sizes, strides, offset);
        return least == 4 ? view : requireGrad(view, arguments.get(4));
    }

    private Tensor view(Stored stored, long[] sizes, long[] strides, long offset) {
        String what = "a tensor on storage \"" + stored.key + "\"";
        Shape shape = format.shape(what, sizes);
        boolean valid = strides.length == sizes.length && Arrays.stream(strides).allMatch(s -> s >= 0);
        format.require(valid, "as many strides as sizes, none negative", Arrays.toString(strides) + " for " + what);
        Layout layout = Layout.of(shape, strides, shape.numel() == 0 ? 0 : offset);
        long span;
        try {
            span = layout.span();
        } catch (ArithmeticException e) {
            span = Long.MAX_VALUE;
        }
        long room = stored.elements.numel();
        format.require(
                span <= room,
                "a view of the " + room + " elements of storage \"" + stored.key + "\"",
                layout.toString());
        return Access.alias(Access.operand(stored.elements).with(layout));
    }

    private long[] longs(Object tuple) {
        List<?> items = tuple instanceof Unpickler.Tuple t ? t.items() : List.of("none");
        format.require(
                items.size() <= 64 && items.stream().allMatch(Long.class::isInstance),
                "a tuple of at most 64 numbers as sizes and strides",
                "something else");
        return items.stream().mapToLong(Long.class::cast).toArray();
    }

    private Tensor requireGrad(Tensor t, Object flag) {
        format.require(flag instanceof Boolean, "True or False as requires_grad", String.valueOf(flag));
        boolean possible = t.dtype().isFloatingPoint() || Boolean.FALSE.equals(flag);
        format.require(
                possible,
                "floating point tensors that require gradients",
                t.dtype().toString());
        return t.requiresGrad_(Boolean.TRUE.equals(flag));
    }
}
