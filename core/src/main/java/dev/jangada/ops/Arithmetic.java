package dev.jangada.ops;

import static dev.jangada.ops.ElementwiseOp.Result.BOOL;
import static dev.jangada.ops.ElementwiseOp.Result.FLOAT;
import static dev.jangada.ops.ElementwiseOp.Result.SAME;

import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.Scalar;
import dev.jangada.Tensor;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Op;

/** Arithmetic, comparison, logic and the elementary functions: each an expression in one line. */
public final class Arithmetic {
    private Arithmetic() {}

    private static ElementwiseOp unary(String name, Op op) {
        return ElementwiseOp.of(name, 1, 0, FLOAT, (x, p) -> x[0].unary(op));
    }

    /** A rounding function, which leaves integers as they are. */
    private static ElementwiseOp rounding(String name, Op op) {
        return ElementwiseOp.of(name, 1, 0, SAME, (x, p) -> x[0].type().isFloatingPoint() ? x[0].unary(op) : x[0]);
    }

    private static ElementwiseOp binary(String name, Op op) {
        return ElementwiseOp.of(name, 2, 0, SAME, (x, p) -> x[0].binary(op, x[1]));
    }

    private static ElementwiseOp floating(String name, Op op) {
        return ElementwiseOp.of(name, 2, 0, FLOAT, (x, p) -> x[0].binary(op, x[1]));
    }

    private static ElementwiseOp compare(String name, Op op) {
        return ElementwiseOp.of(name, 2, 0, BOOL, (x, p) -> x[0].binary(op, x[1]));
    }

    private static ElementwiseOp logical(String name, Op op) {
        return ElementwiseOp.of(name, 2, 0, BOOL, (x, p) -> x[0].ne(0).binary(op, x[1].ne(0)));
    }

    // ---- one argument

    public static final ElementwiseOp EXP = unary("Exp", Op.EXP);
    public static final ElementwiseOp EXP2 = unary("Exp2", Op.EXP2);
    public static final ElementwiseOp EXPM1 = unary("Expm1", Op.EXPM1);
    public static final ElementwiseOp LOG = unary("Log", Op.LOG);
    public static final ElementwiseOp LOG2 = unary("Log2", Op.LOG2);
    public static final ElementwiseOp LOG10 = unary("Log10", Op.LOG10);
    public static final ElementwiseOp LOG1P = unary("Log1P", Op.LOG1P);
    public static final ElementwiseOp SQRT = unary("Sqrt", Op.SQRT);
    public static final ElementwiseOp RSQRT = unary("Rsqrt", Op.RSQRT);
    public static final ElementwiseOp RECIPROCAL = unary("Reciprocal", Op.RECIPROCAL);
    public static final ElementwiseOp SIN = unary("Sin", Op.SIN);
    public static final ElementwiseOp COS = unary("Cos", Op.COS);
    public static final ElementwiseOp TAN = unary("Tan", Op.TAN);
    public static final ElementwiseOp ASIN = unary("Asin", Op.ASIN);
    public static final ElementwiseOp ACOS = unary("Acos", Op.ACOS);
    public static final ElementwiseOp ATAN = unary("Atan", Op.ATAN);
    public static final ElementwiseOp SINH = unary("Sinh", Op.SINH);
    public static final ElementwiseOp COSH = unary("Cosh", Op.COSH);
    public static final ElementwiseOp TANH = unary("Tanh", Op.TANH);
    public static final ElementwiseOp ASINH = unary("Asinh", Op.ASINH);
    public static final ElementwiseOp ACOSH = unary("Acosh", Op.ACOSH);
    public static final ElementwiseOp ATANH = unary("Atanh", Op.ATANH);
    public static final ElementwiseOp SIGMOID = unary("Sigmoid", Op.SIGMOID);
    public static final ElementwiseOp ERF = unary("Erf", Op.ERF);
    public static final ElementwiseOp ERFC = unary("Erfc", Op.ERFC);
    public static final ElementwiseOp FLOOR = rounding("Floor", Op.FLOOR);
    public static final ElementwiseOp CEIL = rounding("Ceil", Op.CEIL);
    public static final ElementwiseOp ROUND = rounding("Round", Op.ROUND);
    public static final ElementwiseOp TRUNC = rounding("Trunc", Op.TRUNC);
    public static final ElementwiseOp NEG = ElementwiseOp.of("Neg", 1, 0, SAME, (x, p) -> x[0].neg());
    public static final ElementwiseOp ABS = ElementwiseOp.of("Abs", 1, 0, SAME, (x, p) -> x[0].abs());
    public static final ElementwiseOp SIGN =
            ElementwiseOp.of("Sign", 1, 0, SAME, (x, p) -> x[0].type() == DType.BOOL ? x[0] : x[0].sign());
    public static final ElementwiseOp SQUARE = ElementwiseOp.of("Pow", 1, 0, SAME, (x, p) -> x[0].square());
    public static final ElementwiseOp FRAC =
            ElementwiseOp.of("Frac", 1, 0, SAME, (x, p) -> x[0].sub(x[0].unary(Op.TRUNC)));
    public static final ElementwiseOp NOT = ElementwiseOp.of("BitwiseNot", 1, 0, SAME, (x, p) -> x[0].not());
    public static final ElementwiseOp LOGICAL_NOT = ElementwiseOp.of("LogicalNot", 1, 0, BOOL, (x, p) -> x[0].eq(0));
    public static final ElementwiseOp IS_NAN = ElementwiseOp.of("IsNan", 1, 0, BOOL, (x, p) -> x[0].isNan());
    public static final ElementwiseOp IS_INF = ElementwiseOp.of(
            "IsInf",
            1,
            0,
            BOOL,
            (x, p) -> x[0].type().isFloatingPoint() ? x[0].abs().eq(Double.POSITIVE_INFINITY) : x[0].ne(x[0]));
    public static final ElementwiseOp IS_FINITE = ElementwiseOp.of(
            "IsFinite",
            1,
            0,
            BOOL,
            (x, p) -> x[0].type().isFloatingPoint() ? x[0].abs().lt(Double.POSITIVE_INFINITY) : x[0].eq(x[0]));

    /** Subgradient 0 at 0; NaN passes the gradient as in PyTorch's threshold. */
    public static final ElementwiseOp RELU = ElementwiseOp.of(
            "Relu",
            1,
            0,
            SAME,
            (x, p) -> x[0].max(0),
            (g, x, y, p) -> Expr.select(y.le(0), Expr.constant(0.0, g.type()), g));

    // ---- two arguments

    public static final ElementwiseOp ADD = binary("Add", Op.ADD);
    public static final ElementwiseOp ADD_ALPHA =
            ElementwiseOp.of("Add", 2, 1, SAME, (x, p) -> x[0].add(p[0].mul(x[1])));
    public static final ElementwiseOp SUB = binary("Sub", Op.SUB);
    public static final ElementwiseOp SUB_ALPHA =
            ElementwiseOp.of("Sub", 2, 1, SAME, (x, p) -> x[0].sub(p[0].mul(x[1])));
    public static final ElementwiseOp MUL = binary("Mul", Op.MUL);
    public static final ElementwiseOp DIV = floating("Div", Op.DIV);
    public static final ElementwiseOp DIV_TRUNC = ElementwiseOp.of("Div", 2, 0, SAME, (x, p) -> {
        Expr q = x[0].div(x[1]);
        return q.type().isFloatingPoint() ? q.unary(Op.TRUNC) : q;
    });
    public static final ElementwiseOp DIV_FLOOR =
            ElementwiseOp.of("FloorDivide", 2, 0, SAME, (x, p) -> floorDivide(x[0], x[1]));
    public static final ElementwiseOp REMAINDER = binary("Remainder", Op.REMAINDER);
    public static final ElementwiseOp FMOD = binary("Fmod", Op.FMOD);
    public static final ElementwiseOp POW = binary("Pow", Op.POW);
    public static final ElementwiseOp MAXIMUM = binary("Maximum", Op.MAX);
    public static final ElementwiseOp MINIMUM = binary("Minimum", Op.MIN);
    public static final ElementwiseOp ATAN2 = floating("Atan2", Op.ATAN2);
    public static final ElementwiseOp HYPOT = floating("Hypot", Op.HYPOT);
    public static final ElementwiseOp COPYSIGN = floating("Copysign", Op.COPYSIGN);
    public static final ElementwiseOp EQ = compare("Eq", Op.EQ);
    public static final ElementwiseOp NE = compare("Ne", Op.NE);
    public static final ElementwiseOp LT = compare("Lt", Op.LT);
    public static final ElementwiseOp LE = compare("Le", Op.LE);
    public static final ElementwiseOp GT = compare("Gt", Op.GT);
    public static final ElementwiseOp GE = compare("Ge", Op.GE);
    public static final ElementwiseOp LOGICAL_AND = logical("LogicalAnd", Op.AND);
    public static final ElementwiseOp LOGICAL_OR = logical("LogicalOr", Op.OR);
    public static final ElementwiseOp LOGICAL_XOR = logical("LogicalXor", Op.XOR);
    public static final ElementwiseOp AND = binary("BitwiseAnd", Op.AND);
    public static final ElementwiseOp OR = binary("BitwiseOr", Op.OR);
    public static final ElementwiseOp XOR = binary("BitwiseXor", Op.XOR);
    public static final ElementwiseOp SHL = binary("BitwiseLeftShift", Op.SHL);
    public static final ElementwiseOp SHR = binary("BitwiseRightShift", Op.SHR);

    /** NaN loses against a number. */
    public static final ElementwiseOp FMAX = ElementwiseOp.of(
            "Fmax", 2, 0, SAME, (x, p) -> Expr.select(x[0].ge(x[1]).or(x[1].isNan()), x[0], x[1]));

    public static final ElementwiseOp FMIN = ElementwiseOp.of(
            "Fmin", 2, 0, SAME, (x, p) -> Expr.select(x[0].le(x[1]).or(x[1].isNan()), x[0], x[1]));

    // ---- three arguments

    /** The condition is bool and takes no part in promotion. */
    public static final ElementwiseOp WHERE =
            ElementwiseOp.withRaw("Where", 3, 0, SAME, 1, (x, p) -> Expr.select(x[0], x[1], x[2]));

    public static final ElementwiseOp MASKED_FILL =
            ElementwiseOp.withRaw("MaskedFill", 2, 1, SAME, 2, (x, p) -> Expr.select(x[1], p[0], x[0]));

    /** Written from the nearer end, so that weight 1 gives the end exactly. */
    public static final ElementwiseOp LERP = ElementwiseOp.of(
            "Lerp",
            3,
            0,
            SAME,
            (x, p) -> {
                Expr d = x[1].sub(x[0]);
                return Expr.select(
                        x[2].abs().lt(0.5),
                        x[0].add(x[2].mul(d)),
                        x[1].sub(d.mul(x[2].neg().add(1))));
            },
            (g, x, y, p) -> g.mul(x[2].neg().add(1)),
            (g, x, y, p) -> g.mul(x[2]),
            (g, x, y, p) -> g.mul(x[1].sub(x[0])));

    public static final ElementwiseOp ADDCMUL = ElementwiseOp.of(
            "Addcmul", 3, 1, SAME, (x, p) -> x[0].add(p[0].mul(x[1]).mul(x[2])));
    public static final ElementwiseOp ADDCDIV = ElementwiseOp.of(
            "Addcdiv", 3, 1, SAME, (x, p) -> x[0].add(p[0].mul(x[1]).div(x[2])));

    static Expr masked(Expr condition, Expr g) {
        return Expr.select(condition, g, Expr.constant(0.0, g.type()));
    }

    /** Quotient rounded down; for floating point as PyTorch (and Python) does it, from the remainder, so that it fits it exactly. */
    private static Expr floorDivide(Expr a, Expr b) {
        if (!a.type().isFloatingPoint()) {
            return a.sub(a.binary(Op.REMAINDER, b)).div(b);
        }
        Expr mod = a.binary(Op.FMOD, b);
        Expr d = a.sub(mod).div(b);
        Expr q = Expr.select(mod.ne(0).and(b.lt(0).binary(Op.XOR, mod.lt(0))), d.sub(1), d);
        Expr f = q.floor();
        Expr rounded = Expr.select(q.sub(f).gt(0.5), f.add(1), f);
        Expr zero = Expr.constant(0.0, a.type()).binary(Op.COPYSIGN, a.div(b));
        return Expr.select(b.eq(0), a.div(b), Expr.select(q.eq(0), zero, rounded));
    }

    // ---- operations with checks or choices beyond their expression

    private static Object[] pair(Tensor a, Object b) {
        return new Object[] {a, b};
    }

    static DType typeOf(Object o) {
        return o instanceof Tensor t ? t.dtype() : ((Scalar) o).dtype();
    }

    /** {@code a + alpha * b}. */
    public static Tensor add(Tensor a, Object b) {
        return Elementwise.apply(ADD, pair(a, b));
    }

    /** {@code a - b}; not of bool. */
    public static Tensor sub(Tensor a, Object b) {
        notBool("sub", a, b);
        return Elementwise.apply(SUB, pair(a, b));
    }

    private static void notBool(String op, Object a, Object b) {
        Checks.dtype(
                typeOf(a) != DType.BOOL && typeOf(b) != DType.BOOL,
                op,
                "expected numbers, got bool; use logicalXor or logicalNot for truth values");
    }

    private static Scalar alpha(String op, Object a, Object b, Scalar alpha) {
        DType common = Promotion.resultType(a, b);
        // No Checks here: they would print alpha each time, which takes longer than the operation.
        if (!common.isFloatingPoint() && alpha.dtype() == DType.FLOAT64) {
            throw new DTypeException("[" + op + "] expected an integer alpha for integer tensors, got " + alpha);
        }
        if (common != DType.BOOL && alpha.dtype() == DType.BOOL) {
            throw new DTypeException(
                    "[" + op + "] expected a number as alpha for tensors of type " + common + ", got bool");
        }
        return alpha;
    }

    /** {@code a + alpha * b}, as one rounding less than two operations. */
    public static Tensor add(Tensor a, Object b, Scalar alpha) {
        return Elementwise.apply(ADD_ALPHA, pair(a, b), alpha("add", a, b, alpha));
    }

    /** {@code a - alpha * b}. */
    public static Tensor sub(Tensor a, Object b, Scalar alpha) {
        notBool("sub", a, b);
        return Elementwise.apply(SUB_ALPHA, pair(a, b), alpha("sub", a, b, alpha));
    }

    /** {@code a += alpha * b}. */
    public static Tensor addInPlace(Tensor a, Object b, Scalar alpha) {
        return Elementwise.applyInPlace("add_", ADD_ALPHA, pair(a, b), alpha("add_", a, b, alpha));
    }

    /** {@code a -= b}. */
    public static Tensor subInPlace(Tensor a, Object b) {
        notBool("sub_", a, b);
        return Elementwise.applyInPlace("sub_", SUB, pair(a, b));
    }

    /** {@code a -= alpha * b}. */
    public static Tensor subInPlace(Tensor a, Object b, Scalar alpha) {
        notBool("sub_", a, b);
        return Elementwise.applyInPlace("sub_", SUB_ALPHA, pair(a, b), alpha("sub_", a, b, alpha));
    }

    /** The operation of division with a rounding mode: {@code none}, {@code trunc} or {@code floor}. */
    public static ElementwiseOp division(String mode) {
        return switch (mode) {
            case "none" -> DIV;
            case "trunc" -> DIV_TRUNC;
            case "floor" -> DIV_FLOOR;
            default ->
                throw new dev.jangada.ArgumentException(
                        "[div] expected rounding mode none, trunc or floor, got '" + mode + "'");
        };
    }

    /** {@code a ^ b}; an integer base takes no negative plain exponent. */
    public static Tensor pow(Tensor a, Object b) {
        checkPow(a, b);
        return b instanceof Scalar s && s.toDouble() == 2 && !a.dtype().isInteger() && a.dtype() != DType.BOOL
                ? Elementwise.apply(SQUARE, a)
                : Elementwise.apply(POW, pair(a, b));
    }

    /** {@code a ^= b}. */
    public static Tensor powInPlace(Tensor a, Object b) {
        checkPow(a, b);
        return Elementwise.applyInPlace("pow_", POW, pair(a, b));
    }

    private static void checkPow(Tensor a, Object b) {
        if (b instanceof Scalar s && s.dtype() != DType.FLOAT64 && !a.dtype().isFloatingPoint()) {
            Checks.value(
                    s.toLong() >= 0,
                    "pow",
                    "expected an exponent >= 0 for an integer base, got " + s
                            + "; convert the base to a floating point type");
        }
    }

    /** An operation of a plain number and a tensor, in this order. */
    public static Tensor reversed(ElementwiseOp op, Scalar number, Tensor x) {
        if (op == SUB) {
            notBool("rsub", number, x);
        }
        return Elementwise.apply(op, pair2(number, x));
    }

    private static Object[] pair2(Scalar a, Tensor b) {
        return new Object[] {a, b};
    }

    /** {@code -x}; not of bool. */
    public static Tensor neg(Tensor x) {
        checkNeg(x);
        return Elementwise.apply(NEG, x);
    }

    /** Requires numbers. */
    public static void checkNeg(Tensor x) {
        Checks.dtype(x.dtype() != DType.BOOL, "neg", "expected numbers, got bool; use logicalNot");
    }

    /** Requires bool or integer operands. */
    public static void bitwise(String op, Object... operands) {
        for (Object o : operands) {
            Checks.dtype(!typeOf(o).isFloatingPoint(), op, "expected bool or integers, got " + typeOf(o));
        }
    }

    /** {@code condition ? a : b}; the condition is bool. */
    public static Tensor where(Tensor condition, Object a, Object b) {
        Checks.dtype(
                condition.dtype() == DType.BOOL,
                "where",
                "expected a bool condition, got " + condition.dtype() + "; compare first, as in x.gt(0)");
        return Elementwise.apply(WHERE, new Object[] {condition, a, b});
    }

    /** {@code x + value * a / b}; not of integers alone. */
    public static Tensor addcdiv(Tensor x, Tensor a, Tensor b, Scalar value) {
        checkAddcdiv(a, b);
        return Elementwise.apply(ADDCDIV, new Object[] {x, a, b}, value);
    }

    /** {@code x += value * a / b}; not of integers alone. */
    public static Tensor addcdivInPlace(Tensor x, Tensor a, Tensor b, Scalar value) {
        checkAddcdiv(a, b);
        return Elementwise.applyInPlace("addcdiv_", ADDCDIV, new Object[] {x, a, b}, value);
    }

    private static void checkAddcdiv(Tensor a, Tensor b) {
        Checks.dtype(
                a.dtype().isFloatingPoint() || b.dtype().isFloatingPoint(),
                "addcdiv",
                "expected a floating point operand in the quotient, got " + a.dtype() + " and " + b.dtype()
                        + "; convert one with to(DType.FLOAT32)");
    }

    private static Scalar fillValue(String op, Tensor x, Tensor mask, Scalar value) {
        Checks.dtype(mask.dtype() == DType.BOOL, op, "expected a bool mask, got " + mask.dtype());
        return fits(op, x.dtype(), value);
    }

    /** Requires that a plain number can be stored in a type without losing its kind or overflowing. */
    static Scalar fits(String op, DType type, Scalar value) {
        boolean ok = type.isFloatingPoint()
                || type == DType.BOOL
                || (value.toDouble() == Math.rint(value.toDouble()) || value.dtype() == DType.FLOAT64)
                        && inRange(type, value);
        Checks.value(ok, op, "expected a value that fits into " + type + ", got " + value);
        return value;
    }

    private static boolean inRange(DType type, Scalar value) {
        double v = value.toDouble();
        double top = Math.pow(2, type.size() * 8 - (type == DType.UINT8 ? 0 : 1));
        return v >= -top && v < top || (type == DType.INT64 && value.dtype() == DType.INT64);
    }

    /** A copy with {@code value} where the mask is true. */
    public static Tensor maskedFill(Tensor x, Tensor mask, Scalar value) {
        return Elementwise.apply(MASKED_FILL, pair(x, mask), fillValue("maskedFill", x, mask, value));
    }

    /** Writes {@code value} where the mask is true. */
    public static Tensor maskedFillInPlace(Tensor x, Tensor mask, Scalar value) {
        return Elementwise.applyInPlace(
                "maskedFill_", MASKED_FILL, pair(x, mask), fillValue("maskedFill_", x, mask, value));
    }
}
