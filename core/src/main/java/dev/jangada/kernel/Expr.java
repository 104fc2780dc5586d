package dev.jangada.kernel;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.DTypeException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * What a kernel computes for one element: an immutable expression over inputs, scalar parameters and constants.
 *
 * <p>Types are explicit. Both arguments of a binary primitive have the same type; a half-typed value is widened to float32 by the
 * methods here, so arithmetic never happens in 16 bits; a cast back to the half type rounds. Sub-expressions may be shared.
 *
 * <pre>{@code
 * Expr x = Expr.input(0, DType.FLOAT32);
 * Expr silu = x.mul(x.sigmoid());
 * }</pre>
 */
public final class Expr {
    private static final Expr[] NONE = {};
    private static final int LONGEST_TEXT = 2000;
    /** Arithmetic that has no meaning for truth values; ADD and MUL are or and and. */
    private static final Set<Op> NOT_OF_BOOL =
            EnumSet.of(Op.NEG, Op.SUB, Op.DIV, Op.REMAINDER, Op.FMOD, Op.POW, Op.SHL, Op.SHR);

    private final Op op;
    private final DType type;
    private final Expr[] args;
    private final long bits;

    private Expr(Op op, DType type, long bits, Expr... args) {
        this.op = op;
        this.type = type;
        this.bits = bits;
        this.args = args;
    }

    /** Returns the expression of an instruction, whose types were checked when the instruction was made. */
    static Expr of(Instruction i, Expr... args) {
        return new Expr(i.op(), i.type(), i.op() == Op.CONST ? i.bits() : 0, args);
    }

    /** Returns the element of operand number {@code index}, which has elements of {@code type}. */
    public static Expr input(int index, DType type) {
        return new Expr(Op.INPUT, type, index, NONE);
    }

    /** Returns run-time scalar number {@code index}: bool, int64, float32 or float64. */
    public static Expr scalar(int index, DType type) {
        return new Expr(Op.SCALAR, type, index, NONE);
    }

    /** Returns a constant of a type; a half type gives a float32 constant. */
    public static Expr constant(double value, DType type) {
        DType t = type.compute();
        if (t == DType.FLOAT32) {
            return new Expr(Op.CONST, t, Double.doubleToRawLongBits((float) value), NONE);
        }
        return t == DType.FLOAT64
                ? new Expr(Op.CONST, t, Double.doubleToRawLongBits(value), NONE)
                : constant((long) value, t);
    }

    /** Returns an integer constant of a type, wrapped to it; for floating point types it is converted. */
    public static Expr constant(long value, DType type) {
        if (type.isFloatingPoint()) {
            return constant((double) value, type);
        }
        return new Expr(Op.CONST, type, Element.wrap(value, type), NONE);
    }

    /** Returns the row-major number of the element in the iteration space, int64. */
    public static Expr index() {
        return new Expr(Op.INDEX, DType.INT64, 0, NONE);
    }

    /** Returns {@code condition ? a : b}; the values are brought to one type as in {@link #add}. */
    public static Expr select(Expr condition, Expr a, Expr b) {
        if (condition.type != DType.BOOL) {
            throw new DTypeException("[select] expected a bool condition, got " + condition.type);
        }
        Expr x = a.widen();
        Expr y = b.widen();
        requireSame(Op.SELECT, x, y);
        return new Expr(Op.SELECT, x.type, 0, condition, x, y);
    }

    /** Returns {@code a * b + c}, rounded once. */
    public static Expr fma(Expr a, Expr b, Expr c) {
        Expr x = a.widen();
        Expr y = b.widen();
        Expr z = c.widen();
        requireSame(Op.FMA, x, y);
        requireSame(Op.FMA, x, z);
        requireFloat(Op.FMA, x);
        return new Expr(Op.FMA, x.type, 0, x, y, z);
    }

    /** Returns the random word of {@link Op#RANDOM}; all three arguments are int64. */
    public static Expr random(Expr seed, Expr offset, Expr element) {
        for (Expr e : new Expr[] {seed, offset, element}) {
            if (e.type != DType.INT64) {
                throw new DTypeException("[random] expected int64 seed, offset and element, got " + e.type);
            }
        }
        return new Expr(Op.RANDOM, DType.INT64, 0, seed, offset, element);
    }

    /** Returns the primitive; for the structure of an expression. */
    public Op op() {
        return op;
    }

    /** Returns the type of the value. */
    public DType type() {
        return type;
    }

    /** Returns the number of arguments. */
    public int arity() {
        return args.length;
    }

    /** Returns argument {@code i}. */
    public Expr arg(int i) {
        return args[i];
    }

    /** Returns the number of the operand or scalar of an INPUT or SCALAR, else 0. */
    public int slot() {
        return op == Op.INPUT || op == Op.SCALAR ? (int) bits : 0;
    }

    /**
     * Returns what the leaf carries: the slot of an INPUT or SCALAR; the value of a CONST (the bits of a double for floating point
     * types, else the integer); 0 otherwise.
     */
    public long bits() {
        return bits;
    }

    /** Returns this value as another type; nothing to do when it has it already. */
    public Expr cast(DType target) {
        return target == type ? this : new Expr(Op.CAST, target, 0, this);
    }

    private Expr widen() {
        return type.isHalf() ? cast(DType.FLOAT32) : this;
    }

    /** Returns the primitive {@code op} of one argument. */
    public Expr unary(Op op) {
        if (op.arity() != 1 || op == Op.CAST) {
            throw new ArgumentException("[" + op + "] expected a primitive of one argument");
        }
        Expr x = widen();
        boolean anyType = op == Op.NEG || op == Op.ABS || op == Op.SIGN;
        requireNotBool(op, x);
        if (op == Op.NOT) {
            if (x.type.isFloatingPoint()) {
                throw new DTypeException("[NOT] expected bool or an integer, got " + x.type);
            }
        } else if (!anyType) {
            requireFloat(op, x);
        }
        return new Expr(op, x.type, 0, x);
    }

    /** Returns the primitive {@code op} of this and another value of the same type. */
    public Expr binary(Op op, Expr other) {
        if (op.arity() != 2) {
            throw new ArgumentException("[" + op + "] expected a primitive of two arguments");
        }
        Expr x = widen();
        Expr y = other.widen();
        requireSame(op, x, y);
        requireNotBool(op, x);
        switch (op) {
            case ATAN2, HYPOT, COPYSIGN -> requireFloat(op, x);
            case AND, OR, XOR, SHL, SHR -> {
                if (x.type.isFloatingPoint()) {
                    throw new DTypeException("[" + op + "] expected bool or integers, got " + x.type);
                }
            }
            default -> {}
        }
        return new Expr(op, op.isComparison() ? DType.BOOL : x.type, 0, x, y);
    }

    private static void requireSame(Op op, Expr x, Expr y) {
        if (x.type != y.type) {
            throw new DTypeException(
                    "[" + op + "] expected arguments of one type, got " + x.type + " and " + y.type + "; use cast");
        }
    }

    private static void requireNotBool(Op op, Expr x) {
        if (x.type == DType.BOOL && NOT_OF_BOOL.contains(op)) {
            throw new DTypeException("[" + op + "] expected a number, got bool; use cast, or the logical primitives");
        }
    }

    private static void requireFloat(Op op, Expr x) {
        if (!x.type.isFloatingPoint()) {
            throw new DTypeException("[" + op + "] expected a floating point argument, got " + x.type + "; use cast");
        }
    }

    private Expr like(double value) {
        return constant(value, type);
    }

    /** Returns the sum. */
    public Expr add(Expr other) {
        return binary(Op.ADD, other);
    }

    /** Returns the sum with a constant of this type. */
    public Expr add(double constant) {
        return binary(Op.ADD, like(constant));
    }

    /** Returns the difference. */
    public Expr sub(Expr other) {
        return binary(Op.SUB, other);
    }

    /** Returns the difference to a constant of this type. */
    public Expr sub(double constant) {
        return binary(Op.SUB, like(constant));
    }

    /** Returns the product. */
    public Expr mul(Expr other) {
        return binary(Op.MUL, other);
    }

    /** Returns the product with a constant of this type. */
    public Expr mul(double constant) {
        return binary(Op.MUL, like(constant));
    }

    /** Returns the quotient, truncated for integers. */
    public Expr div(Expr other) {
        return binary(Op.DIV, other);
    }

    /** Returns the quotient with a constant of this type. */
    public Expr div(double constant) {
        return binary(Op.DIV, like(constant));
    }

    /** Returns this to the power of {@code other}. */
    public Expr pow(Expr other) {
        return binary(Op.POW, other);
    }

    /** Returns the larger value; NaN wins. */
    public Expr max(Expr other) {
        return binary(Op.MAX, other);
    }

    /** Returns the larger of this and a constant; NaN wins. */
    public Expr max(double constant) {
        return binary(Op.MAX, like(constant));
    }

    /** Returns the smaller value; NaN wins. */
    public Expr min(Expr other) {
        return binary(Op.MIN, other);
    }

    /** Returns the smaller of this and a constant; NaN wins. */
    public Expr min(double constant) {
        return binary(Op.MIN, like(constant));
    }

    /** Returns whether the values are equal. */
    public Expr eq(Expr other) {
        return binary(Op.EQ, other);
    }

    /** Returns whether this equals a constant. */
    public Expr eq(double constant) {
        return binary(Op.EQ, like(constant));
    }

    /** Returns whether the values differ. */
    public Expr ne(Expr other) {
        return binary(Op.NE, other);
    }

    /** Returns whether this differs from a constant. */
    public Expr ne(double constant) {
        return binary(Op.NE, like(constant));
    }

    /** Returns whether this is less. */
    public Expr lt(Expr other) {
        return binary(Op.LT, other);
    }

    /** Returns whether this is less than a constant. */
    public Expr lt(double constant) {
        return binary(Op.LT, like(constant));
    }

    /** Returns whether this is less or equal. */
    public Expr le(Expr other) {
        return binary(Op.LE, other);
    }

    /** Returns whether this is less than or equal to a constant. */
    public Expr le(double constant) {
        return binary(Op.LE, like(constant));
    }

    /** Returns whether this is greater. */
    public Expr gt(Expr other) {
        return binary(Op.GT, other);
    }

    /** Returns whether this is greater than a constant. */
    public Expr gt(double constant) {
        return binary(Op.GT, like(constant));
    }

    /** Returns whether this is greater or equal. */
    public Expr ge(Expr other) {
        return binary(Op.GE, other);
    }

    /** Returns whether this is greater than or equal to a constant. */
    public Expr ge(double constant) {
        return binary(Op.GE, like(constant));
    }

    /** Returns the logical or bitwise and. */
    public Expr and(Expr other) {
        return binary(Op.AND, other);
    }

    /** Returns the logical or bitwise or. */
    public Expr or(Expr other) {
        return binary(Op.OR, other);
    }

    /** Returns the logical or bitwise complement. */
    public Expr not() {
        return unary(Op.NOT);
    }

    /** Returns the negative value. */
    public Expr neg() {
        return unary(Op.NEG);
    }

    /** Returns the magnitude. */
    public Expr abs() {
        return unary(Op.ABS);
    }

    /** Returns -1, 0 or 1. */
    public Expr sign() {
        return unary(Op.SIGN);
    }

    /** Returns the square of this. */
    public Expr square() {
        return mul(this);
    }

    /** Returns the square root. */
    public Expr sqrt() {
        return unary(Op.SQRT);
    }

    /** Returns {@code 1 / sqrt(x)}. */
    public Expr rsqrt() {
        return unary(Op.RSQRT);
    }

    /** Returns {@code 1 / x}. */
    public Expr reciprocal() {
        return unary(Op.RECIPROCAL);
    }

    /** Returns {@code e^x}. */
    public Expr exp() {
        return unary(Op.EXP);
    }

    /** Returns {@code e^x - 1}. */
    public Expr expm1() {
        return unary(Op.EXPM1);
    }

    /** Returns the natural logarithm. */
    public Expr log() {
        return unary(Op.LOG);
    }

    /** Returns {@code log(1 + x)}. */
    public Expr log1p() {
        return unary(Op.LOG1P);
    }

    /** Returns the sine. */
    public Expr sin() {
        return unary(Op.SIN);
    }

    /** Returns the cosine. */
    public Expr cos() {
        return unary(Op.COS);
    }

    /** Returns the hyperbolic tangent. */
    public Expr tanh() {
        return unary(Op.TANH);
    }

    /** Returns {@code 1 / (1 + e^-x)}. */
    public Expr sigmoid() {
        return unary(Op.SIGMOID);
    }

    /** Returns the error function. */
    public Expr erf() {
        return unary(Op.ERF);
    }

    /** Returns the largest integer not above x. */
    public Expr floor() {
        return unary(Op.FLOOR);
    }

    /** Returns whether this is NaN. */
    public Expr isNan() {
        return ne(this);
    }

    /** Returns the expression as text, its rest as … where it is long. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        write(text);
        return text.toString();
    }

    /** Every level writes something before the next one, so the limit on the length bounds the depth too. */
    private void write(StringBuilder text) {
        if (text.length() > LONGEST_TEXT) {
            text.append('…');
            return;
        }
        switch (op) {
            case INPUT -> text.append('x').append(bits);
            case SCALAR -> text.append('s').append(bits);
            case CONST ->
                text.append(
                        type.isFloatingPoint() ? String.valueOf(Double.longBitsToDouble(bits)) : String.valueOf(bits));
            case INDEX -> text.append('i');
            default -> {
                text.append(op == Op.CAST ? type.torchName() : op.name().toLowerCase(Locale.ROOT))
                        .append('(');
                for (int i = 0; i < args.length; i++) {
                    text.append(i == 0 ? "" : ", ");
                    args[i].write(text);
                }
                text.append(')');
            }
        }
    }
}
