package dev.jangada.kernel;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Expressions as straight-line code: each instruction reads results of earlier ones; equal sub-expressions are computed once.
 *
 * <p>Immutable. This is what a backend interprets or compiles.
 */
public final class Program {
    private final List<DType> inputs;
    private final List<DType> scalars;
    private final List<Instruction> code;
    private final int[] outputs;
    private final int operations;

    private Program(List<DType> inputs, List<DType> scalars, List<Instruction> code, int[] outputs) {
        this.inputs = List.copyOf(inputs);
        this.scalars = List.copyOf(scalars);
        this.code = List.copyOf(code);
        this.outputs = outputs;
        int arithmetic = 0;
        for (Instruction i : this.code) {
            arithmetic += i.op().arity() > 0 && i.op() != Op.CAST ? 1 : 0;
        }
        this.operations = arithmetic;
    }

    /**
     * Returns the program that computes these expressions.
     *
     * @param inputs element types of the operands
     * @param scalars types of the run-time scalars
     * @param outputs what is stored, in order
     * @throws ArgumentException if an expression names an operand or scalar that is not there, or with another type
     */
    public static Program of(List<DType> inputs, List<DType> scalars, Expr... outputs) {
        List<Instruction> code = new ArrayList<>();
        Map<Instruction, Integer> known = new HashMap<>();
        Map<Expr, Integer> done = new IdentityHashMap<>();
        int[] out = new int[outputs.length];
        for (int i = 0; i < outputs.length; i++) {
            emit(outputs[i], inputs, scalars, code, known, done);
            out[i] = done.get(outputs[i]);
        }
        return new Program(inputs, scalars, code, out);
    }

    /** Post-order walk with an explicit stack: a deep expression must not overflow Java's. */
    private static void emit(
            Expr root,
            List<DType> inputs,
            List<DType> scalars,
            List<Instruction> code,
            Map<Instruction, Integer> known,
            Map<Expr, Integer> done) {
        Deque<Expr> stack = new ArrayDeque<>();
        stack.push(root);
        while (!stack.isEmpty()) {
            Expr e = stack.peek();
            if (done.containsKey(e)) {
                stack.pop();
                continue;
            }
            boolean ready = true;
            for (int i = e.arity() - 1; i >= 0; i--) {
                if (!done.containsKey(e.arg(i))) {
                    stack.push(e.arg(i));
                    ready = false;
                }
            }
            if (ready) {
                stack.pop();
                check(e, inputs, scalars);
                Instruction step = new Instruction(
                        e.op(),
                        e.type(),
                        e.arity() > 0 ? done.get(e.arg(0)) : e.slot(),
                        e.arity() > 1 ? done.get(e.arg(1)) : 0,
                        e.arity() > 2 ? done.get(e.arg(2)) : 0,
                        e.op() == Op.CONST ? e.bits() : 0);
                Integer at = known.get(step);
                if (at == null) {
                    at = code.size();
                    known.put(step, at);
                    code.add(step);
                }
                done.put(e, at);
            }
        }
    }

    private static void check(Expr e, List<DType> inputs, List<DType> scalars) {
        if (e.op() == Op.INPUT || e.op() == Op.SCALAR) {
            List<DType> types = e.op() == Op.INPUT ? inputs : scalars;
            if (e.slot() >= types.size() || types.get(e.slot()) != e.type()) {
                throw new ArgumentException(
                        "[program] expected " + e.op() + " types " + types + ", got " + e + " of type " + e.type());
            }
        }
    }

    /** Returns the number of arithmetic instructions: operands, constants and casts are none. */
    public int operations() {
        return operations;
    }

    /**
     * Returns the outputs as expressions over something else: what this program computes when other programs give its operands.
     *
     * @param operands what stands for each operand, of its type
     * @param parameters what stands for each run-time scalar, of its type
     */
    public Expr[] over(Expr[] operands, Expr[] parameters) {
        Expr[] results = new Expr[code.size()];
        for (int i = 0; i < results.length; i++) {
            Instruction step = code.get(i);
            results[i] = switch (step.op().arity()) {
                case 1 -> Expr.of(step, results[step.a()]);
                case 2 -> Expr.of(step, results[step.a()], results[step.b()]);
                case 3 -> Expr.of(step, results[step.a()], results[step.b()], results[step.c()]);
                default ->
                    switch (step.op()) {
                        case INPUT -> operands[step.a()];
                        case SCALAR -> parameters[step.a()];
                        default -> Expr.of(step);
                    };
            };
        }
        Expr[] out = new Expr[outputs.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = results[outputs[i]];
        }
        return out;
    }

    /** Returns the element types of the operands. */
    public List<DType> inputs() {
        return inputs;
    }

    /** Returns the types of the run-time scalars: bool and int64 are passed as integers, float32 and float64 as bits of a double. */
    public List<DType> scalars() {
        return scalars;
    }

    /** Returns the instructions in order. */
    public List<Instruction> code() {
        return code;
    }

    /** Returns the number of results that are stored. */
    public int outputCount() {
        return outputs.length;
    }

    /** Returns the number of the instruction whose result is stored in output {@code i}. */
    public int output(int i) {
        return outputs[i];
    }

    /** Returns the element type of output {@code i}. */
    public DType outputType(int i) {
        return code.get(outputs[i]).type();
    }

    /** Tells whether a primitive occurs. */
    public boolean uses(Op op) {
        return code.stream().anyMatch(c -> c.op() == op);
    }

    @Override
    public boolean equals(Object o) {
        return this == o
                || (o instanceof Program p
                        && code.equals(p.code)
                        && inputs.equals(p.inputs)
                        && scalars.equals(p.scalars)
                        && java.util.Arrays.equals(outputs, p.outputs));
    }

    @Override
    public int hashCode() {
        return 31 * code.hashCode() + java.util.Arrays.hashCode(outputs);
    }

    @Override
    public String toString() {
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < code.size(); i++) {
            s.append("%").append(i).append(" = ").append(code.get(i)).append('\n');
        }
        return s.append("store ").append(java.util.Arrays.toString(outputs)).toString();
    }
}
