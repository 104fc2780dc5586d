package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.PrintOptions;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Backends;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Tensors as text, as PyTorch prints them.
 *
 * <p>Of a large tensor only the elements at the edges are read. Source: PyTorch {@code torch._tensor_str}.
 */
public final class Printing {
    private static final String PREFIX = "tensor(";
    private static final String ELLIPSIS = "...";

    private final PrintOptions options;
    private final boolean summarize;
    private final long[] sizes; // of the tensor; the shown part has at most 2 * edgeItems of a summarised dimension
    private final int[] shown;
    private final String[] elements;
    private final int width;

    private Printing(Tensor t, PrintOptions options) {
        this.options = options;
        this.summarize = t.numel() > options.threshold();
        this.sizes = t.shape().toArray();
        this.shown = new int[sizes.length];
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            Tensor part = t;
            for (int d = 0; d < sizes.length; d++) {
                if (cut(d)) {
                    part = edges(part, d);
                }
                shown[d] = (int) part.size(d);
            }
            Numbers format = Numbers.of(part, options);
            this.elements = format.texts();
            this.width = format.width();
        }
    }

    private boolean cut(int d) {
        return summarize && sizes[d] > 2L * options.edgeItems();
    }

    private Tensor edges(Tensor t, int d) {
        int n = options.edgeItems();
        return Joining.cat(d, Slicing.narrow(t, d, 0, n), Slicing.narrow(t, d, t.size(d) - n, n));
    }

    /** The text of a tensor. */
    public static String text(Tensor t, PrintOptions options) {
        if (t.isClosed()) {
            return PREFIX + "closed, size=" + tuple(t) + ", dtype=torch." + t.dtype() + ")";
        }
        List<String> suffixes = new ArrayList<>();
        if (!t.device().equals(Backends.defaultDevice())) {
            suffixes.add("device='" + t.device() + "'");
        }
        String body;
        DType type = t.dtype();
        if (t.numel() == 0) {
            if (t.dim() != 1) {
                suffixes.add("size=" + tuple(t));
            }
            if (type != Promotion.DEFAULT_FLOAT) {
                suffixes.add("dtype=torch." + type);
            }
            body = "[]";
        } else {
            if (type != Promotion.DEFAULT_FLOAT && type != DType.INT64 && type != DType.BOOL) {
                suffixes.add("dtype=torch." + type);
            }
            Printing p = new Printing(t, options);
            body = p.block(0, 0, PREFIX.length());
        }
        if (t.gradFn().isPresent()) {
            suffixes.add("grad_fn=<" + t.gradFn().get().name() + ">");
        } else if (t.requiresGrad()) {
            suffixes.add("requires_grad=True");
        }
        List<String> names = DimNames.of(t);
        if (names.stream().anyMatch(n -> !n.equals(DimNames.NONE))) {
            String shown = String.join(
                    ", ",
                    names.stream()
                            .map(n -> n.equals(DimNames.NONE) ? "None" : "'" + n + "'")
                            .toList());
            suffixes.add("names=(" + shown + (names.size() == 1 ? ",)" : ")"));
        }
        return withSuffixes(PREFIX + body, suffixes, options.lineWidth());
    }

    private static String tuple(Tensor t) {
        StringBuilder s = new StringBuilder("(");
        for (int i = 0; i < t.dim(); i++) {
            s.append(i == 0 ? "" : ", ").append(t.size(i));
        }
        return s.append(t.dim() == 1 ? ",)" : ")").toString();
    }

    private static String withSuffixes(String body, List<String> suffixes, int lineWidth) {
        StringBuilder s = new StringBuilder(body);
        int last = body.length() - body.lastIndexOf('\n') + 1;
        for (String suffix : suffixes) {
            if (last + suffix.length() + 2 > lineWidth) {
                s.append(",\n").append(" ".repeat(PREFIX.length())).append(suffix);
                last = PREFIX.length() + suffix.length();
            } else {
                s.append(", ").append(suffix);
                last += suffix.length() + 2;
            }
        }
        return s.append(')').toString();
    }

    /** The text from a dimension on; {@code first} is the number of its first element among those shown. */
    private String block(int d, int first, int indent) {
        if (d == sizes.length) {
            return elements[first];
        }
        if (d == sizes.length - 1) {
            return line(d, first, indent);
        }
        int step = 1;
        for (int i = d + 1; i < shown.length; i++) {
            step *= shown[i];
        }
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < shown[d]; i++) {
            parts.add(block(d + 1, first + i * step, indent + 1));
        }
        if (cut(d)) {
            parts.add(options.edgeItems(), ELLIPSIS);
        }
        String separator = "," + "\n".repeat(sizes.length - d - 1) + " ".repeat(indent + 1);
        return "[" + String.join(separator, parts) + "]";
    }

    private String line(int d, int first, int indent) {
        int perLine = Math.max(1, Math.floorDiv(options.lineWidth() - indent, width + 2));
        List<String> items = new ArrayList<>();
        Collections.addAll(items, java.util.Arrays.copyOfRange(elements, first, first + shown[d]));
        if (cut(d)) {
            items.add(options.edgeItems(), options.edgeItems() == 0 ? ELLIPSIS : " " + ELLIPSIS);
        }
        StringBuilder s = new StringBuilder("[");
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) {
                s.append(i % perLine == 0 ? ",\n" + " ".repeat(indent + 1) : ", ");
            }
            s.append(items.get(i));
        }
        return s.append(']').toString();
    }
}
