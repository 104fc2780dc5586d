package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Index;
import dev.jangada.IndexException;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.kernel.ScatterOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Brackets: {@code x[...]} and {@code x[...] = y}.
 *
 * <p>Numbers, slices, {@code None} and the ellipsis make a view first; tensors then pick from it. Source: PyTorch, "Tensor Indexing API",
 * {@code torch/csrc/autograd/python_variable_indexing.cpp}.
 */
public final class AdvancedIndexing {
    private final String op;
    private Tensor view;
    private final List<Tensor> picks = new ArrayList<>(); // per dimension of the view, null where it is taken whole
    private int dim;

    private AdvancedIndexing(String op, Tensor t, Index[] entries) {
        this.op = op;
        this.view = t;
        int named = 0;
        for (Index e : entries) {
            named += consumed(e);
        }
        int whole = t.dim() - named;
        Checks.index(
                whole >= 0,
                op,
                "expected at most " + t.dim() + " indices for shape " + t.shape() + ", got "
                        + Arrays.toString(entries));
        boolean seen = false;
        for (Index e : entries) {
            if (e.kind() == Index.Kind.ELLIPSIS) {
                Checks.index(!seen, op, "expected one ellipsis at most, got " + Arrays.toString(entries));
                seen = true;
                dim += whole;
            } else {
                apply(e);
            }
        }
    }

    private static boolean isMask(Tensor t) {
        return t.dtype() == DType.BOOL || t.dtype() == DType.UINT8;
    }

    private static int consumed(Index e) {
        return switch (e.kind()) {
            case AT, SLICE -> 1;
            case ELLIPSIS, NEW_AXIS -> 0;
            case TENSOR -> {
                Tensor t = e.tensor().orElseThrow();
                yield isMask(t) ? t.dim() : 1;
            }
        };
    }

    private void apply(Index e) {
        switch (e.kind()) {
            case AT -> selectAt(e.start());
            case SLICE -> {
                Checks.value(e.step() > 0, op, "expected a step > 0, got " + e.step() + "; use flip");
                if (e.start() != 0 || e.step() != 1 || e.end() < view.size(dim)) {
                    view = Slicing.slice(view, dim, e.start(), e.end(), e.step());
                }
                dim++;
            }
            case NEW_AXIS -> view = view.unsqueeze(dim++);
            case TENSOR -> pick(e.tensor().orElseThrow());
            case ELLIPSIS -> throw new AssertionError(e);
        }
    }

    private void selectAt(long i) {
        long n = view.size(dim);
        Checks.index(
                i >= -n && i < n,
                op,
                "expected an index in [" + -n + ", " + (n - 1) + "] for dimension " + dim + " of size " + n + ", got "
                        + i);
        view = Slicing.select(view, dim, i);
    }

    private void pick(Tensor index) {
        if (isMask(index)) {
            mask(index.dtype() == DType.BOOL ? index : index.ne(0L));
            return;
        }
        if (index.dtype() != DType.INT64) {
            throw new IndexException("[" + op + "] expected int64 or bool index tensors, got " + index.dtype()
                    + "; convert them with to(DType.INT64)");
        }
        if (index.dim() == 0) {
            selectAt(index.itemLong());
        } else {
            record(dim++, index);
        }
    }

    private void record(int d, Tensor index) {
        while (picks.size() <= d) {
            picks.add(null);
        }
        picks.set(d, index);
    }

    private void mask(Tensor mask) {
        Tensor m = mask;
        if (m.dim() == 0) {
            view = view.unsqueeze(dim);
            m = m.reshape(1);
        }
        for (int i = 0; i < m.dim(); i++) {
            Checks.index(
                    m.size(i) == view.size(dim + i),
                    op,
                    "expected a mask with the sizes of the dimensions from " + dim + " of shape " + view.shape()
                            + ", got " + m.shape());
        }
        for (Tensor places : Counting.nonzeroColumns(m)) {
            record(dim++, places);
        }
    }

    private boolean isView() {
        return picks.isEmpty();
    }

    private Tensor[] picks() {
        return picks.toArray(new Tensor[0]);
    }

    // ---- reading

    /** {@code x[...]}: a view if no tensor is among the indices, else a copy. */
    public static Tensor get(Tensor t, Index... entries) {
        AdvancedIndexing a = new AdvancedIndexing("index", t, entries);
        if (a.isView()) {
            return a.view != t
                    ? a.view
                    : Tape.view("AliasBackward0", t, Access.operand(t).layout(), g -> g);
        }
        return get(a.view, a.picks());
    }

    private static Tensor get(Tensor v, Tensor[] picks) {
        Positions p = new Positions("index", v.shape(), picks);
        Tensor[] saved = present(picks);
        boolean[] pattern = pattern(picks);
        Shape from = v.shape();
        return Tape.attach("IndexBackward0", p.pick(v), inputs(v, saved), saved, (g, s, needed) -> {
            Tensor zeros = Creation.full(from, Scalar.of(0L), g[0].dtype(), g[0].device());
            Tensor[] out = new Tensor[1 + s.length];
            out[0] = put("indexPut", zeros, placed(pattern, s), g[0], true);
            return out;
        });
    }

    private static Tensor[] present(Tensor[] picks) {
        return Arrays.stream(picks).filter(p -> p != null).toArray(Tensor[]::new);
    }

    private static Tensor[] inputs(Tensor first, Tensor[] others) {
        Tensor[] all = new Tensor[1 + others.length];
        all[0] = first;
        System.arraycopy(others, 0, all, 1, others.length);
        return all;
    }

    /** In which dimensions index tensors stand. */
    private static boolean[] pattern(Tensor[] picks) {
        boolean[] out = new boolean[picks.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = picks[i] != null;
        }
        return out;
    }

    /** The saved index tensors at the dimensions where they were. */
    private static Tensor[] placed(boolean[] pattern, Tensor[] saved) {
        Tensor[] out = new Tensor[pattern.length];
        int n = 0;
        for (int i = 0; i < out.length; i++) {
            out[i] = pattern[i] ? saved[n++] : null;
        }
        return out;
    }

    // ---- writing

    /** {@code x[...] = value}: converts the type and broadcasts the value. */
    public static Tensor set(Tensor t, Tensor value, Index... entries) {
        AdvancedIndexing a = new AdvancedIndexing("set", t, entries);
        Tensor v = value.to(t.device(), t.dtype());
        if (a.isView()) {
            Tensor stripped = v;
            while (stripped.dim() > a.view.dim() && stripped.size(0) == 1) {
                stripped = stripped.select(0, 0);
            }
            a.view.copy_(stripped);
        } else {
            putInPlace("set", a.view, a.picks(), v, false);
        }
        return t;
    }

    /** {@code x[...] = number}. */
    public static Tensor set(Tensor t, Scalar value, Index... entries) {
        if (entries.length == 1 && entries[0].kind() == Index.Kind.TENSOR) {
            Tensor m = entries[0].tensor().orElseThrow();
            if (m.dtype() == DType.BOOL && m.dim() > 0 && startsWith(t.shape(), m.shape())) {
                long[] sizes = new long[t.dim()];
                Arrays.fill(sizes, 1);
                System.arraycopy(m.shape().toArray(), 0, sizes, 0, m.dim());
                return t.maskedFill_(m.reshape(sizes), value);
            }
        }
        return set(t, Creation.full(Shape.SCALAR, value, t.dtype(), t.device()), entries);
    }

    private static boolean startsWith(Shape shape, Shape first) {
        return first.rank() <= shape.rank()
                && Arrays.equals(Arrays.copyOf(shape.toArray(), first.rank()), first.toArray());
    }

    /** Writes or adds values where indices say, in place or into a copy; the type must be the same. */
    public static Tensor indexPut(Tensor t, Index[] entries, Tensor values, boolean accumulate, boolean inPlace) {
        String op = inPlace ? "indexPut_" : "indexPut";
        Checks.dtype(
                values.dtype() == t.dtype(), op, "expected values of type " + t.dtype() + ", got " + values.dtype());
        Tensor target = inPlace ? t : t.clone();
        AdvancedIndexing a = new AdvancedIndexing(op, target, entries);
        if (!a.isView()) {
            putInPlace(op, a.view, a.picks(), values, accumulate);
        } else if (accumulate) {
            a.view.add_(values);
        } else {
            a.view.copy_(values);
        }
        return target;
    }

    private static Tensor put(String op, Tensor t, Tensor[] picks, Tensor values, boolean accumulate) {
        Tensor out = t.clone();
        putInPlace(op, out, picks, values, accumulate);
        return out;
    }

    private static void putInPlace(String op, Tensor v, Tensor[] picks, Tensor values, boolean accumulate) {
        Positions p = new Positions(op, v.shape(), picks);
        Shape shape = values.shape();
        Checks.shape(fits(shape, p.result()), op, "expected values that broadcast to " + p.result() + ", got " + shape);
        Tape.checkInPlace(op, v, values);
        try (Tape.Pause off = Tape.paused()) {
            p.put(
                    accumulate ? ScatterOp.ADD : ScatterOp.ASSIGN,
                    v,
                    stripped(values, p.result().rank()).expand(p.result().toArray()));
        }
        Tensor[] saved = present(picks);
        boolean[] pattern = pattern(picks);
        Tensor[] all = inputs(v, inputs(values, saved));
        Tape.changed("IndexPutBackward0", v, all, saved, false, (g, s, needed) -> {
            Tensor[] at = placed(pattern, s);
            Tensor[] out = new Tensor[2 + s.length];
            if (needed[0]) {
                Tensor zero = Creation.full(Shape.SCALAR, Scalar.of(0L), g[0].dtype(), g[0].device());
                out[0] = accumulate ? g[0] : put("indexPut", g[0], at, zero, false);
            }
            if (needed[1]) {
                Tensor part = get(g[0], at);
                out[1] = Shapes.sumTo(part, stripped(shape, part.dim())).reshape(shape.toArray());
            }
            return out;
        });
    }

    private static Shape stripped(Shape shape, int rank) {
        int extra = Math.max(0, shape.rank() - rank);
        return Shape.of(Arrays.copyOfRange(shape.toArray(), extra, shape.rank()));
    }

    /** A tensor without leading dimensions of size 1 that are too many. */
    private static Tensor stripped(Tensor t, int rank) {
        return t.dim() > rank ? t.reshape(stripped(t.shape(), rank).toArray()) : t;
    }

    private static boolean fits(Shape values, Shape target) {
        int lead = values.rank() - target.rank();
        for (int i = 0; i < values.rank(); i++) {
            long size = values.size(i);
            if (size != 1 && (i < lead || size != target.size(i - lead))) {
                return false;
            }
        }
        return true;
    }
}
