package dev.jangada.cuda;

import dev.jangada.DType;
import dev.jangada.cuda.ReduceVariant.Stage;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import dev.jangada.kernel.ReduceKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reductions as CUDA C.
 *
 * <p>A thread accumulates every n-th reduced element of an output, in rows every n-th group of {@link #GROUP}, which are read at once where
 * they lie side by side and are aligned; the accumulators of the n threads are merged as a tree, by shuffles
 * within a warp and through shared memory. Float32 is accumulated in float32: what a thread adds up one by one is a small part of the whole. The
 * order follows from the shape alone.
 *
 * <p>Words: failure record and site if the kernel may fail or is guarded; the workspace unless the stage is WHOLE; numbers of outputs, of
 * reduced elements (MERGE: of pieces), of reduced elements per piece; with outputs: their addresses, the rank and the kept dimensions with their strides; with inputs: their
 * addresses, the rank and the kept dimensions, the rank and the reduced dimensions, with their strides (the number of the element last, where it
 * is used); the scalars.
 */
final class ReduceSource {
    /** Neighbours that a thread takes in rows: 16 bytes of float32. The same for all types, so that the order follows from the shape. */
    static final int GROUP = 4;

    private static final String MERGE_ROWS = """
            for (int d = (alongs < 32 ? alongs : 32) / 2; d > 0; d /= 2) {
                sum.merge(sum.down(d, alongs < 32 ? alongs : 32));
            }
            if (alongs > 32) {
                const unsigned int warps = alongs / 32;
                __syncthreads();
                if (along % 32 == 0) {
                    shared[beside * warps + along / 32] = sum;
                }
                __syncthreads();
                for (unsigned int w = 1; along == 0 && w < warps; w++) {
                    sum.merge(shared[beside * warps + w]);
                }
            }
            """;

    private static final String MERGE_COLUMNS = """
            if (alongs > 1) {
                __syncthreads();
                shared[along * besides + beside] = sum;
                __syncthreads();
                for (unsigned int d = alongs / 2; d > 0; d /= 2) {
                    if (along < d) {
                        shared[along * besides + beside].merge(shared[(along + d) * besides + beside]);
                    }
                    __syncthreads();
                }
                sum = shared[beside];
            }
            """;

    private final ReduceVariant v;
    private final ReduceKernel kernel;
    private final Program program;
    private final Program epilogue;
    private final DType type;
    private final List<String> ys = new ArrayList<>();
    private final List<String> xs = new ArrayList<>();
    private final List<String> read;
    private final ProgramText value;
    private final ProgramText finish;
    private final boolean scalars;

    ReduceSource(ReduceVariant v) {
        this.v = v;
        this.kernel = v.kernel();
        this.program = kernel.program();
        this.epilogue = kernel.epilogue();
        this.type = program.outputType(0);
        for (int i = 0; i < epilogue.outputCount(); i++) {
            ys.add("y" + i);
        }
        for (int i = 0; i < program.inputs().size(); i++) {
            xs.add("x" + i);
        }
        this.read = new ArrayList<>(xs);
        if (program.uses(Op.INDEX)) {
            read.add("number");
        }
        this.value = new ProgramText(program, "value", "Scalars");
        this.finish = new ProgramText(epilogue, "finish", "Scalars");
        this.scalars = v.readsInputs() && program.uses(Op.SCALAR) || v.writesOutputs() && epilogue.uses(Op.SCALAR);
    }

    KernelSource write() {
        String entry = "reduce_" + Text.identifier(kernel.name()) + "_"
                + v.stage().name().toLowerCase(Locale.ROOT) + (v.rows() ? "_rows" : "_columns")
                + (v.slots() > 1 ? "_r" + v.slots() : "")
                + (v.access().isEmpty() ? "" : "_v" + GROUP);
        Code code = new Code();
        code.line("typedef " + accumulator() + " Accumulator;").line("");
        structures(code);
        if (v.readsInputs()) {
            code.block(value.function()).line("");
            accumulate(code);
        } else {
            merge(code);
        }
        if (v.writesOutputs()) {
            code.block(finish.function()).line("");
        }
        store(code);
        entry(code, entry);
        return Text.source(entry, comment(), v.wide(), code.toString());
    }

    private String comment() {
        return kernel.name() + ", " + v.stage().name().toLowerCase(Locale.ROOT) + " of "
                + (v.rows() ? "rows" : "columns")
                + "\n" + kernel.op().name().toLowerCase(Locale.ROOT) + " of "
                + new ProgramText(program, "", "").describe("x") + new ProgramText(epilogue, "", "").describe("y");
    }

    /** Returns the type that combines values. */
    private String accumulator() {
        boolean bool = type == DType.BOOL;
        String t = accumulated();
        return switch (kernel.op()) {
            case SUM -> bool ? "JgAny" : "JgSum<" + t + ">";
            case PROD -> bool ? "JgAll" : "JgProduct<" + t + ">";
            case MAX -> bool ? "JgAny" : "JgMax<" + t + ">";
            case MIN -> bool ? "JgAll" : "JgMin<" + t + ">";
            case ARGMAX -> "JgArg<" + t + ", true>";
            case ARGMIN -> "JgArg<" + t + ", false>";
            case ANY -> "JgAny";
            case ALL -> "JgAll";
            case VARIANCE -> "JgWelford<" + t + ">";
        };
    }

    /** Returns the type of the values as they are combined: integers that are summed or multiplied are unsigned, so that they wrap. */
    private String accumulated() {
        return switch (kernel.op()) {
            case SUM, PROD ->
                !type.isInteger()
                        ? CudaTypes.register(type)
                        : type == DType.INT64 ? "unsigned long long" : "unsigned int";
            case MAX, MIN, ARGMAX, ARGMIN -> CudaTypes.register(type);
            case ANY, ALL -> "bool";
            case VARIANCE -> type == DType.FLOAT32 ? "float" : "double";
        };
    }

    /** Returns the accumulator of no elements. */
    private String neutral() {
        boolean bool = type == DType.BOOL;
        return switch (kernel.op()) {
            case SUM -> bool ? "false" : "0";
            case PROD -> bool ? "true" : "1";
            case ANY -> "false";
            case ALL -> "true";
            case MAX -> CudaTypes.lowest(type, false);
            case MIN -> CudaTypes.lowest(type, true);
            case ARGMAX -> CudaTypes.lowest(type, false) + ", 9223372036854775807LL";
            case ARGMIN -> CudaTypes.lowest(type, true) + ", 9223372036854775807LL";
            case VARIANCE -> "0, 0, 0";
        };
    }

    /** Returns result number {@code i} of an accumulator. */
    private String result(int i) {
        String result = CudaTypes.register(kernel.resultType());
        return switch (kernel.op()) {
            case SUM, PROD, MAX, MIN, ANY, ALL -> "(" + result + ")sum.x";
            case ARGMAX, ARGMIN -> "sum.number";
            case VARIANCE ->
                i == 0
                        ? "(" + result + ")sum.squares"
                        : "(" + result + ")(sum.count == 0 ? __int_as_float(0x7fc00000) : sum.mean)";
        };
    }

    private void structures(Code code) {
        if (v.writesOutputs()) {
            code.block(Text.dimStruct("OutDim", ys)).line("");
        }
        if (v.readsInputs()) {
            code.block(Text.dimStruct("InDim", read)).line("");
        }
        code.open("struct Arguments");
        if (v.takesFailure()) {
            Text.failureFields(code);
        }
        if (v.stage() != Stage.WHOLE) {
            code.line("Accumulator* pieces;");
        }
        code.line("long long outputs, length, pieceLength;");
        if (v.writesOutputs()) {
            for (int i = 0; i < ys.size(); i++) {
                Text.pointer(code, false, epilogue.outputType(i), ys.get(i));
            }
            code.line("long long outRank;").line("OutDim out[" + v.slots() + "];");
        }
        if (v.readsInputs()) {
            for (int i = 0; i < xs.size(); i++) {
                Text.pointer(code, true, program.inputs().get(i), xs.get(i));
            }
            code.line("long long keptRank;").line("InDim kept[" + v.slots() + "];");
            code.line("long long reducedRank;").line("InDim reduced[" + v.slots() + "];");
        }
        Text.scalarFields(code, program.scalars().size(), v.scalarsInMemory());
        code.close(";").line("");
        if (scalars) {
            code.block(ProgramText.scalarsStruct(program, "Scalars")).line("");
        }
    }

    private String parameters(String more) {
        return "(const Arguments& a, " + (scalars ? "const Scalars& s, " : "") + more
                + (v.mayFail() ? ", bool& failed)" : ")");
    }

    private String arguments(String more) {
        return "(a, " + (scalars ? "s, " : "") + more + (v.mayFail() ? ", failed)" : ")");
    }

    private void accumulate(Code code) {
        String which =
                v.isGrouped() ? "Groups of " + GROUP + " from first, first + step" : "Elements first, first + step";
        code.line("/** " + which + ", ... below end of output k. */");
        code.open("static __device__ __forceinline__ Accumulator accumulate"
                + parameters("Index k, Index first, Index step, Index end"));
        Text.positions(code, "from_", read, "");
        Text.locate(code, "from_", "a.kept", v.slots(), "a.keptRank", "k", read);
        code.line("Accumulator sum = {" + neutral() + "};");
        if (!v.access().isEmpty()) {
            groups(code);
        } else if (v.isGrouped()) {
            code.open("for (Index group = first; group < end; group += step)");
            code.line("#pragma unroll");
            code.open("for (int j = 0; j < " + GROUP + "; j++)");
            code.line("const Index r = group + j;");
            code.open("if (r < end)");
            element(code);
            code.close().close().close();
        } else {
            code.line("#pragma unroll 4");
            code.open("for (Index r = first; r < end; r += step)");
            element(code);
            code.close();
        }
        code.line("return sum;").close().line("");
    }

    /** Groups of neighbours that lie side by side. */
    private void groups(Code code) {
        List<String> ins = new ArrayList<>();
        for (int i = 0; i < xs.size(); i++) {
            String x = xs.get(i);
            DType t = program.inputs().get(i);
            boolean many = v.access().charAt(i) == 'v';
            if (!many) {
                code.line("const " + CudaTypes.memory(t) + " one_" + x + " = a." + x + "[from_" + x + "];");
            }
            ins.add(CudaTypes.fromMemory(t, many ? "some_" + x + ".v[j]" : "one_" + x));
        }
        code.line("#pragma unroll 2");
        code.open("for (Index r = first; r < end; r += step)");
        for (int i = 0; i < xs.size(); i++) {
            String x = xs.get(i);
            if (v.access().charAt(i) == 'v') {
                code.line("const JgPack<" + CudaTypes.memory(program.inputs().get(i)) + ", " + GROUP + "> some_" + x
                        + " = jg_load<" + GROUP + ">(a." + x + " + (from_" + x + " + r));");
            }
        }
        code.line("#pragma unroll");
        code.open("for (int j = 0; j < " + GROUP + "; j++)");
        add(code, "(long long)(from_number + r + j)", ins, "r + j");
        code.close().close();
    }

    /** Reduced element r, wherever its operands lie. */
    private void element(Code code) {
        Text.positions(code, "at_", read, "from_");
        Text.locate(code, "at_", "a.reduced", v.slots(), "a.reducedRank", "r", read);
        List<String> ins = new ArrayList<>();
        for (int i = 0; i < xs.size(); i++) {
            String x = xs.get(i);
            ins.add(CudaTypes.fromMemory(program.inputs().get(i), "a." + x + "[at_" + x + "]"));
        }
        add(code, "(long long)at_number", ins, "r");
    }

    private void add(Code code, String number, List<String> ins, String reduced) {
        code.line(CudaTypes.memory(type) + " x;");
        code.line(value.call(number, ins, List.of("x")));
        boolean truth = accumulator().equals("JgAny") || accumulator().equals("JgAll");
        code.line("sum.add(" + (truth ? "x != 0" : "(" + accumulated() + ")x") + ", (long long)(" + reduced + "));");
    }

    private void merge(Code code) {
        code.line("/** Pieces first, first + step, ... of output k. */");
        code.open("static __device__ __forceinline__ Accumulator accumulate"
                + parameters("Index k, Index first, Index step, Index end"));
        code.line("Accumulator sum = {" + neutral() + "};");
        code.open("for (Index p = first; p < end; p += step)");
        code.line("sum.merge(a.pieces[p * (Index)a.outputs + k]);");
        code.close().line("return sum;").close().line("");
    }

    private void store(Code code) {
        code.open("static __device__ __forceinline__ void store" + parameters("Index k, const Accumulator& sum"));
        if (!v.writesOutputs()) {
            code.line("a.pieces[(Index)blockIdx.y * (Index)a.outputs + k] = sum;")
                    .close()
                    .line("");
            return;
        }
        List<String> results = new ArrayList<>();
        for (int i = 0; i < kernel.op().results(); i++) {
            results.add(result(i));
        }
        for (int i = 0; i < ys.size(); i++) {
            code.line(CudaTypes.memory(epilogue.outputType(i)) + " " + ys.get(i) + ";");
        }
        code.line(finish.call("(long long)k", results, ys));
        Text.positions(code, "at_", ys, "");
        Text.locate(code, "at_", "a.out", v.slots(), "a.outRank", "k", ys);
        for (String y : ys) {
            code.line("a." + y + "[at_" + y + "] = " + y + ";");
        }
        code.close().line("");
    }

    private void entry(Code code, String entry) {
        code.open("extern \"C\" __global__ void __launch_bounds__(256) " + entry
                + "(const __grid_constant__ Arguments a)");
        if (v.guarded()) {
            code.open("if (jg_failed(a.failure))").line("return;").close();
        }
        if (scalars) {
            code.line("const Scalars s = " + ProgramText.scalarsValue(program, "a.scalars") + ";");
        }
        String[] axes = v.rows() ? new String[] {"x", "y"} : new String[] {"y", "x"};
        code.line("const unsigned int along = threadIdx." + axes[0] + ", alongs = blockDim." + axes[0] + ";");
        code.line("const unsigned int beside = threadIdx." + axes[1] + ", besides = blockDim." + axes[1] + ";");
        code.line("const Index outputs = (Index)a.outputs, length = (Index)a.length;");
        if (v.stage() == Stage.PIECES) {
            code.line("const Index begin = (Index)blockIdx.y * (Index)a.pieceLength;");
            code.line(
                    "const Index end = begin + (Index)a.pieceLength < length ? begin + (Index)a.pieceLength : length;");
        } else {
            code.line("const Index begin = 0, end = length;");
        }
        code.line("__shared__ Accumulator shared[" + (v.rows() ? 8 : 256) + "];");
        code.open(
                "for (Index first = (Index)blockIdx.x * besides; first < outputs; first += (Index)gridDim.x * besides)");
        code.line("const Index k = first + beside;");
        code.line("Accumulator sum = {" + neutral() + "};");
        if (v.mayFail()) {
            code.line("bool failed = false;");
        }
        code.open("if (k < outputs)");
        String taken = v.isGrouped() ? " * " + GROUP : "";
        code.line("sum = accumulate" + arguments("k, begin + along" + taken + ", alongs" + taken + ", end") + ";")
                .close();
        code.block(v.rows() ? MERGE_ROWS : MERGE_COLUMNS);
        code.open("if (along == 0 && k < outputs)")
                .line("store" + arguments("k, sum") + ";")
                .close();
        if (v.mayFail()) {
            code.open("if (failed)")
                    .line("jg_fail(a.failure, a.site, 0, (long long)k);")
                    .close();
        }
        code.close().close();
    }
}
