package dev.jangada.capture;

import dev.jangada.backend.KernelCall;
import dev.jangada.backend.Plan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** A plan as text, and as a graph for Graphviz. */
final class Explain {
    private final Plan plan;
    private final List<Slot> slots;

    Explain(Plan plan, List<Slot> slots) {
        this.plan = plan;
        this.slots = slots;
    }

    private String name(int slot) {
        Slot s = slots.get(slot);
        return switch (s.kind) {
            case INNER -> "%" + slot;
            case OUTER -> "outside" + slot;
            case CONSTANT -> "constant" + slot;
            case ARGUMENT -> "argument" + s.source;
            case GRADIENT -> "gradient" + slot;
            case FRESH -> "result" + slot;
        };
    }

    private String operand(Plan.Ref r) {
        String shape = r.layout().shape().toString();
        return name(r.slot()) + ":" + r.dtype().torchName() + shape
                + (r.layout().isContiguous() ? "" : "*");
    }

    private String operands(List<Plan.Ref> refs) {
        return refs.stream().map(this::operand).collect(Collectors.joining(", "));
    }

    // ---- text

    /** Returns one line per kernel; a star marks operands that do not lie in row-major order. */
    String text(CaptureStats s) {
        StringBuilder out = new StringBuilder();
        append(out, plan.steps(), "");
        line(out, "%d launches of %d kernels for %d that were asked for", s.nodesAfter(), s.kernels(), s.nodesBefore());
        line(
                out,
                "last run: %d launches, %d calls of the device, %.3f MFLOP, %.3f MB moved",
                s.launches(),
                s.hostCalls(),
                s.flops() / 1e6,
                s.bytesMoved() / 1e6);
        line(
                out,
                "arena %.3f MB for %.3f MB of intermediate results",
                s.arenaBytes() / 1e6,
                s.intermediateBytes() / 1e6);
        line(
                out,
                "%d plans of %d traces, this one made in %.1f ms%s",
                s.plans(),
                s.traces(),
                s.traceMillis(),
                s.lastReason().isEmpty() ? "" : "; traced last because of " + s.lastReason());
        return out.toString();
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private void append(StringBuilder out, List<Plan.Step> steps, String indent) {
        for (int i = 0; i < steps.size(); i++) {
            Plan.Step step = steps.get(i);
            if (step instanceof Plan.Launch l) {
                boolean several = l.call() instanceof KernelCall.Several;
                if (several) {
                    out.append(indent).append("together\n");
                }
                l.members().forEach(m -> append(out, m, several ? indent + "  " : indent));
            } else if (step instanceof Plan.Repeat r) {
                line(out, "%srepeat, %d times in the last run", indent, ((Turns) r.turns()).last());
                append(out, r.body(), indent + "  ");
            } else if (i == 0 || !(steps.get(i - 1) instanceof Plan.Refresh)) {
                out.append(indent).append("ask the host for scalars\n");
            }
        }
    }

    private void append(StringBuilder out, Plan.Launch l, String indent) {
        out.append(indent)
                .append(operands(l.outs()))
                .append(" = ")
                .append(l.call().name())
                .append('(')
                .append(operands(l.ins()))
                .append(")\n");
    }

    // ---- dot

    /** Returns the plan as a directed graph: kernels, and what flows between them. */
    String dot() {
        List<Plan.Launch> launches = new ArrayList<>();
        Flow.launches(plan.steps(), launches::add);
        StringBuilder out = new StringBuilder("digraph plan {\n  node [shape=box, fontname=\"sans-serif\"];\n");
        Map<Integer, String> from = new HashMap<>();
        for (int i = 0; i < launches.size(); i++) {
            Plan.Launch l = launches.get(i);
            out.append("  k")
                    .append(i)
                    .append(" [label=\"")
                    .append(l.call().name())
                    .append('"');
            out.append(
                    l.call() instanceof KernelCall.Matmul || l.call() instanceof KernelCall.MatmulMap
                            ? ", style=bold];\n"
                            : "];\n");
            for (Plan.Ref r : l.ins()) {
                String source = from.computeIfAbsent(r.slot(), slot -> outside(out, slot));
                out.append("  ").append(source).append(" -> k").append(i);
                out.append(" [label=\"").append(r.layout().shape()).append("\"];\n");
            }
            for (Plan.Ref r : l.outs()) {
                from.put(r.slot(), "k" + i);
            }
        }
        return out.append("}\n").toString();
    }

    private String outside(StringBuilder out, int slot) {
        out.append("  s").append(slot).append(" [label=\"").append(name(slot)).append("\", shape=ellipse];\n");
        return "s" + slot;
    }
}
