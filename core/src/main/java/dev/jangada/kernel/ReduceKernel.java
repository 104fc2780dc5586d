package dev.jangada.kernel;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import java.util.List;

/**
 * A reduction: an element-wise program gives the values, {@link ReduceOp} combines them over the reduced dimensions, and an epilogue
 * program makes the outputs of the combined value: {@code out_j = epilogue_j(combine(program(in …)))}.
 *
 * <p>Floating point sums are accumulated in float32 or wider, in an order that depends on shapes alone. Both programs see the same
 * scalars. The epilogue's inputs are the results of the {@link ReduceOp}, in {@link #resultType}.
 */
public final class ReduceKernel extends Kernel {
    private final ReduceOp op;
    private final Program program;
    private final Program epilogue;

    /**
     * Creates a reduction.
     *
     * @throws ArgumentException if the programs do not fit each other
     */
    public ReduceKernel(String name, ReduceOp op, Program program, Program epilogue) {
        super(name);
        this.op = op;
        this.program = program;
        this.epilogue = epilogue;
        if (program.outputCount() != 1
                || !epilogue.inputs().equals(java.util.Collections.nCopies(op.results(), resultType()))
                || !epilogue.scalars().equals(program.scalars())
                || program.outputType(0).isHalf()) {
            throw new ArgumentException(
                    "[reduce] expected one value and an epilogue of " + op.results() + " inputs of type " + resultType()
                            + " with the same scalars, got " + program + "\nand " + epilogue);
        }
    }

    /** Returns the reduction whose epilogue only converts the result to {@code out}. */
    public static ReduceKernel of(String name, ReduceOp op, Program program, DType out) {
        DType result = resultType(op, program.outputType(0));
        Expr[] outputs = new Expr[op.results()];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = Expr.input(i, result).cast(out);
        }
        List<DType> inputs = java.util.Collections.nCopies(outputs.length, result);
        return new ReduceKernel(name, op, program, Program.of(inputs, program.scalars(), outputs));
    }

    /** Returns the combination. */
    public ReduceOp op() {
        return op;
    }

    /** Returns what gives the value of each element: one output, not of a half type. */
    public Program program() {
        return program;
    }

    /** Returns what makes the outputs of the combined values. */
    public Program epilogue() {
        return epilogue;
    }

    /** Returns the type of the combined value: int64 for ARGMAX and ARGMIN, bool for ANY and ALL, else the type of the program's output. */
    public DType resultType() {
        return resultType(op, program.outputType(0));
    }

    private static DType resultType(ReduceOp op, DType value) {
        return switch (op) {
            case ARGMAX, ARGMIN -> DType.INT64;
            case ANY, ALL -> DType.BOOL;
            case SUM, PROD, MAX, MIN, VARIANCE -> value;
        };
    }
}
