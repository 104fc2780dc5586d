package dev.jangada.testkit;

import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Op;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the kit knows of the primitives: their types, contents that make sense, and how exact they must be. */
final class Primitives {
    /** Rounded once by IEEE 754, or not at all: every backend gives the same bits. */
    private static final Set<Op> EXACT = EnumSet.of(
            Op.INPUT,
            Op.SCALAR,
            Op.CONST,
            Op.INDEX,
            Op.CAST,
            Op.SELECT,
            Op.FMA,
            Op.RANDOM,
            Op.NEG,
            Op.ABS,
            Op.FLOOR,
            Op.CEIL,
            Op.ROUND,
            Op.TRUNC,
            Op.SQRT,
            Op.RECIPROCAL,
            Op.ADD,
            Op.SUB,
            Op.MUL,
            Op.DIV,
            Op.FMOD,
            Op.COPYSIGN);

    /** Exact but for the sign of a zero. */
    private static final Set<Op> EQUAL = EnumSet.of(Op.SIGN, Op.REMAINDER, Op.MAX, Op.MIN);

    private static final double ULPS = 4;
    /** In float64 the reference has an error of some units itself. */
    private static final double ULPS_OF_DOUBLE = 8;

    private Primitives() {}

    /** Returns {@code op(x0, x1, …)} for operands of a type, converted back to it, or empty where the primitive has no such type. */
    static Optional<Expr> of(Op op, DType type) {
        try {
            return Optional.of(build(op, type));
        } catch (DTypeException e) {
            return Optional.empty();
        }
    }

    private static Expr build(Op op, DType type) {
        Expr a = Expr.input(0, type);
        Expr b = Expr.input(1, type);
        Expr c = Expr.input(2, type);
        Expr y = switch (op.arity()) {
            case 0 -> leaf(op, a, type);
            case 1 -> op == Op.CAST ? a.cast(DType.FLOAT32) : a.unary(op);
            case 2 -> a.binary(op, b);
            default -> ternary(op, a, b, c);
        };
        return y.type() == DType.FLOAT32 && type.isHalf() ? y.cast(type) : y;
    }

    private static Expr leaf(Op op, Expr a, DType type) {
        if (op == Op.SCALAR) {
            DType scalar = type.isFloatingPoint() ? type.compute() : type;
            if (scalar != DType.BOOL && scalar != DType.INT64 && !scalar.isFloatingPoint()) {
                throw new DTypeException("no scalars of this type");
            }
            return a.binary(Op.EQ, Expr.scalar(0, scalar));
        }
        return op == Op.CONST
                ? a.binary(Op.EQ, Expr.constant(1, type))
                : op == Op.INDEX ? Expr.index().cast(type.isHalf() ? DType.FLOAT32 : type) : a;
    }

    private static Expr ternary(Op op, Expr a, Expr b, Expr c) {
        if (op == Op.SELECT) {
            return Expr.select(a.binary(Op.LT, b), b, c);
        }
        return op == Op.FMA ? Expr.fma(a, b, c) : Expr.random(a, b, c);
    }

    static List<DType> scalars(Op op, DType type) {
        return op == Op.SCALAR ? List.of(type.compute()) : List.of();
    }

    /** What operand number {@code i} is filled with: divisors are not zero, integer exponents and distances small. */
    static Samples.Content content(Op op, DType type, int i) {
        if (type.isFloatingPoint() || i == 0) {
            return Samples.Content.ANY;
        }
        boolean divides = op == Op.DIV || op == Op.REMAINDER || op == Op.FMOD;
        boolean small = op == Op.POW || op == Op.SHL || op == Op.SHR;
        return divides ? Samples.Content.NONZERO : small ? Samples.Content.SMALL : Samples.Content.ANY;
    }

    /** The tolerance of a result that is stored as {@code type}. */
    static Tolerance tolerance(Op op, DType type) {
        if (!type.isFloatingPoint() || EXACT.contains(op) || op.isComparison()) {
            return Tolerance.EXACT;
        }
        if (EQUAL.contains(op)) {
            return Tolerance.EQUAL;
        }
        return Tolerance.ulps(type.isHalf() ? 1 : type == DType.FLOAT64 ? ULPS_OF_DOUBLE : ULPS, type);
    }

    /** The operands of random programs: primitives that give the same bits everywhere. */
    static List<Op> exact(int arity) {
        List<Op> ops = new ArrayList<>();
        for (Op op : Op.values()) {
            if (op.arity() == arity && (EXACT.contains(op) || EQUAL.contains(op) || op.isComparison())) {
                ops.add(op);
            }
        }
        return ops;
    }
}
