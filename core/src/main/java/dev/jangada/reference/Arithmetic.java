package dev.jangada.reference;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.kernel.Op;

/** What each primitive computes: in double, in long, and as a comparison. The caller rounds or wraps the result to its type. */
final class Arithmetic {
    private Arithmetic() {}

    /** Returns the value of a floating point primitive; {@code b} and {@code c} are unused by those of fewer arguments. */
    static double floating(Op op, double a, double b) {
        return switch (op) {
            case NEG -> -a;
            case ABS -> Math.abs(a);
            case SIGN -> Functions.sign(a);
            case FLOOR -> Math.floor(a);
            case CEIL -> Math.ceil(a);
            case ROUND -> Math.rint(a);
            case TRUNC -> Functions.trunc(a);
            case SQRT -> Math.sqrt(a);
            case RSQRT -> 1 / Math.sqrt(a);
            case RECIPROCAL -> 1 / a;
            case EXP -> Math.exp(a);
            case EXP2 -> Math.pow(2, a);
            case EXPM1 -> Math.expm1(a);
            case LOG -> Math.log(a);
            case LOG2 -> Functions.log2(a);
            case LOG10 -> Math.log10(a);
            case LOG1P -> Math.log1p(a);
            case SIN -> Math.sin(a);
            case COS -> Math.cos(a);
            case TAN -> Math.tan(a);
            case ASIN -> Math.asin(a);
            case ACOS -> Math.acos(a);
            case ATAN -> Math.atan(a);
            case SINH -> Math.sinh(a);
            case COSH -> Math.cosh(a);
            case TANH -> Math.tanh(a);
            case ASINH -> Functions.asinh(a);
            case ACOSH -> Functions.acosh(a);
            case ATANH -> Functions.atanh(a);
            case SIGMOID -> Functions.sigmoid(a);
            case ERF -> Functions.erf(a);
            case ERFC -> Functions.erfc(a);
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / b;
            case REMAINDER -> Functions.remainder(a, b);
            case FMOD -> a % b;
            case POW -> Functions.pow(a, b);
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case ATAN2 -> Math.atan2(a, b);
            case HYPOT -> Math.hypot(a, b);
            case COPYSIGN -> Math.copySign(a, b);
            case INPUT,
                    SCALAR,
                    CONST,
                    INDEX,
                    CAST,
                    SELECT,
                    FMA,
                    RANDOM,
                    NOT,
                    EQ,
                    NE,
                    LT,
                    LE,
                    GT,
                    GE,
                    AND,
                    OR,
                    XOR,
                    SHL,
                    SHR -> throw new AssertionError(op);
        };
    }

    /** Returns the value of a primitive of integers or bool. */
    static long integer(Op op, DType type, long a, long b) {
        return switch (op) {
            case NEG -> -a;
            case ABS -> Math.abs(a);
            case SIGN -> Long.signum(a);
            case NOT -> type == DType.BOOL ? 1 - a : ~a;
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> a / divisor(op, b);
            case REMAINDER -> Math.floorMod(a, divisor(op, b));
            case FMOD -> a % divisor(op, b);
            case POW -> power(a, b);
            case MAX -> Math.max(a, b);
            case MIN -> Math.min(a, b);
            case AND -> a & b;
            case OR -> a | b;
            case XOR -> a ^ b;
            case SHL -> b < 0 || b >= bits(type) ? 0 : a << b;
            case SHR -> a >> (b < 0 || b >= bits(type) ? Long.SIZE - 1 : b);
            case INPUT,
                    SCALAR,
                    CONST,
                    INDEX,
                    CAST,
                    SELECT,
                    FMA,
                    RANDOM,
                    FLOOR,
                    CEIL,
                    ROUND,
                    TRUNC,
                    SQRT,
                    RSQRT,
                    RECIPROCAL,
                    EXP,
                    EXP2,
                    EXPM1,
                    LOG,
                    LOG2,
                    LOG10,
                    LOG1P,
                    SIN,
                    COS,
                    TAN,
                    ASIN,
                    ACOS,
                    ATAN,
                    SINH,
                    COSH,
                    TANH,
                    ASINH,
                    ACOSH,
                    ATANH,
                    SIGMOID,
                    ERF,
                    ERFC,
                    ATAN2,
                    HYPOT,
                    COPYSIGN,
                    EQ,
                    NE,
                    LT,
                    LE,
                    GT,
                    GE -> throw new AssertionError(op);
        };
    }

    /** Returns the value of a comparison of which is known what holds; with NaN nothing does. */
    static boolean comparison(Op op, boolean less, boolean equal, boolean greater) {
        if (op == Op.EQ) {
            return equal;
        } else if (op == Op.NE) {
            return !equal;
        } else if (op == Op.LT) {
            return less;
        } else if (op == Op.LE) {
            return less || equal;
        } else if (op == Op.GT) {
            return greater;
        } else if (op == Op.GE) {
            return greater || equal;
        }
        throw new AssertionError(op);
    }

    private static long divisor(Op op, long b) {
        if (b == 0) {
            throw new ArgumentException(
                    "[" + op.name().toLowerCase(java.util.Locale.ROOT)
                            + "] expected integer divisors other than 0, got 0; divide floating point tensors, or mask the zeros");
        }
        return b;
    }

    private static long power(long base, long exponent) {
        if (exponent < 0) {
            return base == 1 ? 1 : base == -1 ? ((exponent & 1) == 0 ? 1 : -1) : 0;
        }
        long result = 1;
        long square = base;
        for (long e = exponent; e != 0; e >>>= 1) {
            result = (e & 1) != 0 ? result * square : result;
            square *= square;
        }
        return result;
    }

    private static int bits(DType type) {
        return type.size() * Byte.SIZE;
    }
}
