package dev.jangada.cuda;

import dev.jangada.DType;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.Instruction;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.ArrayList;
import java.util.List;

/**
 * A program as a device function of one element: {@code name(s, number, x0, x1, …, y0, y1, …, failed)}, with only those parameters that it
 * uses. The scalars are the fields of a structure.
 */
final class ProgramText {
    private final Program program;
    private final String name;
    private final String scalars;

    /**
     * Creates the text of a program.
     *
     * @param name of the function
     * @param scalars name of the structure of scalars
     */
    ProgramText(Program program, String name, String scalars) {
        this.program = program;
        this.name = name;
        this.scalars = scalars;
    }

    /** Tells whether an integer may be divided by zero. */
    static boolean mayFail(Program program) {
        return program.code().stream()
                .anyMatch(i -> !i.type().isFloatingPoint()
                        && (i.op() == Op.DIV || i.op() == Op.REMAINDER || i.op() == Op.FMOD));
    }

    private boolean takesScalars() {
        return program.uses(Op.SCALAR);
    }

    private boolean takesNumber() {
        return program.uses(Op.INDEX);
    }

    /** Returns the structure of scalars, empty if the program has none. */
    static String scalarsStruct(Program program, String name) {
        if (program.scalars().isEmpty()) {
            return "";
        }
        Code code = new Code();
        code.open("struct " + name);
        for (int i = 0; i < program.scalars().size(); i++) {
            code.line(CudaTypes.register(program.scalars().get(i)) + " s" + i + ";");
        }
        return code.close(";").toString();
    }

    /** Returns the initializer of that structure from the words in {@code words}. */
    static String scalarsValue(Program program, String words) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < program.scalars().size(); i++) {
            values.add(CudaTypes.scalar(program.scalars().get(i), words + "[" + i + "]"));
        }
        return "{" + String.join(", ", values) + "}";
    }

    /** Returns the outputs as expressions, one per line, for a comment. */
    String describe(String out) {
        Expr[] ins = new Expr[program.inputs().size()];
        for (int i = 0; i < ins.length; i++) {
            ins[i] = Expr.input(i, program.inputs().get(i));
        }
        Expr[] parameters = new Expr[program.scalars().size()];
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = Expr.scalar(i, program.scalars().get(i));
        }
        StringBuilder s = new StringBuilder();
        Expr[] outs = program.over(ins, parameters);
        for (int i = 0; i < outs.length; i++) {
            s.append(out).append(i).append(" = ").append(outs[i]).append('\n');
        }
        return s.toString();
    }

    /** Returns the function. */
    String function() {
        Code code = new Code();
        List<String> parameters = new ArrayList<>();
        if (takesScalars()) {
            parameters.add("const " + scalars + "& s");
        }
        if (takesNumber()) {
            parameters.add("long long number");
        }
        for (int i = 0; i < program.inputs().size(); i++) {
            parameters.add(CudaTypes.register(program.inputs().get(i)) + " x" + i);
        }
        for (int i = 0; i < program.outputCount(); i++) {
            parameters.add(CudaTypes.memory(program.outputType(i)) + "& y" + i);
        }
        if (mayFail(program)) {
            parameters.add("bool& failed");
        }
        code.open("static __device__ __forceinline__ void " + name + "(" + String.join(", ", parameters) + ")");
        for (int i = 0; i < program.code().size(); i++) {
            Instruction step = program.code().get(i);
            if (!isLeaf(step)) {
                code.line("const " + CudaTypes.register(step.type()) + " v" + i + " = " + expression(step) + ";");
            }
        }
        for (int i = 0; i < program.outputCount(); i++) {
            code.line("y" + i + " = " + value(program.output(i)) + ";");
        }
        return code.close().toString();
    }

    /** Returns a call of the function. */
    String call(String number, List<String> ins, List<String> outs) {
        List<String> args = new ArrayList<>();
        if (takesScalars()) {
            args.add("s");
        }
        if (takesNumber()) {
            args.add(number);
        }
        args.addAll(ins);
        args.addAll(outs);
        if (mayFail(program)) {
            args.add("failed");
        }
        return name + "(" + String.join(", ", args) + ");";
    }

    private static boolean isLeaf(Instruction step) {
        return step.op().arity() == 0;
    }

    /** Returns the register or the leaf that holds the result of an instruction. */
    private String value(int number) {
        Instruction step = program.code().get(number);
        return switch (step.op()) {
            case INPUT -> "x" + step.a();
            case SCALAR -> "s.s" + step.a();
            case INDEX -> "number";
            case CONST -> {
                String c = CudaTypes.constant(step.type(), step.bits());
                yield c.startsWith("-") || c.startsWith("(") ? "(" + c + ")" : c;
            }
            default -> "v" + number;
        };
    }

    private DType type(int number) {
        return program.code().get(number).type();
    }

    private String expression(Instruction step) {
        if (step.op() == Op.CAST) {
            return CudaTypes.cast(type(step.a()), step.type(), value(step.a()));
        }
        int arity = step.op().arity();
        DType type = step.op() == Op.SELECT ? step.type() : type(step.a());
        return CudaOps.of(
                step.op(), type, value(step.a()), arity > 1 ? value(step.b()) : "", arity > 2 ? value(step.c()) : "");
    }
}
