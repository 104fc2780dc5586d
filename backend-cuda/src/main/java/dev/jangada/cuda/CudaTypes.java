package dev.jangada.cuda;

import dev.jangada.DType;

/** How element types are named and converted in CUDA C. Half types stand in registers as their 16 bits; arithmetic widens them before. */
final class CudaTypes {
    private CudaTypes() {}

    /** Returns the type of an element in memory. */
    static String memory(DType type) {
        return type == DType.BOOL ? "unsigned char" : register(type);
    }

    /** Returns the type of a value in a register. */
    static String register(DType type) {
        return switch (type) {
            case BOOL -> "bool";
            case UINT8 -> "unsigned char";
            case INT8 -> "signed char";
            case INT16 -> "short";
            case INT32 -> "int";
            case INT64 -> "long long";
            case FLOAT16, BFLOAT16 -> "unsigned short";
            case FLOAT32 -> "float";
            case FLOAT64 -> "double";
        };
    }

    /** Returns the type in which integers of a type wrap without being undefined: unsigned where {@code int} would overflow. */
    static String wrapping(DType type) {
        return switch (type) {
            case INT32 -> "unsigned int";
            case INT64 -> "unsigned long long";
            case BOOL, UINT8, INT8, INT16, FLOAT16, BFLOAT16, FLOAT32, FLOAT64 -> register(type);
        };
    }

    /** Returns the register value of what stands in memory. */
    static String fromMemory(DType type, String x) {
        return type == DType.BOOL ? x + " != 0" : x;
    }

    /** Returns a value in its compute type: half types widened to float. */
    static String widened(DType type, String x) {
        return switch (type) {
            case FLOAT16 -> "jg_from_half(" + x + ")";
            case BFLOAT16 -> "jg_from_bfloat(" + x + ")";
            case BOOL, UINT8, INT8, INT16, INT32, INT64, FLOAT32, FLOAT64 -> x;
        };
    }

    /** Returns a value of the compute type rounded to a half type; others as they are. */
    static String narrowed(DType type, String x) {
        return switch (type) {
            case FLOAT16 -> "jg_to_half(" + x + ")";
            case BFLOAT16 -> "jg_to_bfloat(" + x + ")";
            case BOOL, UINT8, INT8, INT16, INT32, INT64, FLOAT32, FLOAT64 -> x;
        };
    }

    /** Returns a conversion between register values, as {@link dev.jangada.kernel.Op#CAST} describes it. */
    static String cast(DType from, DType to, String x) {
        if (from == to) {
            return x;
        }
        if (to == DType.BOOL) {
            return widened(from, x) + " != 0";
        }
        if (to.isHalf()) {
            String f = from == DType.FLOAT64 ? "jg_to_float_odd(" + x + ")" : cast(from, DType.FLOAT32, x);
            return narrowed(to, f);
        }
        String wide = widened(from, x);
        boolean viaInt = from.isFloatingPoint() && to.isInteger() && to.size() < DType.INT32.size();
        return viaInt ? "(" + register(to) + ")(int)" + wide : "(" + register(to) + ")" + wide;
    }

    /** Returns a scalar of a launch, which is passed as an integer or as the bits of a double. */
    static String scalar(DType type, String word) {
        return switch (type) {
            case BOOL -> word + " != 0";
            case UINT8, INT8, INT16, INT32, INT64 -> "(" + register(type) + ")" + word;
            case FLOAT16, BFLOAT16, FLOAT32 -> narrowed(type, "(float)__longlong_as_double(" + word + ")");
            case FLOAT64 -> "__longlong_as_double(" + word + ")";
        };
    }

    /** Returns a constant: {@code bits} of a double for floating point types, else the integer. */
    static String constant(DType type, long bits) {
        return switch (type) {
            case BOOL -> bits != 0 ? "true" : "false";
            case UINT8, INT8, INT16 -> "(" + register(type) + ")" + bits;
            case INT32 -> bits == Integer.MIN_VALUE ? "(-2147483647 - 1)" : String.valueOf(bits);
            case INT64 -> bits == Long.MIN_VALUE ? "(-9223372036854775807LL - 1)" : bits + "LL";
            case FLOAT16, BFLOAT16 -> narrowed(type, constant(DType.FLOAT32, bits));
            case FLOAT32 -> single((float) Double.longBitsToDouble(bits));
            case FLOAT64 -> twice(bits);
        };
    }

    /** Java prints the shortest decimal that reads back as the same value, which is C too. */
    private static String single(float x) {
        return Float.isFinite(x) ? x + "f" : "__int_as_float(0x" + Integer.toHexString(Float.floatToIntBits(x)) + ")";
    }

    private static String twice(long bits) {
        double x = Double.longBitsToDouble(bits);
        return Double.isFinite(x)
                ? String.valueOf(x)
                : "__longlong_as_double(0x" + Long.toHexString(Double.doubleToLongBits(x)) + "LL)";
    }

    /** Returns the smallest (or largest) value of a type, -inf (inf) for floating point types, as a compute register value. */
    static String lowest(DType type, boolean largest) {
        return switch (type) {
            case BOOL -> largest ? "true" : "false";
            case UINT8 -> largest ? "255" : "0";
            case INT8 -> largest ? "127" : "-128";
            case INT16 -> largest ? "32767" : "-32768";
            case INT32 -> largest ? "2147483647" : "(-2147483647 - 1)";
            case INT64 -> largest ? "9223372036854775807LL" : "(-9223372036854775807LL - 1)";
            case FLOAT16, BFLOAT16, FLOAT32 -> single(largest ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY);
            case FLOAT64 ->
                twice(Double.doubleToLongBits(largest ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY));
        };
    }
}
