package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Tensor;

/**
 * Type promotion of mixed operands: tensors with dimensions decide, then scalar tensors, then plain numbers; a lower group matters only
 * where its category (bool, integer, float) is higher.
 *
 * <p>Source: PyTorch {@code torch.result_type}, {@code c10/core/ScalarType.h}.
 */
public final class Promotion {
    /** Type of floating point tensors made from plain numbers or integers. */
    public static final DType DEFAULT_FLOAT = DType.FLOAT32;

    private DType dims;
    private DType zero;
    private DType wrapped;

    private Promotion() {}

    /**
     * Returns the common type of operands, each a {@link Tensor} or a {@link Scalar}; those of {@code raw} (a bit per position) take no
     * part.
     */
    public static DType resultType(Object[] operands, int raw) {
        DType same = sameType(operands);
        if (same != null) {
            return same;
        }
        Promotion p = new Promotion();
        for (int i = 0; i < operands.length; i++) {
            if ((raw >> i & 1) == 0) {
                p.include(operands[i]);
            }
        }
        return combine(p.dims, combine(p.zero, p.wrapped));
    }

    /** The usual case without further ado: only tensors of one type. */
    private static DType sameType(Object[] operands) {
        DType type = null;
        for (Object o : operands) {
            if (!(o instanceof Tensor t) || (type != null && t.dtype() != type)) {
                return null;
            }
            type = t.dtype();
        }
        return type;
    }

    /** Returns the common type of two operands, each a {@link Tensor} or a {@link Scalar}. */
    public static DType resultType(Object a, Object b) {
        return resultType(new Object[] {a, b}, 0);
    }

    private void include(Object o) {
        if (o instanceof Tensor t) {
            if (t.dim() > 0) {
                dims = join(dims, t.dtype());
            } else {
                zero = join(zero, t.dtype());
            }
        } else {
            DType kind = ((Scalar) o).dtype();
            wrapped = join(wrapped, kind == DType.FLOAT64 ? DEFAULT_FLOAT : kind);
        }
    }

    private static DType join(DType a, DType b) {
        return a == null ? b : b == null ? a : DType.promote(a, b);
    }

    private static DType combine(DType higher, DType lower) {
        if (higher == null) {
            return lower;
        }
        if (higher.isFloatingPoint() || lower == null) {
            return higher;
        }
        return higher == DType.BOOL || lower.isFloatingPoint() ? DType.promote(higher, lower) : higher;
    }

    /** Returns the type itself if it is a floating point type, else the default one. */
    public static DType toFloat(DType t) {
        return t.isFloatingPoint() ? t : DEFAULT_FLOAT;
    }

    /** Tells whether values of one type may be stored in a tensor of another: never from float to integer or from integer to bool. */
    public static boolean canCast(DType from, DType to) {
        return from.categoryRank() <= to.categoryRank();
    }
}
