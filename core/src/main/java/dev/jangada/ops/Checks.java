package dev.jangada.ops;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.DeviceException;
import dev.jangada.IndexException;
import dev.jangada.Shape;
import dev.jangada.ShapeException;
import dev.jangada.Tensor;
import dev.jangada.backend.Backend;
import dev.jangada.backend.Operand;

/** The argument checks of all operations: one voice for all messages. Each is called before any work is done. */
public final class Checks {
    private Checks() {}

    /** Returns the common backend of operands. */
    static Backend sameDevice(String op, Operand... operands) {
        Backend first = operands[0].storage().backend();
        for (Operand o : operands) {
            if (o.storage().backend() != first) {
                throw new DeviceException("[" + op + "] expected all tensors on one device, got " + first.device()
                        + " and " + o.storage().device() + "; move one of them with to(device)");
            }
        }
        return first;
    }

    /** Returns the dimension number in {@code [0, rank)}; a scalar accepts 0 and -1. */
    public static int dim(String op, int dim, int rank) {
        int n = Math.max(rank, 1);
        if (dim < -n || dim >= n) {
            throw new IndexException("[" + op + "] expected a dimension in [" + -n + ", " + (n - 1) + "], got " + dim);
        }
        return dim < 0 ? dim + n : dim;
    }

    /** Returns dimension numbers in {@code [0, rank)}, each at most once. */
    public static int[] dims(String op, int[] dims, int rank) {
        int[] out = new int[dims.length];
        long seen = 0;
        for (int i = 0; i < dims.length; i++) {
            out[i] = dim(op, dims[i], rank);
            if ((seen >> out[i] & 1) != 0) {
                throw new ArgumentException(
                        "[" + op + "] expected each dimension once, got dimension " + out[i] + " several times");
            }
            seen |= 1L << out[i];
        }
        return out;
    }

    /** Requires that a condition on values holds. */
    public static void value(boolean ok, String op, String message) {
        if (!ok) {
            throw new ArgumentException("[" + op + "] " + message);
        }
    }

    /** Requires that a condition on shapes holds. */
    public static void shape(boolean ok, String op, String message) {
        if (!ok) {
            throw new ShapeException("[" + op + "] " + message);
        }
    }

    /** Requires that a condition on indices holds. */
    public static void index(boolean ok, String op, String message) {
        if (!ok) {
            throw new IndexException("[" + op + "] " + message);
        }
    }

    /** Returns the exception of a kernel that met an index out of range, with the name of the operation that users know and what to do. */
    static IndexException outOfRange(String op, IndexException e, String advice) {
        String rest = e.getMessage().substring(e.getMessage().indexOf(']') + 1);
        return new IndexException("[" + op + "]" + rest + "; " + advice, e);
    }

    /** Requires that a condition on element types holds. */
    public static void dtype(boolean ok, String op, String message) {
        if (!ok) {
            throw new DTypeException("[" + op + "] " + message);
        }
    }

    /** Requires a floating point tensor. */
    public static void floating(String op, Tensor t) {
        if (!t.dtype().isFloatingPoint()) {
            throw new DTypeException("[" + op + "] expected a floating point tensor, got " + t.dtype()
                    + "; convert it with to(DType.FLOAT32)");
        }
    }

    /** Requires that a result may be stored in a tensor that is changed in place. */
    static void storable(String op, DType result, DType target) {
        dtype(
                Promotion.canCast(result, target),
                op,
                "expected a result that fits into " + target + ", got " + result
                        + "; use the out-of-place form, or convert the tensor with" + " to(DType." + result.name()
                        + ")");
    }

    /** Requires that the broadcast shape of an in-place operation is the changed tensor's. */
    static void inPlaceShape(String op, Shape self, Shape result) {
        shape(
                self.equals(result),
                op,
                "expected operands that broadcast to the changed tensor's shape " + self + ", got " + result
                        + "; use the out-of-place form");
    }
}
