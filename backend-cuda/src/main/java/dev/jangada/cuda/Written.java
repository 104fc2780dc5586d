package dev.jangada.cuda;

import dev.jangada.DType;
import java.util.List;

/** What the sources of hand-written kernels have in common: a resource, in front of which stand the types and structures of one form. */
final class Written {
    private final Code code = new Code();

    /** Names what the resource distinguishes with {@code #ifdef}. */
    Written define(String name) {
        code.line("#define " + name + " 1");
        return this;
    }

    Written define(String name, String value) {
        code.line("#define " + name + " " + value);
        return this;
    }

    Written line(String line) {
        code.line(line);
        return this;
    }

    Written alias(String type, String name) {
        code.line("typedef " + type + " " + name + ";");
        return this;
    }

    /** Declares a function of one expression. */
    Written function(String type, String signature, String result) {
        code.open("static __device__ __forceinline__ " + type + " " + signature)
                .line("return " + result + ";")
                .close();
        return this;
    }

    /** Declares {@code widen} and {@code narrow}, between Element and Value, for values that are computed with as {@code value}. */
    Written conversions(DType type, String value) {
        alias(CudaTypes.memory(type), "Element");
        alias(value, "Value");
        function("Value", "widen(Element x)", CudaTypes.widened(type, CudaTypes.fromMemory(type, "x")));
        return function("Element", "narrow(Value x)", CudaTypes.narrowed(type, "x"));
    }

    /**
     * Declares the structure Arguments: failure record and site if guarded, fields, the rank and the dimensions; and the function
     * {@code locate(a, i, at_…)}, which adds the positions of element number i. Without operands there are no dimensions.
     */
    Written arguments(boolean takesFailure, List<String> fields, int slots, List<String> operands) {
        boolean located = !operands.isEmpty();
        if (located) {
            code.line("").block(Text.dimStruct("Dim", operands)).line("");
        }
        code.open("struct Arguments");
        if (takesFailure) {
            Text.failureFields(code);
        }
        for (String f : fields) {
            code.line(f + ";");
        }
        if (located) {
            code.line("long long rank;").line("Dim dims[" + slots + "];");
        }
        code.close(";").line("");
        if (!located) {
            return this;
        }
        StringBuilder positions = new StringBuilder();
        for (String o : operands) {
            positions.append(", Index& at_").append(o);
        }
        code.open("static __device__ __forceinline__ void locate(const Arguments& a, Index i" + positions + ")");
        Text.locate(code, "at_", "a.dims", slots, "a.rank", "i", operands);
        code.close().line("");
        return this;
    }

    /** Returns the source: the entry's name and the check of a guarded kernel take their places in the resource. */
    KernelSource source(String entry, String comment, boolean wide, boolean guarded, String resource) {
        String body = Helpers.resource(resource)
                .replaceAll("\\bENTRY\\b", entry)
                .replaceAll("\n *GUARD\n", guarded ? GUARD : "\n");
        return Text.source(entry, comment, wide, code + body);
    }

    private static final String GUARD = """

                if (jg_failed(a.failure)) {
                    return;
                }
            """;
}
