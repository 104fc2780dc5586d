package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.backend.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Sums of products over named dimensions: {@code einsum}, {@code tensordot}, {@code trace}; each a batched matrix product of views. */
public final class Contraction {
    /** A tensor and the label of each of its dimensions, no label twice. */
    private record Labelled(Tensor tensor, List<Integer> labels) {
        long size(int label) {
            return tensor.size(labels.indexOf(label));
        }
    }

    private Contraction() {}

    /** The sum of products that an equation such as {@code bij,bjk->bik} describes. */
    public static Tensor einsum(String equation, Tensor... operands) {
        EinsumEquation e = EinsumEquation.parse(equation, operands);
        List<Labelled> parts = new ArrayList<>();
        for (int i = 0; i < operands.length; i++) {
            parts.add(diagonal(operands[i], e.inputs().get(i)));
        }
        Labelled all = squeezed(parts.get(0), e);
        for (int i = 1; i < parts.size(); i++) {
            List<Integer> needed = new ArrayList<>(e.output());
            for (int j = i + 1; j < parts.size(); j++) {
                needed.addAll(parts.get(j).labels());
            }
            all = contract(all, squeezed(parts.get(i), e), needed);
        }
        return arranged(all, e);
    }

    /** The tensor with each label once: equal labels give their diagonal, a view. */
    private static Labelled diagonal(Tensor t, List<Integer> labels) {
        List<Integer> once = new ArrayList<>();
        for (int l : labels) {
            if (!once.contains(l)) {
                once.add(l);
            }
        }
        if (once.size() == labels.size()) {
            return new Labelled(t, once);
        }
        Layout from = Access.operand(t).layout();
        long[] sizes = new long[once.size()];
        long[] strides = new long[once.size()];
        for (int i = 0; i < labels.size(); i++) {
            int at = once.indexOf(labels.get(i));
            sizes[at] = from.size(i);
            strides[at] += from.stride(i);
        }
        return new Labelled(Shapes.asStrided(t, Layout.of(Shape.of(sizes), strides, from.offset())), once);
    }

    /** The tensor without dimensions of size 1 that are larger in another operand. */
    private static Labelled squeezed(Labelled x, EinsumEquation e) {
        Tensor t = x.tensor();
        List<Integer> labels = new ArrayList<>(x.labels());
        for (int i = labels.size() - 1; i >= 0; i--) {
            if (t.size(i) == 1 && e.size(labels.get(i)) != 1) {
                t = t.squeeze(i);
                labels.remove(i);
            }
        }
        return new Labelled(t, labels);
    }

    private static Labelled summed(Labelled x, List<Integer> other, List<Integer> needed) {
        List<Integer> kept = new ArrayList<>();
        int[] dims = new int[x.labels().size()];
        int n = 0;
        for (int i = 0; i < dims.length; i++) {
            int l = x.labels().get(i);
            if (other.contains(l) || needed.contains(l)) {
                kept.add(l);
            } else {
                dims[n++] = i;
            }
        }
        DType type = x.tensor().dtype();
        return n == 0 ? x : new Labelled(Reductions.sum(x.tensor(), Arrays.copyOf(dims, n), false, type), kept);
    }

    /** The product of two tensors, summed over the labels that nobody needs. */
    private static Labelled contract(Labelled a, Labelled b, List<Integer> needed) {
        Labelled x = summed(a, b.labels(), needed);
        Labelled y = summed(b, a.labels(), needed);
        List<Integer> batch = new ArrayList<>();
        List<Integer> inner = new ArrayList<>();
        List<Integer> left = new ArrayList<>();
        List<Integer> right = new ArrayList<>(y.labels());
        for (int l : x.labels()) {
            if (!y.labels().contains(l)) {
                left.add(l);
            } else if (needed.contains(l)) {
                batch.add(l);
            } else {
                inner.add(l);
            }
        }
        right.removeAll(batch);
        right.removeAll(inner);
        Tensor p = grouped(x, batch, left, inner); // (batch, left, inner)
        Tensor q = grouped(y, batch, inner, right); // (batch, inner, right)
        List<Integer> labels = new ArrayList<>(batch);
        labels.addAll(left);
        labels.addAll(right);
        long[] sizes = new long[labels.size()];
        for (int i = 0; i < sizes.length; i++) {
            int l = labels.get(i);
            sizes[i] = x.labels().contains(l) ? x.size(l) : y.size(l);
        }
        return new Labelled(LinearAlgebra.bmm(p, q).reshape(sizes), labels);
    }

    private static Tensor grouped(Labelled x, List<Integer> first, List<Integer> second, List<Integer> third) {
        List<Integer> order = new ArrayList<>(first);
        order.addAll(second);
        order.addAll(third);
        int[] dims = order.stream().mapToInt(l -> x.labels().indexOf(l)).toArray();
        return x.tensor().permute(dims).reshape(product(x, first), product(x, second), product(x, third));
    }

    private static long product(Labelled x, List<Integer> labels) {
        long n = 1;
        for (int l : labels) {
            n *= x.size(l);
        }
        return n;
    }

    /** The dimensions in the order of the output, missing ones as size 1. */
    private static Tensor arranged(Labelled all, EinsumEquation e) {
        Labelled x = summed(all, List.of(), e.output());
        Tensor t = x.tensor();
        List<Integer> labels = new ArrayList<>(x.labels());
        for (int l : e.output()) {
            if (!labels.contains(l)) {
                t = t.unsqueeze(-1);
                labels.add(l);
            }
        }
        int[] dims = e.output().stream().mapToInt(labels::indexOf).toArray();
        return t.permute(dims);
    }

    /** The sum of products over pairs of dimensions. */
    public static Tensor tensordot(Tensor a, Tensor b, int[] dimsA, int[] dimsB) {
        String op = "tensordot";
        Checks.shape(
                dimsA.length == dimsB.length,
                op,
                "expected as many dimensions of one tensor as of the other, got " + Arrays.toString(dimsA) + " and "
                        + Arrays.toString(dimsB));
        int[] x = a.dim() == 0 ? new int[0] : Checks.dims(op, dimsA, a.dim());
        int[] y = b.dim() == 0 ? new int[0] : Checks.dims(op, dimsB, b.dim());
        List<Integer> labelsA = new ArrayList<>();
        List<Integer> labelsB = new ArrayList<>();
        for (int i = 0; i < a.dim(); i++) {
            labelsA.add(i);
        }
        for (int i = 0; i < b.dim(); i++) {
            labelsB.add(a.dim() + i);
        }
        for (int i = 0; i < x.length; i++) {
            Checks.shape(
                    a.size(x[i]) == b.size(y[i]),
                    op,
                    "expected pairs of dimensions of one size, got " + a.shape() + " at " + x[i] + " and " + b.shape()
                            + " at " + y[i]);
            labelsB.set(y[i], x[i]);
        }
        List<Integer> needed = new ArrayList<>(labelsA);
        needed.addAll(labelsB);
        for (int d : x) {
            needed.removeAll(List.of(d));
        }
        return contract(new Labelled(a, labelsA), new Labelled(b, labelsB), needed)
                .tensor();
    }

    /** As {@link #tensordot(Tensor, Tensor, int[], int[])} over the last dimensions of one tensor and the first of the other. */
    public static Tensor tensordot(Tensor a, Tensor b, int dims) {
        Checks.value(dims >= 0, "tensordot", "expected a number of dimensions >= 0, got " + dims);
        Checks.shape(
                dims <= a.dim() && dims <= b.dim(),
                "tensordot",
                "expected at most as many dimensions as the tensors have, got " + dims + " for " + a.shape() + " and "
                        + b.shape());
        int[] x = new int[dims];
        int[] y = new int[dims];
        for (int i = 0; i < dims; i++) {
            x[i] = a.dim() - dims + i;
            y[i] = i;
        }
        return tensordot(a, b, x, y);
    }

    /** The sum of the diagonal of a matrix. */
    public static Tensor trace(Tensor t) {
        Checks.shape(t.dim() == 2, "trace", "expected a matrix, got shape " + t.shape());
        Layout from = Access.operand(t).layout();
        long n = Math.min(t.size(0), t.size(1));
        Shape shape = t.shape();
        Layout base = Layout.contiguous(shape);
        Layout places = Layout.of(Shape.of(n), new long[] {t.size(1) + 1}, 0);
        Tensor result;
        try (Tape.Pause off = Tape.paused();
                Tensor line = Shapes.asStrided(
                        t, Layout.of(Shape.of(n), new long[] {from.stride(0) + from.stride(1)}, from.offset()))) {
            result = line.sum();
        }
        return Tape.attach("TraceBackward0", result, t, g -> Shapes.asStridedBackward(g.expand(n), base, places));
    }
}
