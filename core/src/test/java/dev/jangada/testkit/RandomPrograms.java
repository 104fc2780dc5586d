package dev.jangada.testkit;

import dev.jangada.DType;
import dev.jangada.DTypeException;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random straight-line programs of primitives that give the same bits on every backend.
 *
 * <p>What is unspecified is kept out: conversions to integers are clamped first, divisors are never zero, zeros lose their sign where it is
 * free, and halves are made of float32 only.
 */
final class RandomPrograms {
    private static final List<Op> UNARY = new ArrayList<>(Primitives.exact(1));
    private static final List<Op> BINARY = new ArrayList<>(Primitives.exact(2));

    static {
        UNARY.add(Op.NOT);
        UNARY.remove(Op.CAST);
        BINARY.addAll(List.of(Op.AND, Op.OR, Op.XOR, Op.SHL, Op.SHR));
    }

    private final Random random;
    private final List<Expr> pool = new ArrayList<>();

    private RandomPrograms(Random random) {
        this.random = random;
    }

    /** Returns a program over operands of these types with outputs of those types. */
    static Program of(Random random, List<DType> inputs, List<DType> scalars, List<DType> outputs, int steps) {
        RandomPrograms p = new RandomPrograms(random);
        for (int i = 0; i < inputs.size(); i++) {
            p.pool.add(Expr.input(i, inputs.get(i)));
        }
        for (int i = 0; i < scalars.size(); i++) {
            p.pool.add(Expr.scalar(i, scalars.get(i)));
        }
        p.pool.add(Expr.index());
        p.pool.add(Expr.constant(random.nextInt(5) - 2, DType.values()[random.nextInt(10)]));
        for (int i = 0; i < steps; i++) {
            p.step();
        }
        Expr[] results = new Expr[outputs.size()];
        for (int i = 0; i < results.length; i++) {
            results[i] = convert(p.recent(), outputs.get(i));
        }
        return Program.of(inputs, scalars, results);
    }

    private Expr any() {
        return pool.get(random.nextInt(pool.size()));
    }

    /** Prefers later values, so that programs become deep. */
    private Expr recent() {
        int n = pool.size();
        return pool.get(n - 1 - random.nextInt(Math.min(n, 4)));
    }

    private void step() {
        Expr a = recent();
        try {
            int kind = random.nextInt(10);
            if (kind < 3) {
                Op op = UNARY.get(random.nextInt(UNARY.size()));
                pool.add(tame(op, a.unary(op)));
            } else if (kind < 8) {
                Op op = BINARY.get(random.nextInt(BINARY.size()));
                pool.add(binary(op, a, convert(any(), a.type())));
            } else if (kind == 8) {
                Expr condition = convert(any(), DType.BOOL);
                pool.add(Expr.select(condition, a, convert(any(), a.type())));
            } else {
                pool.add(convert(a, DType.values()[random.nextInt(10)]));
            }
        } catch (DTypeException e) {
            pool.add(convert(a, a.type().isFloatingPoint() ? DType.INT32 : DType.FLOAT32));
        }
    }

    private static Expr binary(Op op, Expr a, Expr b) {
        boolean divides = op == Op.DIV || op == Op.REMAINDER || op == Op.FMOD;
        Expr y = b;
        if (divides && !a.type().isFloatingPoint() && a.type() != DType.BOOL) {
            y = Expr.select(b.eq(0), Expr.constant(3, b.type()), b);
        } else if (op == Op.COPYSIGN && a.type().isFloatingPoint()) {
            y = Expr.select(b.isNan(), Expr.constant(-1.0, b.type()), b);
        }
        return tame(op, a.binary(op, y));
    }

    /** Adding 0 makes -0 to 0. */
    private static Expr tame(Op op, Expr y) {
        boolean free = op == Op.SIGN || op == Op.REMAINDER || op == Op.MAX || op == Op.MIN;
        return free && y.type().isFloatingPoint() ? y.add(0) : y;
    }

    /** A conversion whose result is specified. */
    static Expr convert(Expr e, DType target) {
        DType from = e.type();
        if (target.isHalf() && from.size() > 2 && from != DType.FLOAT32) {
            return e.cast(DType.FLOAT32).cast(target);
        }
        if (from.isFloatingPoint() && target.isInteger()) {
            Expr x = from.isHalf() ? e.cast(DType.FLOAT32) : e;
            Expr number = Expr.select(x.isNan(), Expr.constant(7.0, x.type()), x);
            return number.max(-1e9).min(1e9).cast(target);
        }
        return e.cast(target);
    }
}
