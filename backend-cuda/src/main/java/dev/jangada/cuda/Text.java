package dev.jangada.cuda;

import dev.jangada.DType;
import java.util.List;
import java.util.Locale;

/** Pieces of text that the kernels of all families have in common. */
final class Text {
    private static final int LONGEST_NAME = 60;

    private Text() {}

    /** Returns a name as a part of a C identifier. */
    static String identifier(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9]+", "_").toLowerCase(Locale.ROOT);
        return plain.length() > LONGEST_NAME ? plain.substring(0, LONGEST_NAME) : plain;
    }

    /** Returns a complete source: what the code needs, then the code. */
    static KernelSource source(String entry, String comment, boolean wide, String code) {
        Code head = new Code().comment(comment).line("");
        head.line("typedef unsigned " + (wide ? "long long" : "int") + " Index;")
                .line("");
        return new KernelSource(entry, head + Helpers.neededBy(code) + code);
    }

    /** Returns the structure of a dimension: its size, what divides by it, and the stride of each operand in elements. */
    static String dimStruct(String name, List<String> operands) {
        return "struct " + name + " {\n    long long size, divider" + fields(operands) + ";\n};\n";
    }

    private static String fields(List<String> names) {
        return names.isEmpty() ? "" : ", " + String.join(", ", names);
    }

    /** Declares what {@link CallContext#addFailure} passes. */
    static void failureFields(Code code) {
        code.line("long long* failure;").line("long long site;");
    }

    /** Declares the scalars that {@link CallContext#addScalars} passes. */
    static void scalarFields(Code code, int count, boolean inMemory) {
        if (count > 0) {
            code.line(inMemory ? "const long long* scalars;" : "long long scalars[" + count + "];");
        }
    }

    /** Declares an operand. */
    static void pointer(Code code, boolean isConst, DType type, String name) {
        code.line((isConst ? "const " : "") + CudaTypes.memory(type) + "* " + name + ";");
    }

    /**
     * Writes how the positions of operands follow from a number: it adds to the variable {@code at_x} of each operand x, or with another
     * prefix.
     *
     * @param prefix such as {@code at_}
     * @param dims expression of the dimensions
     * @param slots how many there are at most; with one nothing is divided
     * @param rank expression of how many there are
     * @param from expression of the number, which is below the product of the sizes
     */
    static void locate(
            Code code, String prefix, String dims, int slots, String rank, String from, List<String> operands) {
        if (operands.isEmpty()) {
            return;
        }
        if (slots == 1) {
            for (String o : operands) {
                code.line(prefix + o + " += " + from + " * (Index)" + dims + "[0]." + o + ";");
            }
            return;
        }
        code.open("");
        code.line("Index rest = " + from + ";");
        code.line("#pragma unroll");
        code.open("for (int d = 0; d < " + slots + "; d++)");
        code.open("if (d == (int)" + rank + ")").line("break;").close();
        code.line("const Index quotient = jg_quotient(rest, " + dims + "[d].size, " + dims + "[d].divider);");
        code.line("const Index along = rest - quotient * (Index)" + dims + "[d].size;");
        code.line("rest = quotient;");
        for (String o : operands) {
            code.line(prefix + o + " += along * (Index)" + dims + "[d]." + o + ";");
        }
        code.close().close();
    }

    /** Declares positions that {@link #locate} adds to; {@code from} is the prefix of what they start from, or empty for 0. */
    static void positions(Code code, String prefix, List<String> operands, String from) {
        if (!operands.isEmpty()) {
            StringBuilder s = new StringBuilder("Index ");
            for (int i = 0; i < operands.size(); i++) {
                String o = operands.get(i);
                s.append(i == 0 ? "" : ", ").append(prefix).append(o);
                s.append(" = ").append(from.isEmpty() ? "0" : from + o);
            }
            code.line(s.append(';').toString());
        }
    }
}
