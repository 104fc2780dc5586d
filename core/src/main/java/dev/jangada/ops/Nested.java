package dev.jangada.ops;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Tensors from nested Java arrays and lists, with the element type inferred. Source: {@code torch.tensor}. */
public final class Nested {
    private final List<Object> leaves = new ArrayList<>();
    private long[] sizes = {};

    private Nested() {}

    /**
     * A tensor of nested arrays or lists of numbers and truth values.
     *
     * <p>Floating point numbers give float32 (only {@code double[]} and {@code Double} alike), integers int64, truth values bool; mixed ones
     * the widest of these.
     */
    public static Tensor of(Object data) {
        Nested n = read(data);
        DType type = DType.BOOL;
        for (Object leaf : n.leaves) {
            DType t = scalar(leaf).dtype();
            type = DType.promote(type, t == DType.FLOAT64 ? Promotion.DEFAULT_FLOAT : t);
        }
        return n.build(n.leaves.isEmpty() ? Promotion.DEFAULT_FLOAT : type);
    }

    /** As {@link #of(Object)} with a given type; numbers are converted. */
    public static Tensor of(Object data, DType type) {
        return read(data).build(type);
    }

    private static Nested read(Object data) {
        Nested n = new Nested();
        n.sizes = new long[depth(data)];
        Arrays.fill(n.sizes, -1);
        n.collect(data, 0);
        for (int i = 0; i < n.sizes.length; i++) {
            n.sizes[i] = Math.max(0, n.sizes[i]);
        }
        return n;
    }

    private static boolean isSequence(Object o) {
        return o instanceof List<?> || o.getClass().isArray();
    }

    private static int length(Object o) {
        return o instanceof List<?> l ? l.size() : Array.getLength(o);
    }

    private static Object get(Object o, int i) {
        return o instanceof List<?> l ? l.get(i) : Array.get(o, i);
    }

    /** How deep the first elements are nested. */
    private static int depth(Object data) {
        int depth = 0;
        Object o = data;
        while (isSequence(o)) {
            depth++;
            if (length(o) == 0) {
                break;
            }
            o = get(o, 0);
        }
        return depth;
    }

    private void collect(Object o, int level) {
        if (level == sizes.length) {
            Checks.value(!isSequence(o), "ofNested", "expected numbers at depth " + level + ", got a sequence");
            leaves.add(o);
            return;
        }
        Checks.value(
                isSequence(o),
                "ofNested",
                "expected a sequence at depth " + level + ", got "
                        + o.getClass().getName());
        int n = length(o);
        Checks.value(
                sizes[level] < 0 || sizes[level] == n,
                "ofNested",
                "expected sequences of one length " + sizes[level] + " at dimension " + level + ", got one of " + n);
        sizes[level] = n;
        for (int i = 0; i < n; i++) {
            collect(get(o, i), level + 1);
        }
    }

    private static Scalar scalar(Object o) {
        if (o instanceof Boolean b) {
            return Scalar.of(b);
        } else if (o instanceof Double || o instanceof Float) {
            return Scalar.of(((Number) o).doubleValue());
        } else if (o instanceof Number n) {
            return Scalar.of(n.longValue());
        } else if (o instanceof Scalar s) {
            return s;
        }
        throw new ArgumentException("[ofNested] expected numbers or truth values, got "
                + o.getClass().getName());
    }

    private Tensor build(DType type) {
        Tensor flat;
        if (type.isFloatingPoint()) {
            double[] values = new double[leaves.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = scalar(leaves.get(i)).toDouble();
            }
            flat = HostData.of(values, type);
        } else {
            long[] values = new long[leaves.size()];
            for (int i = 0; i < values.length; i++) {
                Scalar s = scalar(leaves.get(i));
                values[i] = type == DType.BOOL ? (s.toDouble() != 0 ? 1 : 0) : s.toLong();
            }
            flat = HostData.of(values, type);
        }
        Tensor out = Access.alias(
                Access.operand(flat).with(dev.jangada.backend.Layout.contiguous(dev.jangada.Shape.of(sizes))));
        flat.close();
        return out;
    }
}
