package dev.jangada.io;

import dev.jangada.Tensor;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an {@link Unpickler} has read, made plain: unmodifiable maps and lists of tensors, Long, Double, Boolean, String and null.
 *
 * <p>Containers that hold themselves are refused, and those whose parts are shared so often that walking through them would never end.
 */
final class Plain {
    private static final int MOST_LEVELS = 200;
    private static final long MOST_VISITS = 20_000_000;

    private final Format format;
    private final Map<Object, Done> done = new IdentityHashMap<>();

    /** A container that is finished, and how many visits a walk through it takes; null while it is being made. */
    private record Done(Object value, long visits) {}

    private long visits;

    private Plain(Format format) {
        this.format = format;
    }

    /** Returns the plain form of an object. */
    static Object of(Object read, Format format) {
        return new Plain(format).plain(read, 0);
    }

    private Object plain(Object read, int level) {
        visit(1);
        if (read == null
                || read instanceof Tensor
                || read instanceof Long
                || read instanceof Double
                || read instanceof Boolean
                || read instanceof String) {
            return read;
        }
        format.require(!(read instanceof BigInteger), "integers of 64 bits", "a larger one");
        boolean container = read instanceof Map || read instanceof List || read instanceof Unpickler.Tuple;
        format.require(container, "tensors, numbers, texts and containers", "a bare function or storage");
        format.require(level < MOST_LEVELS, "at most " + MOST_LEVELS + " levels of containers", "more");
        if (done.containsKey(read)) {
            Done before = done.get(read);
            format.require(before != null, "containers that do not hold themselves", "one that does");
            visit(before.visits);
            return before.value;
        }
        done.put(read, null);
        long start = visits;
        Object out = contents(read, level + 1);
        done.put(read, new Done(out, visits - start));
        return out;
    }

    private Object contents(Object read, int level) {
        if (read instanceof Map<?, ?> map) {
            Map<Object, Object> out = new LinkedHashMap<>();
            map.forEach((key, value) -> out.put(key, plain(value, level)));
            return Collections.unmodifiableMap(out);
        }
        List<?> items = read instanceof Unpickler.Tuple tuple ? tuple.items() : (List<?>) read;
        List<Object> out = new ArrayList<>(items.size());
        items.forEach(item -> out.add(plain(item, level)));
        return Collections.unmodifiableList(out);
    }

    private void visit(long n) {
        visits += n;
        format.require(visits <= MOST_VISITS, "at most " + MOST_VISITS + " values", "more");
    }
}
