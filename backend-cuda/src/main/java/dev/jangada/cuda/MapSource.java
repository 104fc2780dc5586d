package dev.jangada.cuda;

import dev.jangada.DType;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Op;
import dev.jangada.kernel.Program;
import java.util.ArrayList;
import java.util.List;

/**
 * Element-wise kernels as CUDA C.
 *
 * <p>The dimensions are ordered by the first output's strides and collapsed. Where all operands walk the innermost one without gaps (or
 * stand still in it) and are aligned, a thread takes {@link #vector} neighbours, with accesses of 16 bytes; else one element, each operand
 * with its own strides.
 *
 * <p>Words: failure record and site if the kernel may fail or is guarded; addresses of outputs, of inputs; number of turns (in the
 * contiguous form, of elements); then, unless contiguous, the rank and the dimensions, innermost first, each with size, divider and a stride
 * per operand (the number last, where it is one); the scalars.
 */
final class MapSource {
    private static final int ACCESS_BYTES = 16;
    private static final int MOST_NEIGHBOURS = 8;
    /** A block of random numbers has 4 words: no fewer neighbours, so that it is computed once. */
    private static final int RANDOM_NEIGHBOURS = 4;

    private MapSource() {}

    /** Returns the launch of a kernel, or none if the outputs are empty. Operands all have one shape. */
    static Job job(MapKernel kernel, Placed[] outs, Placed[] ins, CallContext context) {
        if (outs[0].layout().numel() == 0) {
            return Job.NOTHING;
        }
        MapCall call = MapCall.of(kernel, outs, ins, context);
        LaunchShape shape = LaunchShape.flat(call.turns(), context.multiprocessors());
        return Job.of(new Launch(call.variant(), shape, call.words(context)));
    }

    /** Returns the number of neighbours per thread: as many of the largest type as 16 bytes hold. */
    static int vector(Program program) {
        int size = 1;
        for (DType t : program.inputs()) {
            size = Math.max(size, t.size());
        }
        for (int i = 0; i < program.outputCount(); i++) {
            size = Math.max(size, program.outputType(i).size());
        }
        int n = Math.min(MOST_NEIGHBOURS, ACCESS_BYTES / size);
        return program.uses(Op.RANDOM) ? Math.max(RANDOM_NEIGHBOURS, n) : n;
    }

    /** Returns the bytes that an access of {@code vector} elements is aligned to. */
    static int alignment(int vector, DType type) {
        return Math.min(ACCESS_BYTES, vector * type.size());
    }

    static KernelSource source(MapVariant v) {
        String entry = "map_" + Text.identifier(v.kernel().name()) + suffix(v);
        Code code = new Code();
        code.block(member(v, ""));
        code.open("extern \"C\" __global__ void __launch_bounds__(256) " + entry
                + "(const __grid_constant__ Arguments a)");
        if (v.guarded()) {
            code.open("if (jg_failed(a.failure))").line("return;").close();
        }
        code.line("run(a, blockIdx.x, gridDim.x);");
        code.close();
        return Text.source(entry, comment(v), v.wide(), code.toString());
    }

    private static String suffix(MapVariant v) {
        return (v.isContiguous() ? "" : "_r" + v.slots()) + (v.vector() > 1 ? "_v" + v.vector() : "");
    }

    static String comment(MapVariant v) {
        String walk = v.isContiguous()
                ? "contiguous"
                : v.slots() == 1 ? "one dimension" : "up to " + v.slots() + " dimensions";
        return v.kernel().name() + ", " + walk + ", " + v.vector() + " per thread\n"
                + new ProgramText(v.kernel().program(), "", "").describe("y");
    }

    private static List<String> names(MapVariant v) {
        Program p = v.kernel().program();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < p.outputCount(); i++) {
            names.add("y" + i);
        }
        for (int i = 0; i < p.inputs().size(); i++) {
            names.add("x" + i);
        }
        return names;
    }

    private static DType type(MapVariant v, int operand) {
        Program p = v.kernel().program();
        return operand < p.outputCount() ? p.outputType(operand) : p.inputs().get(operand - p.outputCount());
    }

    /** Returns structures and functions of a kernel, their names ending in {@code tag}: the last one is {@code run(a, block, blocks)}. */
    static String member(MapVariant v, String tag) {
        Program program = v.kernel().program();
        List<String> names = names(v);
        List<String> strided = new ArrayList<>(names);
        if (v.numbered()) {
            strided.add("number");
        }
        Code code = new Code();
        if (!v.isContiguous()) {
            code.block(Text.dimStruct("Dim" + tag, strided)).line("");
        }
        code.open("struct Arguments" + tag);
        if (v.takesFailure()) {
            Text.failureFields(code);
        }
        for (int k = 0; k < names.size(); k++) {
            Text.pointer(code, k >= program.outputCount(), type(v, k), names.get(k));
        }
        code.line("long long turns;");
        if (!v.isContiguous()) {
            code.line("long long rank;").line("Dim" + tag + " dims[" + v.slots() + "];");
        }
        Text.scalarFields(code, program.scalars().size(), v.scalarsInMemory());
        code.close(";").line("");
        if (program.uses(Op.SCALAR)) {
            code.block(ProgramText.scalarsStruct(program, "Scalars" + tag)).line("");
        }
        ProgramText element = new ProgramText(program, "element" + tag, "Scalars" + tag);
        code.block(element.function()).line("");
        code.open("static __device__ __forceinline__ void run" + tag + "(const Arguments" + tag
                + "& a, unsigned int block, unsigned int blocks)");
        if (program.uses(Op.SCALAR)) {
            code.line("const Scalars" + tag + " s = " + ProgramText.scalarsValue(program, "a.scalars") + ";");
        }
        code.line("const Index first = (Index)block * blockDim.x + threadIdx.x, step = (Index)blocks * blockDim.x;");
        String turns = v.isContiguous() ? "(Index)a.turns / " + v.vector() : "(Index)a.turns";
        code.open("for (Index i = first; i < " + turns + "; i += step)");
        turn(code, v, element, names, strided);
        code.close();
        if (v.isContiguous()) {
            rest(code, v, element, names);
        }
        return code.close().line("").toString();
    }

    /** What a thread does in one turn: positions, loads, the program for each neighbour, stores. */
    private static void turn(Code code, MapVariant v, ProgramText element, List<String> names, List<String> strided) {
        Program p = v.kernel().program();
        int n = v.vector();
        if (v.isContiguous()) {
            code.line("const Index at = i * " + n + ";");
        } else {
            Text.positions(code, "at_", strided, "");
            Text.locate(code, "at_", "a.dims", v.slots(), "a.rank", "i", strided);
        }
        List<String> ins = new ArrayList<>();
        List<String> outs = new ArrayList<>();
        for (int k = 0; k < names.size(); k++) {
            String x = names.get(k);
            String at = v.isContiguous() && v.access().charAt(k) == 'v' ? "at" : v.isContiguous() ? "0" : "at_" + x;
            boolean many = v.access().charAt(k) == 'v';
            String type = CudaTypes.memory(type(v, k));
            if (k < p.outputCount()) {
                code.line(many ? "JgPack<" + type + ", " + n + "> " + x + ";" : type + " " + x + ";");
                outs.add(many ? x + ".v[j]" : x);
            } else {
                String value = many ? "jg_load<" + n + ">(a." + x + " + " + at + ")" : "a." + x + "[" + at + "]";
                code.line("const " + (many ? "JgPack<" + type + ", " + n + ">" : type) + " " + x + " = " + value + ";");
                ins.add(CudaTypes.fromMemory(type(v, k), many ? x + ".v[j]" : x));
            }
        }
        if (v.mayFail()) {
            code.line("bool failed = false;");
        }
        String number = v.numbered() ? "(long long)at_number" : v.isContiguous() ? "(long long)at" : "(long long)i";
        if (n > 1) {
            String base = v.isContiguous() || v.numbered() ? number : "(long long)i * " + n;
            code.line("#pragma unroll");
            code.open("for (int j = 0; j < " + n + "; j++)");
            code.line(element.call(base + " + j", ins, outs)).close();
        } else {
            code.line(element.call(number, ins, outs));
        }
        store(code, v, names, number);
    }

    private static void store(Code code, MapVariant v, List<String> names, String number) {
        if (v.mayFail()) {
            code.open("if (failed)")
                    .line("jg_fail(a.failure, a.site, 0, " + number + ");")
                    .line("continue;")
                    .close();
        }
        for (int k = 0; k < v.kernel().program().outputCount(); k++) {
            String y = names.get(k);
            boolean many = v.access().charAt(k) == 'v';
            String at = v.isContiguous() ? "at" : "at_" + y;
            code.line(
                    many
                            ? "jg_store<" + v.vector() + ">(a." + y + " + " + at + ", " + y + ");"
                            : "a." + y + "[" + at + "] = " + y + ";");
        }
    }

    /** The elements behind the last whole vector, one per thread. */
    private static void rest(Code code, MapVariant v, ProgramText element, List<String> names) {
        Program p = v.kernel().program();
        code.line("const Index last = (Index)a.turns / " + v.vector() + " * " + v.vector() + " + first;");
        code.open("if (last < (Index)a.turns)");
        List<String> ins = new ArrayList<>();
        List<String> outs = new ArrayList<>();
        for (int k = 0; k < names.size(); k++) {
            String x = names.get(k);
            if (k < p.outputCount()) {
                code.line(CudaTypes.memory(type(v, k)) + " " + x + ";");
                outs.add(x);
            } else {
                String at = v.access().charAt(k) == 'v' ? "last" : "0";
                ins.add(CudaTypes.fromMemory(type(v, k), "a." + x + "[" + at + "]"));
            }
        }
        if (v.mayFail()) {
            code.line("bool failed = false;");
        }
        code.line(element.call("(long long)last", ins, outs));
        if (v.mayFail()) {
            code.open("if (failed)")
                    .line("jg_fail(a.failure, a.site, 0, (long long)last);")
                    .line("return;")
                    .close();
        }
        for (String y : outs) {
            code.line("a." + y + "[last] = " + y + ";");
        }
        code.close();
    }
}
