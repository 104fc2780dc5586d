package dev.jangada.io;

import dev.jangada.DType;
import dev.jangada.FormatException;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads Python's pickles as PyTorch writes them, and nothing else: dictionaries, lists, tuples, numbers, texts and tensors.
 *
 * <p>A pickle is a program for a machine with a stack. This machine calls nothing that the file names: a name is looked up among
 * {@link Function}'s constants or refused, so that a hostile file runs no code. Objects are counted, so that it exhausts no memory either.
 *
 * <p>Source: Python's {@code pickletools}, protocols 2 to 5; {@code torch._weights_only_unpickler}.
 */
final class Unpickler {
    private static final int MOST_OBJECTS = 2_000_000;
    private static final int MOST_STACK = 1_000_000;
    private static final BigInteger LOWEST = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger HIGHEST = BigInteger.valueOf(Long.MAX_VALUE);

    /** What a pickle may ask for, by its Python name. */
    enum Function {
        ORDERED_DICT("collections", "OrderedDict"),
        SIZE("torch", "Size"),
        TENSOR_V2("torch._utils", "_rebuild_tensor_v2"),
        TENSOR("torch._utils", "_rebuild_tensor"),
        PARAMETER("torch._utils", "_rebuild_parameter");

        private final String module;
        private final String function;

        Function(String module, String function) {
            this.module = module;
            this.function = function;
        }
    }

    /** What becomes of a reference to the elements, and of the tensors made of them. */
    interface Tensors {
        /** Returns the storage that a persistent id names. */
        Object storage(List<?> id);

        /** Returns the tensor that a call asks for. */
        Object tensor(Function function, List<?> arguments);
    }

    /** A tuple, which can't be changed, unlike a list. */
    record Tuple(List<Object> items) {}

    private final PickleInput in;
    private final Tensors tensors;
    private final Format format;
    private final Map<Integer, Object> memo = new HashMap<>();
    private final List<Object> stack = new ArrayList<>();
    private final List<Integer> marks = new ArrayList<>();
    private int objects;

    Unpickler(PickleInput in, Tensors tensors, Format format) {
        this.in = in;
        this.tensors = tensors;
        this.format = format;
    }

    /** Reads one pickle. Dictionaries are LinkedHashMaps, lists ArrayLists; {@link Plain} makes them plain and finds cycles. */
    Object read() throws IOException {
        int code = in.u8();
        while (code != '.') {
            step(code);
            format.require(stack.size() <= MOST_STACK, "a stack below " + MOST_STACK, "more at " + in.position());
            code = in.u8();
        }
        format.require(stack.size() == 1 && marks.isEmpty(), "one object", stack.size() + " at the end of the pickle");
        return pop();
    }

    private void step(int code) throws IOException {
        switch (code) {
            case 0x80 -> protocol(in.u8());
            case 0x95 -> in.i64(); // a frame, which only helps to read ahead
            case '(' -> marks.add(stack.size());
            case '0' -> pop();
            case '1' -> popMark();
            case '2' -> push(top());
            case 'N' -> push(null);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'K' -> push((long) in.u8());
            case 'M' -> push((long) in.u16());
            case 'J' -> push((long) in.i32());
            case 0x8a -> push(integer(in.u8()));
            case 0x8b -> push(integer(in.i32()));
            case 'G' -> push(in.bigEndianDouble());
            case 'X' -> push(count(in.text(in.u32())));
            case 0x8c -> push(count(in.text(in.u8())));
            case 0x8d -> push(count(in.text(in.i64())));
            case 'q' -> memo.put(in.u8(), count(top()));
            case 'r' -> memo.put(in.i32(), count(top()));
            case 0x94 -> memo.put(memo.size(), count(top()));
            case 'h' -> recall(in.u8());
            case 'j' -> recall(in.i32());
            default -> container(code);
        }
    }

    private void container(int code) throws IOException {
        switch (code) {
            case '}' -> push(count(new LinkedHashMap<Object, Object>(4)));
            case ']' -> push(count(new ArrayList<Object>(0)));
            case 'd' -> push(put(count(new LinkedHashMap<Object, Object>(4)), popMark()));
            case 'l' -> push(count(popMark()));
            case ')' -> push(tuple(List.of()));
            case 't' -> push(tuple(popMark()));
            case 0x85 -> push(tuple(popLast(1)));
            case 0x86 -> push(tuple(popLast(2)));
            case 0x87 -> push(tuple(popLast(3)));
            case 's' -> {
                List<Object> items = popLast(2);
                put(top(), items);
            }
            case 'u' -> {
                List<Object> items = popMark();
                put(top(), items);
            }
            case 'a' -> {
                Object item = pop();
                list(top()).add(count(item));
            }
            case 'e' -> {
                List<Object> items = popMark();
                items.forEach(this::count);
                list(top()).addAll(items);
            }
            default -> call(code);
        }
    }

    private void call(int code) throws IOException {
        switch (code) {
            case 'c' -> push(global(in.line(), in.line()));
            case 0x93 -> {
                Object name = pop();
                Object module = pop();
                push(global(String.valueOf(module), String.valueOf(name)));
            }
            case 'R' -> {
                Object arguments = pop();
                push(count(reduce(pop(), arguments)));
            }
            case 'Q' -> {
                if (!(pop() instanceof Tuple id)) {
                    throw format.invalid("a tuple that names a storage", "something else at " + in.position());
                }
                push(count(tensors.storage(id.items)));
            }
            case 'b' -> {
                pop(); // the attributes of a dictionary, which PyTorch's modules keep their version in
                format.require(
                        top() instanceof Map,
                        "attributes of a dictionary",
                        "those of another object at " + in.position());
            }
            default ->
                throw format.invalid(
                        "a pickle of tensors, dictionaries, lists, tuples, numbers and texts",
                        "opcode 0x" + Integer.toHexString(code) + " at " + (in.position() - 1));
        }
    }

    private void protocol(int version) {
        format.require(version >= 2 && version <= 5, "a pickle of protocol 2 to 5", "protocol " + version);
    }

    // ---- the stack

    private FormatException empty() {
        return format.invalid("a valid pickle", "an empty stack at " + in.position());
    }

    private int floor() {
        return marks.isEmpty() ? 0 : marks.get(marks.size() - 1);
    }

    private void push(Object value) {
        stack.add(value);
    }

    private Object pop() {
        if (stack.size() <= floor()) {
            throw empty();
        }
        return stack.remove(stack.size() - 1);
    }

    private Object top() {
        if (stack.size() <= floor()) {
            throw empty();
        }
        return stack.get(stack.size() - 1);
    }

    private List<Object> popLast(int n) {
        if (stack.size() - n < floor()) {
            throw empty();
        }
        return take(stack.size() - n);
    }

    private List<Object> popMark() {
        if (marks.isEmpty()) {
            throw format.invalid("a valid pickle", "no mark on the stack at " + in.position());
        }
        return take(marks.remove(marks.size() - 1));
    }

    private List<Object> take(int from) {
        List<Object> last = stack.subList(from, stack.size());
        List<Object> out = new ArrayList<>(last);
        last.clear();
        return out;
    }

    private void recall(int index) {
        format.require(memo.containsKey(index), "an object known by number " + index, "none at " + in.position());
        push(memo.get(index));
    }

    /** Counts what takes memory. */
    private <T> T count(T value) {
        format.require(++objects <= MOST_OBJECTS, "at most " + MOST_OBJECTS + " objects", "more at " + in.position());
        return value;
    }

    // ---- values

    private Object integer(int bytes) throws IOException {
        format.require(bytes >= 0 && bytes <= 64, "integers of at most 64 bytes", String.valueOf(bytes));
        if (bytes == 0) {
            return 0L;
        }
        byte[] b = in.bytes(bytes);
        for (int i = 0; i < bytes / 2; i++) {
            byte swap = b[i];
            b[i] = b[bytes - 1 - i];
            b[bytes - 1 - i] = swap;
        }
        BigInteger n = new BigInteger(b);
        boolean fits = n.compareTo(LOWEST) >= 0 && n.compareTo(HIGHEST) <= 0;
        return fits ? (Object) n.longValue() : n;
    }

    private Tuple tuple(List<Object> items) {
        items.forEach(this::count);
        return count(new Tuple(Collections.unmodifiableList(items)));
    }

    @SuppressWarnings("unchecked") // this class makes them, all with Object
    private Map<Object, Object> put(Object target, List<Object> items) {
        if (!(target instanceof Map<?, ?>) || items.size() % 2 != 0) {
            throw format.invalid("keys and values for a dictionary", "something else at " + in.position());
        }
        Map<Object, Object> map = (Map<Object, Object>) target;
        for (int i = 0; i < items.size(); i += 2) {
            Object key = items.get(i);
            boolean plain =
                    key instanceof String || key instanceof Long || key instanceof Double || key instanceof Boolean;
            format.require(plain, "texts or numbers as keys", "another key at " + in.position());
            map.put(count(key), items.get(i + 1));
        }
        return map;
    }

    @SuppressWarnings("unchecked") // this class makes them, all of Object
    private List<Object> list(Object target) {
        if (!(target instanceof List<?>)) {
            throw format.invalid("a list to append to", "something else at " + in.position());
        }
        return (List<Object>) target;
    }

    private Object global(String module, String name) {
        for (Function f : Function.values()) {
            if (f.module.equals(module) && f.function.equals(name)) {
                return f;
            }
        }
        if (module.equals("torch")) {
            DType storage = TorchTypes.ofStorage(name);
            if (storage != null) {
                return storage;
            }
        }
        throw format.foreign(module + "." + name + " at " + in.position());
    }

    private Object reduce(Object function, Object arguments) {
        if (!(function instanceof Function f) || !(arguments instanceof Tuple tuple)) {
            throw format.invalid("a call that makes a tensor", "another one at " + in.position());
        }
        return switch (f) {
            case ORDERED_DICT -> orderedDict(tuple.items);
            case SIZE -> {
                format.require(
                        tuple.items.size() == 1 && tuple.items.get(0) instanceof Tuple,
                        "a tuple of sizes",
                        "something else at " + in.position());
                yield tuple.items.get(0);
            }
            case TENSOR, TENSOR_V2, PARAMETER -> tensors.tensor(f, tuple.items);
        };
    }

    /** Python writes {@code OrderedDict()} and sets its entries, older releases {@code OrderedDict([[key, value], …])}. */
    private Map<Object, Object> orderedDict(List<Object> arguments) {
        Map<Object, Object> out = new LinkedHashMap<>(4);
        if (arguments.isEmpty()) {
            return out;
        }
        if (arguments.size() > 1 || !(arguments.get(0) instanceof List<?> pairs)) {
            throw format.invalid("the entries of an OrderedDict", "something else at " + in.position());
        }
        for (Object pair : pairs) {
            List<?> two = pair instanceof Tuple t ? t.items : pair instanceof List<?> l ? l : List.of();
            format.require(two.size() == 2, "keys and values for an OrderedDict", "others at " + in.position());
            put(out, new ArrayList<>(two));
        }
        return out;
    }
}
