package dev.jangada.cuda;

import dev.jangada.DType;
import dev.jangada.kernel.Op;

/**
 * The table of the scalar primitives in CUDA C.
 *
 * <p>Values stand in registers of {@link CudaTypes#register}; every result is rounded or wrapped to its type. Nothing is contracted: the
 * sources are compiled without it, and FMA occurs only where the program says so.
 */
final class CudaOps {
    private CudaOps() {}

    /**
     * Returns the expression of a primitive.
     *
     * @param type type of the arguments, after a condition
     * @param a first argument; b, c the others, empty where there are none
     */
    static String of(Op op, DType type, String a, String b, String c) {
        String infix = infix(op);
        if (!infix.isEmpty()) {
            return arithmetic(op, infix, type, a, b);
        }
        return switch (op) {
            case SELECT -> a + " ? " + b + " : " + c;
            case FMA -> call("fma", type, a, b, c);
            case RANDOM -> "jg_random(" + a + ", " + b + ", " + c + ")";
            case NEG -> type.isFloatingPoint() ? "-" + a : wrap(type, "0 - " + wrapping(type, a));
            case NOT -> type == DType.BOOL ? "!" + a : wrap(type, "~" + a);
            case ABS -> type.isFloatingPoint() ? call("fabs", type, a) : absolute(type, a);
            case SIGN -> "(" + name(type) + ")(" + a + " > 0) - (" + name(type) + ")(" + a + " < 0)";
            case FLOOR -> call("floor", type, a);
            case CEIL -> call("ceil", type, a);
            case ROUND -> call("rint", type, a);
            case TRUNC -> call("trunc", type, a);
            case SQRT -> call("sqrt", type, a);
            case RSQRT -> call("rsqrt", type, a);
            case RECIPROCAL -> CudaTypes.constant(type, Double.doubleToRawLongBits(1)) + " / " + a;
            case EXP -> call("exp", type, a);
            case EXP2 -> call("exp2", type, a);
            case EXPM1 -> call("expm1", type, a);
            case LOG -> call("log", type, a);
            case LOG2 -> call("log2", type, a);
            case LOG10 -> call("log10", type, a);
            case LOG1P -> call("log1p", type, a);
            case SIN -> call("sin", type, a);
            case COS -> call("cos", type, a);
            case TAN -> call("tan", type, a);
            case ASIN -> call("asin", type, a);
            case ACOS -> call("acos", type, a);
            case ATAN -> call("atan", type, a);
            case SINH -> call("sinh", type, a);
            case COSH -> call("cosh", type, a);
            case TANH -> call("tanh", type, a);
            case ASINH -> call("asinh", type, a);
            case ACOSH -> call("acosh", type, a);
            case ATANH -> call("atanh", type, a);
            case ERF -> call("erf", type, a);
            case ERFC -> call("erfc", type, a);
            case SIGMOID -> "jg_sigmoid(" + a + ")";
            case ATAN2 -> call("atan2", type, a, b);
            case HYPOT -> call("hypot", type, a, b);
            case COPYSIGN -> call("copysign", type, a, b);
            case POW -> type.isFloatingPoint() ? call("pow", type, a, b) : wrap(type, "jg_power(" + a + ", " + b + ")");
            case REMAINDER ->
                type.isFloatingPoint() ? "jg_remainder(" + a + ", " + b + ")" : "jg_mod(" + a + ", " + b + ", failed)";
            case FMOD -> type.isFloatingPoint() ? call("fmod", type, a, b) : "jg_fmod(" + a + ", " + b + ", failed)";
            case DIV ->
                type.isFloatingPoint()
                        ? a + " / " + b
                        : "jg_div<" + CudaTypes.wrapping(type) + ">(" + a + ", " + b + ", failed)";
            case MAX -> type == DType.BOOL ? a + " || " + b : "jg_max(" + a + ", " + b + ")";
            case MIN -> type == DType.BOOL ? a + " && " + b : "jg_min(" + a + ", " + b + ")";
            case SHL -> shift(type, b, "0", wrap(type, wrapping(type, a) + " << " + distance(type, b)));
            case SHR ->
                shift(
                        type,
                        b,
                        wrap(type, a + " >> " + (type == DType.INT64 ? Long.SIZE - 1 : Integer.SIZE - 1)),
                        wrap(type, a + " >> " + distance(type, b)));
            case INPUT, SCALAR, CONST, INDEX, CAST, ADD, SUB, MUL, EQ, NE, LT, LE, GT, GE, AND, OR, XOR ->
                throw new AssertionError(op);
        };
    }

    private static String infix(Op op) {
        return switch (op) {
            case ADD -> "+";
            case SUB -> "-";
            case MUL -> "*";
            case EQ -> "==";
            case NE -> "!=";
            case LT -> "<";
            case LE -> "<=";
            case GT -> ">";
            case GE -> ">=";
            case AND -> "&";
            case OR -> "|";
            case XOR -> "^";
            default -> "";
        };
    }

    private static String arithmetic(Op op, String infix, DType type, String a, String b) {
        boolean wraps = op == Op.ADD || op == Op.SUB || op == Op.MUL;
        if (type == DType.BOOL && wraps) {
            return a + (op == Op.ADD ? " || " : " && ") + b;
        }
        if (op.isComparison() || type.isFloatingPoint()) {
            return a + " " + infix + " " + b;
        }
        return wraps
                ? wrap(type, wrapping(type, a) + " " + infix + " " + wrapping(type, b))
                : wrap(type, a + " " + infix + " " + b);
    }

    /** The wrap-around of the smallest number makes it its own magnitude. */
    private static String absolute(DType type, String a) {
        return a + " < 0 ? " + wrap(type, "0 - " + wrapping(type, a)) + " : " + a;
    }

    /** A distance below 0 or of at least the width gives {@code beyond}. */
    private static String shift(DType type, String b, String beyond, String shifted) {
        return b + " < 0 || " + b + " >= " + bits(type) + " ? " + beyond + " : " + shifted;
    }

    private static String distance(DType type, String b) {
        return type == DType.INT64 ? "(int)" + b : b;
    }

    private static int bits(DType type) {
        return type.size() * Byte.SIZE;
    }

    private static String name(DType type) {
        return CudaTypes.register(type);
    }

    private static String wrap(DType type, String x) {
        return "(" + name(type) + ")(" + x + ")";
    }

    private static String wrapping(DType type, String x) {
        String unsigned = CudaTypes.wrapping(type);
        return unsigned.equals(name(type)) ? x : "(" + unsigned + ")" + x;
    }

    /** C's name of a function: with an f for float. */
    private static String call(String function, DType type, String... args) {
        return function + (type == DType.FLOAT64 ? "" : "f") + "(" + String.join(", ", args) + ")";
    }
}
