package dev.jangada.kernel;

/**
 * The scalar primitives of {@link Expr}: a closed set that every backend implements.
 *
 * <p>Floating point primitives follow IEEE 754 and C's {@code math.h} for special values; integer arithmetic wraps.
 */
public enum Op {
    /** Element of an operand at the current position. */
    INPUT(0),
    /** Run-time scalar parameter. */
    SCALAR(0),
    /** Constant. */
    CONST(0),
    /** Row-major number of the current element in the iteration space, int64. */
    INDEX(0),

    /**
     * Conversion to another type: to integers by truncation, to bool by {@code x != 0}, to floating point types by rounding to even. An
     * integer wraps in a narrower one. A float that fits no int32 (no int64 where the target is int64), and NaN, give an unspecified integer;
     * a float that fits int32 but not a narrower target wraps. From 64-bit types to half types one or two roundings (through float32) are
     * allowed.
     */
    CAST(1),
    /** {@code a ? b : c}. */
    SELECT(3),
    /** {@code a * b + c} rounded once. */
    FMA(3),
    /**
     * Random word: with {@code a} the seed, {@code b} the offset and {@code c} the element number {@code i}, word {@code i mod 4} of
     * Philox4x32-10 for counter {@code offset + i / 4} (64 bits in the first two counter words, the others 0) and key = seed (low word
     * first); an int64 in [0, 2^32).
     */
    RANDOM(3),

    /** {@code -x}. */
    NEG(1),
    /** Magnitude. */
    ABS(1),
    /** -1, 0 or 1; 0 for NaN as in PyTorch; the sign of a zero is unspecified. */
    SIGN(1),
    /** Largest integer not above x. */
    FLOOR(1),
    /** Smallest integer not below x. */
    CEIL(1),
    /** Nearest integer, halves to even. */
    ROUND(1),
    /** Integer part. */
    TRUNC(1),
    /** Square root. */
    SQRT(1),
    /** {@code 1 / sqrt(x)}. */
    RSQRT(1),
    /** {@code 1 / x}. */
    RECIPROCAL(1),
    /** {@code e^x}. */
    EXP(1),
    /** {@code 2^x}. */
    EXP2(1),
    /** {@code e^x - 1}, accurate near 0. */
    EXPM1(1),
    /** Natural logarithm. */
    LOG(1),
    /** Logarithm to base 2. */
    LOG2(1),
    /** Logarithm to base 10. */
    LOG10(1),
    /** {@code log(1 + x)}, accurate near 0. */
    LOG1P(1),
    /** Sine of radians. */
    SIN(1),
    /** Cosine of radians. */
    COS(1),
    /** Tangent of radians. */
    TAN(1),
    /** Arc sine. */
    ASIN(1),
    /** Arc cosine. */
    ACOS(1),
    /** Arc tangent. */
    ATAN(1),
    /** Hyperbolic sine. */
    SINH(1),
    /** Hyperbolic cosine. */
    COSH(1),
    /** Hyperbolic tangent. */
    TANH(1),
    /** Inverse hyperbolic sine. */
    ASINH(1),
    /** Inverse hyperbolic cosine. */
    ACOSH(1),
    /** Inverse hyperbolic tangent. */
    ATANH(1),
    /** {@code 1 / (1 + e^-x)}. */
    SIGMOID(1),
    /** Error function. */
    ERF(1),
    /** {@code 1 - erf(x)}, accurate for large x. */
    ERFC(1),
    /** Bitwise complement of integers, logical not of bool. */
    NOT(1),

    /** {@code a + b}; for bool the logical or. */
    ADD(2),
    /** {@code a - b}. */
    SUB(2),
    /** {@code a * b}; for bool the logical and. */
    MUL(2),
    /** {@code a / b}; of integers the truncated quotient (the smallest by -1 wraps), where a zero divisor is an error of the kernel. */
    DIV(2),
    /**
     * Floored remainder, with the sign of the divisor: {@code m = fmod(a, b)}, and {@code m + b} where m is not 0 and its sign differs from
     * that of b (so -1 by infinity is infinity); an integer zero divisor is an error of the kernel. The sign of a zero is unspecified.
     */
    REMAINDER(2),
    /** C's {@code fmod}: has the sign of the dividend; an integer zero divisor is an error of the kernel. */
    FMOD(2),
    /** {@code a^b}; of integers by repeated multiplication, negative exponents give 0 except for bases 1 and -1. */
    POW(2),
    /** The larger value; NaN wins; of two zeros either. */
    MAX(2),
    /** The smaller value; NaN wins; of two zeros either. */
    MIN(2),
    /** Angle of the point (b, a). */
    ATAN2(2),
    /** {@code sqrt(a*a + b*b)} without overflow. */
    HYPOT(2),
    /** Magnitude of a with the sign of b; a NaN as b gives either sign. */
    COPYSIGN(2),
    /** {@code a == b}, bool. */
    EQ(2),
    /** {@code a != b}, bool. */
    NE(2),
    /** {@code a < b}, bool. */
    LT(2),
    /** {@code a <= b}, bool. */
    LE(2),
    /** {@code a > b}, bool. */
    GT(2),
    /** {@code a >= b}, bool. */
    GE(2),
    /** Bitwise and of integers, logical and of bool. */
    AND(2),
    /** Bitwise or of integers, logical or of bool. */
    OR(2),
    /** Bitwise exclusive or of integers, logical of bool. */
    XOR(2),
    /** Left shift of integers; 0 when the distance is negative or at least the width. */
    SHL(2),
    /** Arithmetic right shift of integers; the sign fills up when the distance is negative or at least the width. */
    SHR(2);

    private final int arity;

    Op(int arity) {
        this.arity = arity;
    }

    /** Returns the number of arguments. */
    public int arity() {
        return arity;
    }

    /** Tells whether the result is bool whatever the arguments are. */
    public boolean isComparison() {
        return ordinal() >= EQ.ordinal() && ordinal() <= GE.ordinal();
    }
}
