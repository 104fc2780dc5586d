package dev.jangada.ops;

import dev.jangada.DType;
import dev.jangada.Scalar;
import dev.jangada.Shape;
import dev.jangada.Tensor;
import dev.jangada.TensorScope;
import dev.jangada.backend.Operand;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.util.Arrays;
import java.util.List;

/** Copies with the elements in another order: reversed, rolled, turned, padded, triangles. */
public final class Rearranging {
    private static final MapKernel[] TRIL = new MapKernel[DType.values().length];
    private static final MapKernel[] TRIU = new MapKernel[DType.values().length];

    static {
        for (DType t : DType.values()) {
            Expr x = Expr.input(0, t);
            Expr zero = Expr.constant(0L, t);
            Expr distance = Expr.input(2, DType.INT64).sub(Expr.input(1, DType.INT64));
            Expr diagonal = Expr.scalar(0, DType.INT64);
            TRIL[t.ordinal()] = triangle("tril", t, Expr.select(distance.le(diagonal), x, zero));
            TRIU[t.ordinal()] = triangle("triu", t, Expr.select(distance.ge(diagonal), x, zero));
        }
    }

    private Rearranging() {}

    /** Inputs are the tensor, the row numbers and the column numbers. */
    private static MapKernel triangle(String name, DType t, Expr kept) {
        List<DType> inputs = List.of(t, DType.INT64, DType.INT64);
        return new MapKernel(name, Program.of(inputs, List.of(DType.INT64), kept.cast(t)));
    }

    private static Tensor triangle(MapKernel kernel, Tensor t, long diagonal) {
        Checks.index(t.dim() >= 2, kernel.name(), "expected at least two dimensions, got shape " + t.shape());
        Tensor out = Creation.emptyLike(t, t.dtype());
        try (TensorScope scope = new TensorScope()) {
            int n = t.dim();
            Operand rows = Access.operand(Creation.arange(t.size(-2), t.device()));
            Operand columns = Access.operand(Creation.arange(t.size(-1), t.device()));
            Operand[] ins = {
                Access.operand(t), Indexing.along(rows, t.shape(), n - 2), Indexing.along(columns, t.shape(), n - 1)
            };
            Executor.current().map(kernel, new Operand[] {Access.operand(out)}, ins, new long[] {diagonal});
        }
        return out;
    }

    /** The lower triangle up to a diagonal; 0 above it. */
    public static Tensor tril(Tensor t, long diagonal) {
        Tensor out = triangle(TRIL[t.dtype().ordinal()], t, diagonal);
        return Tape.attach("TrilBackward0", out, t, g -> tril(g, diagonal));
    }

    /** The upper triangle from a diagonal; 0 below it. */
    public static Tensor triu(Tensor t, long diagonal) {
        Tensor out = triangle(TRIU[t.dtype().ordinal()], t, diagonal);
        return Tape.attach("TriuBackward0", out, t, g -> triu(g, diagonal));
    }

    // ---- diagonals

    /** The diagonal of a matrix, or the matrix with a diagonal. */
    public static Tensor diag(Tensor t, long offset) {
        Checks.shape(t.dim() == 1 || t.dim() == 2, "diag", "expected a vector or matrix, got shape " + t.shape());
        Tensor out;
        try (Tape.Pause off = Tape.paused()) {
            out = t.dim() == 1
                    ? diagEmbed(t, offset, 0, 1)
                    : Slicing.diagonal(t, offset, 0, 1).clone();
        }
        Shape from = t.shape();
        return Tape.attach("DiagBackward0", out, t, g -> {
            if (from.rank() == 1) {
                return Slicing.diagonal(g, offset, 0, 1);
            }
            Tensor whole = Creation.full(from, Scalar.of(0L), g.dtype(), g.device());
            Slicing.diagonal(whole, offset, 0, 1).copy_(g);
            return whole;
        });
    }

    /** Zeros with the last dimension as a diagonal of two new dimensions. */
    public static Tensor diagEmbed(Tensor t, long offset, int dim1, int dim2) {
        int rank = t.dim() + 1;
        int a = Checks.dim("diagEmbed", dim1, rank);
        int b = Checks.dim("diagEmbed", dim2, rank);
        Checks.shape(t.dim() >= 1, "diagEmbed", "expected a tensor with dimensions, got a scalar");
        Checks.value(a != b, "diagEmbed", "expected two different dimensions, got " + dim1 + " and " + dim2);
        long side = t.size(-1) + Math.abs(offset);
        long[] sizes = new long[rank];
        int n = 0;
        for (int i = 0; i < rank; i++) {
            sizes[i] = i == a || i == b ? side : t.size(n++);
        }
        Tensor out = Creation.full(Shape.of(sizes), Scalar.of(0L), t.dtype(), t.device());
        try (Tape.Pause off = Tape.paused()) {
            Slicing.diagonal(out, offset, a, b).copy_(t);
        }
        return Tape.attach("DiagEmbedBackward0", out, t, g -> Slicing.diagonal(g, offset, a, b));
    }

    // ---- order

    /** A copy with some dimensions in reverse order; its dimensions lie in memory as those of a dense tensor do. */
    public static Tensor flip(Tensor t, int... dims) {
        int[] d = Checks.dims("flip", dims, t.dim());
        Tensor out;
        int[] order = memoryOrder(t);
        int[] places = inverse(order);
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            out = t.permute(order);
            for (int i = 0; i < d.length && t.dim() > 0; i++) {
                long n = t.size(d[i]);
                Tensor backwards = n == 0
                        ? Creation.arange(0, t.device())
                        : Creation.arange(n - 1, -1, -1, DType.INT64, t.device());
                out = Indexing.indexSelect("", out, places[d[i]], backwards);
            }
            out = d.length == 0 || t.dim() == 0 ? out.clone() : out;
            out = scope.keep(detached(out.permute(places)));
        }
        return Tape.attach("FlipBackward0", out, t, g -> flip(g, d));
    }

    /** The dimensions from the largest stride to the smallest; as they are if the tensor is not dense. */
    private static int[] memoryOrder(Tensor t) {
        long[] strides = Access.operand(t).layout().isDense() ? t.stride() : new long[t.dim()];
        return java.util.stream.IntStream.range(0, t.dim())
                .boxed()
                .sorted((a, b) -> Long.compare(strides[b], strides[a]))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static int[] inverse(int[] order) {
        int[] out = new int[order.length];
        for (int i = 0; i < out.length; i++) {
            out[order[i]] = i;
        }
        return out;
    }

    /** The same memory as a tensor that is no view. */
    private static Tensor detached(Tensor t) {
        return Access.alias(Access.operand(t));
    }

    /** A copy with the indices of some dimensions moved on, those at the end to the beginning. */
    public static Tensor roll(Tensor t, long[] shifts, int... dims) {
        if (dims.length == 0) {
            Checks.value(shifts.length == 1, "roll", "expected a shift per dimension, got " + Arrays.toString(shifts));
            return roll(t.reshape(-1), shifts, 0).reshape(t.shape().toArray());
        }
        Checks.value(
                shifts.length == dims.length,
                "roll",
                "expected a shift per dimension, got " + Arrays.toString(shifts) + " and " + Arrays.toString(dims));
        Tensor out = t;
        long[] back = new long[shifts.length];
        try (TensorScope scope = new TensorScope();
                Tape.Pause off = Tape.paused()) {
            for (int i = 0; i < dims.length; i++) {
                int d = Checks.dim("roll", dims[i], t.dim());
                back[i] = -shifts[i];
                long n = t.dim() == 0 ? 0 : t.size(d);
                long first = n == 0 ? 0 : Math.floorMod(back[i], n);
                if (first != 0) {
                    out = Joining.cat(d, Slicing.narrow(out, d, first, n - first), Slicing.narrow(out, d, 0, first));
                }
            }
            out = scope.keep(out == t ? t.clone() : out);
        }
        return Tape.attach("RollBackward0", out, t, g -> roll(g, back, dims));
    }

    /** A copy turned by k quarters from the first towards the second of two dimensions. */
    public static Tensor rot90(Tensor t, int k, int dim0, int dim1) {
        int a = Checks.dim("rot90", dim0, t.dim());
        int b = Checks.dim("rot90", dim1, t.dim());
        Checks.shape(t.dim() >= 2, "rot90", "expected at least two dimensions, got shape " + t.shape());
        Checks.value(a != b, "rot90", "expected two different dimensions, got " + dim0 + " and " + dim1);
        return switch (Math.floorMod(k, 4)) {
            case 1 -> flip(t, b).transpose(a, b);
            case 2 -> flip(t, a, b);
            case 3 -> flip(t, a).transpose(a, b);
            default -> t.clone();
        };
    }

    /** Each index of a dimension several times. */
    public static Tensor repeatInterleave(Tensor t, long repeats, int dim) {
        int d = Checks.dim("repeatInterleave", dim, t.dim());
        Checks.value(repeats >= 0, "repeatInterleave", "expected a number >= 0, got " + repeats);
        Tensor x = t.dim() == 0 ? t.reshape(1) : t;
        long[] sizes = new long[x.dim() + 1];
        for (int i = 0; i < x.dim(); i++) {
            sizes[i <= d ? i : i + 1] = x.size(i);
        }
        sizes[d + 1] = repeats;
        long[] result = x.shape().with(d, x.size(d) * repeats).toArray();
        Tensor out;
        try (Tape.Pause off = Tape.paused()) {
            Tensor wide = x.unsqueeze(d + 1).expand(sizes).reshape(result);
            // Neither the memory of x nor a view of a copy, which could not be changed in place.
            boolean shared = Access.operand(wide).storage() == Access.operand(x).storage();
            out = shared ? wide.clone() : Access.alias(Access.operand(wide));
        }
        long[] from = x.shape().toArray();
        return Tape.attach(
                "RepeatInterleaveBackward0",
                out,
                x,
                g -> g.reshape(sizes).sum(new int[] {d + 1}, false).reshape(from));
    }
}
