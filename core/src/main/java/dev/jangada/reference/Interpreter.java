package dev.jangada.reference;

import dev.jangada.DType;
import dev.jangada.kernel.Element;
import dev.jangada.kernel.Instruction;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.List;

/**
 * Runs a program for one element at a time: set the inputs, run, take the outputs.
 *
 * <p>Each value stands in one of two arrays: {@code floats} for floating point types, {@code ints} for the others.
 */
final class Interpreter {
    private final Program program;
    private final List<Instruction> code;
    private final long[] scalars;
    private final double[] floatInputs;
    private final long[] intInputs;
    private final double[] floats;
    private final long[] ints;

    Interpreter(Program program, long[] scalars) {
        this.program = program;
        this.code = program.code();
        this.scalars = scalars;
        this.floatInputs = new double[program.inputs().size()];
        this.intInputs = new long[floatInputs.length];
        this.floats = new double[code.size()];
        this.ints = new long[floats.length];
    }

    void input(int slot, Elements from, long position) {
        if (from.isFloat()) {
            floatInputs[slot] = from.getDouble(position);
        } else {
            intInputs[slot] = from.getLong(position);
        }
    }

    void input(int slot, double floating, long integer) {
        floatInputs[slot] = floating;
        intInputs[slot] = integer;
    }

    double floatOutput(int i) {
        return floats[program.output(i)];
    }

    long intOutput(int i) {
        return ints[program.output(i)];
    }

    void store(int i, Elements to, long position) {
        if (to.isFloat()) {
            to.put(position, floatOutput(i));
        } else {
            to.put(position, intOutput(i));
        }
    }

    /** Runs all instructions for the element of a row-major number. */
    void run(long index) {
        for (int i = 0; i < floats.length; i++) {
            Instruction step = code.get(i);
            DType type = step.type();
            if (type.isFloatingPoint()) {
                floats[i] = Element.round(floating(step), type);
            } else {
                ints[i] = Element.wrap(integer(step, index), type);
            }
        }
    }

    private boolean isFloat(int instruction) {
        return code.get(instruction).type().isFloatingPoint();
    }

    private double floating(Instruction s) {
        Op op = s.op();
        if (op == Op.INPUT) {
            return floatInputs[s.a()];
        } else if (op == Op.SCALAR) {
            return Double.longBitsToDouble(scalars[s.a()]);
        } else if (op == Op.CONST) {
            return Double.longBitsToDouble(s.bits());
        } else if (op == Op.CAST) {
            return isFloat(s.a()) ? floats[s.a()] : Element.toDouble(ints[s.a()], s.type());
        } else if (op == Op.SELECT) {
            return ints[s.a()] != 0 ? floats[s.b()] : floats[s.c()];
        } else if (op == Op.FMA) {
            return s.type() == DType.FLOAT32
                    ? Math.fma((float) floats[s.a()], (float) floats[s.b()], (float) floats[s.c()])
                    : Math.fma(floats[s.a()], floats[s.b()], floats[s.c()]);
        }
        return Arithmetic.floating(op, floats[s.a()], floats[s.b()]);
    }

    private long integer(Instruction s, long index) {
        Op op = s.op();
        if (op == Op.INPUT) {
            return intInputs[s.a()];
        } else if (op == Op.SCALAR) {
            return scalars[s.a()];
        } else if (op == Op.CONST) {
            return s.bits();
        } else if (op == Op.INDEX) {
            return index;
        } else if (op == Op.CAST) {
            return cast(s);
        } else if (op == Op.SELECT) {
            return ints[s.a()] != 0 ? ints[s.b()] : ints[s.c()];
        } else if (op == Op.RANDOM) {
            return Philox.word(ints[s.a()], ints[s.b()], ints[s.c()]);
        } else if (op.isComparison()) {
            return comparison(s) ? 1 : 0;
        }
        return Arithmetic.integer(op, s.type(), ints[s.a()], ints[s.b()]);
    }

    /** To bool through the value itself, because 0.5 is true; to integers by truncation. */
    private long cast(Instruction s) {
        if (!isFloat(s.a())) {
            return ints[s.a()];
        }
        double x = floats[s.a()];
        return s.type() == DType.BOOL ? (x != 0 ? 1 : 0) : (long) x;
    }

    private boolean comparison(Instruction s) {
        if (isFloat(s.a())) {
            double a = floats[s.a()];
            double b = floats[s.b()];
            return Arithmetic.comparison(s.op(), a < b, a == b, a > b);
        }
        long a = ints[s.a()];
        long b = ints[s.b()];
        return Arithmetic.comparison(s.op(), a < b, a == b, a > b);
    }
}
