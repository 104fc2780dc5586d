package dev.jangada.cuda;

import dev.jangada.kernel.MapKernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Several independent element-wise calls in one launch: each member has a range of blocks.
 *
 * <p>Members with equal programs and forms share their code and stand in one array. Words: the first block of each member and the number of all
 * blocks; then the words of each member as {@link MapSource} has them. A guarded group takes the failure record and the site first.
 *
 * @param variants the different forms
 * @param counts how many members each form has
 * @param guarded whether the kernel does nothing once something has failed
 */
record MapGroup(List<MapVariant> variants, List<Integer> counts, boolean guarded) implements Variant {
    /** What all members of a launch may take, a little less than the 4 KB that every architecture allows. */
    private static final int MOST_WORDS = 500;

    /** Returns the launches of several kernels; operands and scalars stand one after the other. Empty members are left out. */
    static Job job(List<MapKernel> kernels, Placed[] outs, Placed[] ins, CallContext context) {
        List<MapCall> calls = new ArrayList<>();
        List<CallContext> contexts = new ArrayList<>();
        int out = 0;
        int in = 0;
        int scalar = 0;
        for (MapKernel k : kernels) {
            int nouts = k.program().outputCount();
            int nins = k.program().inputs().size();
            int nscalars = k.program().scalars().size();
            CallContext part = context.part(scalar, nscalars);
            if (outs[out].layout().numel() != 0) {
                calls.add(MapCall.of(
                        k, Arrays.copyOfRange(outs, out, out + nouts), Arrays.copyOfRange(ins, in, in + nins), part));
                contexts.add(part);
            }
            out += nouts;
            in += nins;
            scalar += nscalars;
        }
        return parts(calls, contexts, context);
    }

    /** The parameter of a kernel is of limited size: as many members per launch as fit. */
    private static Job parts(List<MapCall> calls, List<CallContext> contexts, CallContext context) {
        List<Launch> launches = new ArrayList<>();
        int first = 0;
        int words = 0;
        for (int i = 0; i < calls.size(); i++) {
            int own = calls.get(i).words(contexts.get(i)).count() + 1;
            if (i > first && words + own > MOST_WORDS) {
                launches.add(launch(calls.subList(first, i), contexts.subList(first, i), context));
                first = i;
                words = 0;
            }
            words += own;
        }
        if (first < calls.size()) {
            launches.add(launch(calls.subList(first, calls.size()), contexts.subList(first, calls.size()), context));
        }
        return new Job(launches, 0);
    }

    private static Launch launch(List<MapCall> calls, List<CallContext> contexts, CallContext context) {
        boolean wide = calls.stream().anyMatch(c -> c.variant().wide());
        Map<MapVariant, List<Integer>> members = new LinkedHashMap<>();
        for (int i = 0; i < calls.size(); i++) {
            MapVariant own = calls.get(i).variant();
            MapVariant shared = members.keySet().stream()
                    .filter(v -> v.kernel().program().equals(own.kernel().program()))
                    .map(v -> own.of(v.kernel(), wide))
                    .filter(members::containsKey)
                    .findFirst()
                    .orElse(own.of(own.kernel(), wide));
            members.computeIfAbsent(shared, v -> new ArrayList<>()).add(i);
        }
        Words words = new Words();
        if (context.guarded()) {
            context.addFailure(words);
        }
        Words parameters = new Words();
        long blocks = 0;
        for (List<Integer> list : members.values()) {
            for (int i : list) {
                words.add(blocks);
                blocks += LaunchShape.flat(calls.get(i).turns(), context.multiprocessors())
                        .gridX();
                parameters.addAll(calls.get(i).words(contexts.get(i)));
            }
        }
        words.add(blocks).addAll(parameters);
        List<Integer> counts = members.values().stream().map(List::size).toList();
        MapGroup group = new MapGroup(List.copyOf(members.keySet()), counts, context.guarded());
        return new Launch(group, new LaunchShape((int) blocks, 1, 1, LaunchShape.BLOCK, 1, 0), words);
    }

    @Override
    public KernelSource source() {
        int members = counts.stream().mapToInt(Integer::intValue).sum();
        StringBuilder comment = new StringBuilder();
        Code code = new Code();
        for (int k = 0; k < variants.size(); k++) {
            comment.append(counts.get(k)).append(" of ").append(MapSource.comment(variants.get(k)));
            code.block(MapSource.member(variants.get(k), String.valueOf(k)));
        }
        code.open("struct Members");
        if (guarded) {
            Text.failureFields(code);
        }
        code.line("long long first[" + (members + 1) + "];");
        for (int k = 0; k < variants.size(); k++) {
            code.line("Arguments" + k + " of" + k + "[" + counts.get(k) + "];");
        }
        code.close(";").line("");
        String entry = "maps_" + Text.identifier(variants.get(0).kernel().name()) + "_" + members;
        code.open(
                "extern \"C\" __global__ void __launch_bounds__(256) " + entry + "(const __grid_constant__ Members a)");
        if (guarded) {
            code.open("if (jg_failed(a.failure))").line("return;").close();
        }
        code.line("int m = 0;");
        code.open("while (m + 1 < " + members + " && blockIdx.x >= (unsigned int)a.first[m + 1])")
                .line("m++;")
                .close();
        code.line("const unsigned int first = (unsigned int)a.first[m];");
        code.line("const unsigned int block = blockIdx.x - first, blocks = (unsigned int)a.first[m + 1] - first;");
        int before = 0;
        for (int k = 0; k < variants.size(); k++) {
            int after = before + counts.get(k);
            code.open("if (m >= " + before + " && m < " + after + ")");
            code.line("run" + k + "(a.of" + k + "[m - " + before + "], block, blocks);")
                    .close();
            before = after;
        }
        code.close();
        boolean wide = variants.get(0).wide();
        return Text.source(entry, comment.toString(), wide, code.toString());
    }
}
