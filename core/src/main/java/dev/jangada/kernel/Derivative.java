package dev.jangada.kernel;

import dev.jangada.DType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Derives the gradient of an expression with respect to its inputs, in reverse: one walk from the result to the inputs.
 *
 * <p>At kinks the subgradient is PyTorch's: {@code abs} and {@code sign} give 0 at 0, equal arguments of {@code max} and {@code min} share
 * evenly, rounding functions and {@code sign} have gradient 0. A {@code select} sends the gradient to the chosen side and 0 to the other:
 * where the derivative there is infinite or NaN, so is the product, as in PyTorch; such expressions need a derivative of their own.
 */
public final class Derivative {
    private final Map<Expr, Expr> adjoint = new IdentityHashMap<>();

    private Derivative() {}

    /**
     * Returns {@code upstream * d root / d input} for each operand, or empty where the derivative is 0 everywhere.
     *
     * <p>Where the derivative can be written with the result (as in {@code tanh' = 1 - y * y}) it is written with {@code result}: a
     * caller that has stored the result passes an INPUT for it, else {@code root} itself.
     *
     * @param root the expression, of a floating point type
     * @param result stands for the value of {@code root} in the derivative
     * @param upstream gradient that arrives, of the type of {@code root}
     * @param inputs the INPUT expressions to differentiate by, the very objects that occur in {@code root}
     */
    public static List<Optional<Expr>> of(Expr root, Expr result, Expr upstream, List<Expr> inputs) {
        Derivative d = new Derivative();
        d.adjoint.put(root, upstream);
        List<Expr> order = postOrder(root);
        for (int i = order.size() - 1; i >= 0; i--) {
            Expr e = order.get(i);
            Expr g = d.adjoint.get(e);
            if (g != null && e.arity() > 0) {
                d.propagate(e, e == root ? result : e, g);
            }
        }
        List<Optional<Expr>> out = new ArrayList<>();
        for (Expr x : inputs) {
            out.add(Optional.ofNullable(d.adjoint.get(x)));
        }
        return out;
    }

    private static List<Expr> postOrder(Expr root) {
        List<Expr> order = new ArrayList<>();
        Map<Expr, Boolean> seen = new IdentityHashMap<>();
        Deque<Expr> stack = new ArrayDeque<>();
        stack.push(root);
        while (!stack.isEmpty()) {
            Expr e = stack.peek();
            if (seen.containsKey(e)) {
                stack.pop();
                if (!seen.put(e, true)) {
                    order.add(e);
                }
                continue;
            }
            seen.put(e, false);
            for (int i = 0; i < e.arity(); i++) {
                if (!seen.containsKey(e.arg(i))) {
                    stack.push(e.arg(i));
                }
            }
        }
        return order;
    }

    private void to(Expr e, Expr g) {
        if (!e.type().isFloatingPoint()) {
            return;
        }
        Expr v = e.type().isHalf() ? g.cast(DType.FLOAT32) : g;
        adjoint.merge(e, v, Expr::add);
    }

    private void propagate(Expr e, Expr y, Expr g) {
        switch (e.op().arity()) {
            case 1 -> {
                Expr x = e.arg(0);
                if (x.type().isFloatingPoint()) {
                    Expr dx = e.op() == Op.CAST ? castBack(e, x, g) : unary(e.op(), x, y, g);
                    if (dx != null) {
                        to(x, dx);
                    }
                }
            }
            case 2 -> binary(e.op(), y, e.arg(0), e.arg(1), g);
            case 3 -> ternary(e, g);
            default -> {}
        }
    }

    private static Expr castBack(Expr y, Expr x, Expr g) {
        return y.type().isFloatingPoint() ? g.cast(x.type().compute()) : null;
    }

    private void ternary(Expr y, Expr g) {
        if (y.op() == Op.SELECT) {
            Expr zero = Expr.constant(0.0, g.type());
            to(y.arg(1), Expr.select(y.arg(0), g, zero));
            to(y.arg(2), Expr.select(y.arg(0), zero, g));
        } else if (y.op() == Op.FMA) {
            to(y.arg(0), g.mul(y.arg(1)));
            to(y.arg(1), g.mul(y.arg(0)));
            to(y.arg(2), g);
        }
    }

    /** Gradient of {@code y = op(x)}, or null where it is 0. */
    private static Expr unary(Op op, Expr x, Expr y, Expr g) {
        return switch (op) {
            case NEG -> g.neg();
            case ABS -> g.mul(x.sign());
            case SIGN, FLOOR, CEIL, ROUND, TRUNC, NOT, CAST -> null;
            case SQRT -> g.div(y.mul(2));
            case RSQRT -> g.mul(-0.5).mul(y.mul(y).mul(y));
            case RECIPROCAL -> g.neg().mul(y.mul(y));
            case EXP -> g.mul(y);
            case EXP2 -> g.mul(y).mul(Math.log(2));
            case EXPM1 -> g.mul(y.add(1));
            case LOG -> g.div(x);
            case LOG2 -> g.div(x.mul(Math.log(2)));
            case LOG10 -> g.div(x.mul(Math.log(10)));
            case LOG1P -> g.div(x.add(1));
            case SIN -> g.mul(x.cos());
            case COS -> g.mul(x.sin().neg());
            case TAN -> g.mul(y.mul(y).add(1));
            case ASIN -> g.mul(x.mul(x).neg().add(1).rsqrt());
            case ACOS -> g.neg().mul(x.mul(x).neg().add(1).rsqrt());
            case ATAN -> g.div(x.mul(x).add(1));
            case SINH -> g.mul(x.unary(Op.COSH));
            case COSH -> g.mul(x.unary(Op.SINH));
            case TANH -> g.mul(y.mul(y).neg().add(1));
            case ASINH -> g.mul(x.mul(x).add(1).rsqrt());
            case ACOSH -> g.mul(x.mul(x).sub(1).rsqrt());
            case ATANH -> g.div(x.mul(x).neg().add(1));
            case SIGMOID -> g.mul(y.neg().add(1)).mul(y);
            case ERF -> g.mul(x.mul(x).neg().exp().mul(2 / Math.sqrt(Math.PI)));
            case ERFC -> g.mul(x.mul(x).neg().exp().mul(-2 / Math.sqrt(Math.PI)));
            case INPUT,
                    SCALAR,
                    CONST,
                    INDEX,
                    SELECT,
                    FMA,
                    RANDOM,
                    ADD,
                    SUB,
                    MUL,
                    DIV,
                    REMAINDER,
                    FMOD,
                    POW,
                    MAX,
                    MIN,
                    ATAN2,
                    HYPOT,
                    COPYSIGN,
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

    private void binary(Op op, Expr y, Expr a, Expr b, Expr g) {
        if (op.isComparison() || !a.type().isFloatingPoint()) {
            return;
        }
        Expr zero = Expr.constant(0.0, g.type());
        switch (op) {
            case ADD -> both(a, g, b, g);
            case SUB -> both(a, g, b, g.neg());
            case MUL -> both(a, g.mul(b), b, g.mul(a));
            case DIV -> both(a, g.div(b), b, g.neg().mul(a.div(b).div(b)));
            case REMAINDER -> both(a, g, b, g.neg().mul(a.div(b).floor()));
            case FMOD -> both(a, g, b, g.neg().mul(a.div(b).unary(Op.TRUNC)));
            case POW -> {
                Expr da = g.mul(b.mul(a.pow(b.sub(1))));
                Expr db = g.mul(Expr.select(a.eq(0).and(b.ge(0)), zero, y.mul(a.log())));
                both(a, Expr.select(b.eq(0), zero, da), b, db);
            }
            case MAX, MIN -> {
                Op loses = op == Op.MAX ? Op.LT : Op.GT;
                Expr shared = Expr.select(a.eq(b), g.mul(0.5), g);
                both(
                        a,
                        Expr.select(a.binary(loses, b), zero, shared),
                        b,
                        Expr.select(b.binary(loses, a), zero, shared));
            }
            case ATAN2 -> {
                Expr r = a.mul(a).add(b.mul(b)).reciprocal();
                both(a, g.mul(b.mul(r)), b, g.mul(a.neg().mul(r)));
            }
            case HYPOT -> both(a, g.mul(a.div(y)), b, g.mul(b.div(y)));
            case COPYSIGN -> to(a, Expr.select(a.eq(0), zero, g.mul(y.div(a))));
            default -> throw new AssertionError(op);
        }
    }

    private void both(Expr a, Expr da, Expr b, Expr db) {
        to(a, da);
        to(b, db);
    }
}
