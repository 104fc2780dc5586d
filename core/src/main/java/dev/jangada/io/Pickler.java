package dev.jangada.io;

import dev.jangada.ArgumentException;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import dev.jangada.backend.Operand;
import dev.jangada.backend.Storage;
import dev.jangada.ops.Access;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes tensors and plain containers as a pickle of protocol 2 that PyTorch reads, and collects the storages that it names.
 *
 * <p>A storage that several tensors share is written whole, so that they share it again; a view that stands alone takes its own elements only.
 */
final class Pickler {
    private static final int MOST_LEVELS = 200;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Map<Storage, Integer> users = new IdentityHashMap<>();
    private final Map<Storage, Integer> numbers = new IdentityHashMap<>();
    private final List<Tensor> storages = new ArrayList<>();

    /** Returns the elements of each storage, by number. */
    List<Tensor> storages() {
        return storages;
    }

    /** Returns the pickle of a value. */
    byte[] write(Object value) {
        count(value, 0);
        out.write(0x80);
        out.write(2);
        put(value);
        out.write('.');
        return out.toByteArray();
    }

    /** Checks all of it before anything is written. */
    private void count(Object value, int level) {
        if (level > MOST_LEVELS) {
            throw new ArgumentException("[torch] expected at most " + MOST_LEVELS
                    + " levels of maps and lists, got more; does a container hold itself?");
        }
        if (value instanceof Tensor t) {
            users.merge(Access.operand(t).storage(), 1, Integer::sum);
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, v) -> {
                if (!(key instanceof String || isWhole(key))) {
                    throw unknown("texts and whole numbers as keys", key);
                }
                count(v, level + 1);
            });
        } else if (value instanceof List<?> list) {
            list.forEach(v -> count(v, level + 1));
        } else if (!(value == null
                || value instanceof String
                || value instanceof Boolean
                || value instanceof Double
                || value instanceof Float
                || isWhole(value))) {
            throw unknown("tensors, maps, lists, numbers, texts, booleans or null", value);
        }
    }

    private static boolean isWhole(Object value) {
        return value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte;
    }

    private static ArgumentException unknown(String expected, Object value) {
        return new ArgumentException("[torch] expected " + expected + ", got "
                + (value == null ? "null" : value.getClass().getName()) + "; convert it");
    }

    private void put(Object value) {
        if (value == null) {
            out.write('N');
        } else if (value instanceof Tensor t) {
            tensor(t);
        } else if (value instanceof Map<?, ?> map) {
            out.write('}');
            out.write('(');
            map.forEach((key, v) -> {
                put(key);
                put(v);
            });
            out.write('u');
        } else if (value instanceof List<?> list) {
            out.write(']');
            out.write('(');
            list.forEach(this::put);
            out.write('e');
        } else if (value instanceof String text) {
            text(text);
        } else if (value instanceof Boolean flag) {
            out.write(flag ? 0x88 : 0x89);
        } else if (value instanceof Double || value instanceof Float) {
            out.write('G');
            out.writeBytes(ByteBuffer.allocate(8)
                    .putDouble(((Number) value).doubleValue())
                    .array());
        } else {
            whole(((Number) value).longValue());
        }
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void whole(long n) {
        if (n == (int) n) {
            out.write('J');
            out.writeBytes(little(4).putInt((int) n).array());
        } else {
            out.write(0x8a);
            out.write(8);
            out.writeBytes(little(8).putLong(n).array());
        }
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        out.writeBytes(little(4).putInt(bytes.length).array());
        out.writeBytes(bytes);
    }

    private void global(String module, String name) {
        out.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private void tuple(long[] items) {
        out.write('(');
        for (long i : items) {
            whole(i);
        }
        out.write('t');
    }

    /** {@code _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, OrderedDict())}. */
    private void tensor(Tensor t) {
        Operand o = Access.operand(t);
        boolean shared =
                users.get(o.storage()) > 1 && o.storage().bytes() % o.dtype().size() == 0;
        Layout layout = shared ? o.layout() : Layout.contiguous(o.layout().shape());
        global("torch._utils", "_rebuild_tensor_v2");
        out.write('(');
        storage(shared ? sharedStorage(o) : add(t), o);
        whole(layout.offset());
        tuple(layout.shape().toArray());
        tuple(layout.strides());
        put(t.requiresGrad());
        global("collections", "OrderedDict");
        out.write(')');
        out.write('R');
        out.write('t');
        out.write('R');
    }

    private void storage(int number, Operand o) {
        out.write('(');
        text("storage");
        global("torch", TorchTypes.storage(o.dtype()));
        text(Integer.toString(number));
        text("cpu");
        whole(storages.get(number).numel());
        out.write('t');
        out.write('Q');
    }

    private int sharedStorage(Operand o) {
        return numbers.computeIfAbsent(o.storage(), s -> {
            Shape all = Shape.of(s.bytes() / o.dtype().size());
            return add(Access.alias(o.with(Layout.contiguous(all))));
        });
    }

    private int add(Tensor elements) {
        storages.add(elements);
        return storages.size() - 1;
    }
}
