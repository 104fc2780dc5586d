package dev.jangada.cuda;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import dev.jangada.backend.Block;
import dev.jangada.backend.Layout;
import dev.jangada.cuda.driver.Cublas;
import dev.jangada.kernel.Expr;
import dev.jangada.kernel.MapKernel;
import dev.jangada.kernel.Program;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Floating point matrix products, translated to cuBLAS.
 *
 * <p>cuBLAS is column-major: a row-major matrix is to it the transposed one, so it computes {@code out^T = b^T a^T}. A factor whose rows or
 * columns are contiguous goes as it lies, another one is copied first.
 */
final class Products {
    private static final Map<DType, MapKernel> COPIES = new EnumMap<>(DType.class);
    private static final Map<DType, MapKernel> ZEROS = new EnumMap<>(DType.class);
    private static final Map<DType, MapKernel> SCALES = new EnumMap<>(DType.class);

    private final Source source;
    private final Scratch scratch;
    private final Elementwise elementwise;
    private final Bytes bytes;

    /** Runs an element-wise kernel. */
    @FunctionalInterface
    interface Elementwise {
        void run(MapKernel kernel, Placed[] outs, Placed[] ins, long[] scalars);
    }

    /** Copies bytes, whatever has failed before. */
    @FunctionalInterface
    interface Bytes {
        void copy(long to, long from, long bytes);
    }

    /** Where the products of a stream find cuBLAS. */
    @FunctionalInterface
    interface Source {
        Cublas cublas();
    }

    Products(Source source, Scratch scratch, Elementwise elementwise, Bytes bytes) {
        this.source = source;
        this.scratch = scratch;
        this.elementwise = elementwise;
        this.bytes = bytes;
    }

    static {
        for (DType t : new DType[] {DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64}) {
            Expr x = Expr.input(0, t);
            DType wide = t.compute();
            COPIES.put(t, new MapKernel("copy", Program.of(List.of(t), List.of(), x)));
            Expr zero = Expr.constant(0, wide).cast(t);
            ZEROS.put(t, new MapKernel("zero", Program.of(List.of(), List.of(), zero)));
            Expr scaled = x.cast(wide).mul(Expr.scalar(0, wide)).cast(t);
            SCALES.put(t, new MapKernel("scale", Program.of(List.of(t), List.of(wide), scaled)));
        }
    }

    /** {@code out = alpha * a @ b + beta * out}; the matrices of out are contiguous and not empty. */
    void multiply(Placed out, Placed a, Placed b, double alpha, double beta) {
        if (a.size(2) == 0) {
            scale(out, beta);
            return;
        }
        List<Block> temporary = new ArrayList<>(0);
        try {
            product(out, fitting(a, temporary), fitting(b, temporary), alpha, beta);
        } finally {
            temporary.forEach(scratch::free);
        }
    }

    /**
     * As {@link #multiply}, but writes nothing if a kernel has failed before. cuBLAS does not look for that; the copy of what it has computed
     * elsewhere does.
     */
    void multiplyApart(Placed out, Placed a, Placed b, double alpha, double beta) {
        Layout l = out.layout();
        long size = (l.span() - l.offset()) * out.dtype().size();
        Block block = scratch.allocate(size);
        try {
            Placed apart = new Placed(block.address(), out.dtype(), l);
            if (beta != 0) {
                bytes.copy(apart.address(), out.address(), size);
            }
            multiply(apart, a, b, alpha, beta);
            copy(out, apart);
        } finally {
            scratch.free(block);
        }
    }

    private void copy(Placed to, Placed from) {
        elementwise.run(COPIES.get(to.dtype()), new Placed[] {to}, new Placed[] {from}, new long[0]);
    }

    /** A sum without terms is 0. */
    private void scale(Placed out, double beta) {
        if (beta == 0) {
            elementwise.run(ZEROS.get(out.dtype()), new Placed[] {out}, new Placed[0], new long[0]);
        } else if (beta != 1) {
            Placed[] inPlace = {out};
            long[] factor = {Double.doubleToRawLongBits(beta)};
            elementwise.run(SCALES.get(out.dtype()), inPlace, inPlace, factor);
        }
    }

    /** Returns a factor as cuBLAS can read it; one that a batch shares stays one. */
    private Placed fitting(Placed x, List<Block> temporary) {
        Layout l = x.layout();
        if (lead(l.size(1), l.stride(1), l.size(2), l.stride(2)) > 0
                || lead(l.size(2), l.stride(2), l.size(1), l.stride(1)) > 0) {
            return x;
        }
        boolean shared = l.stride(0) == 0;
        Layout from = shared ? l.slice(0, 0, 1, 1) : l;
        Layout to = Layout.contiguous(from.shape());
        Block block = scratch.allocate(to.numel() * x.dtype().size());
        temporary.add(block);
        Placed copy = Placed.of(block.address(), x.dtype(), to);
        Placed source = new Placed(x.address(), x.dtype(), from);
        copy(copy, source);
        return shared ? new Placed(block.address(), x.dtype(), to.expand(l.shape())) : copy;
    }

    /** Returns the distance of rows whose elements lie side by side, or 0 if they do not or it is too large. */
    private static int lead(long rows, long rowStride, long columns, long columnStride) {
        if (columns != 1 && columnStride != 1) {
            return 0;
        }
        long lead = rows == 1 ? Math.max(1, columns) : rowStride;
        return lead >= columns && lead > 0 && lead <= Integer.MAX_VALUE ? (int) lead : 0;
    }

    private void product(Placed out, Placed a, Placed b, double alpha, double beta) {
        long batch = out.size(0);
        long m = out.size(1);
        long n = out.size(2);
        long k = a.size(2);
        if (batch > 1 && isOneMatrix(out, a, b) && batch * m <= Integer.MAX_VALUE) {
            m *= batch;
            batch = 1;
        }
        if (Math.max(Math.max(m, n), Math.max(k, batch)) > Integer.MAX_VALUE) {
            throw new ArgumentException("[matmul] expected matrices with fewer than 2^31 rows and columns, got a="
                    + a.layout().shape() + " and b=" + b.layout().shape() + "; multiply in parts");
        }
        Cublas.Factor result = new Cublas.Factor(out.address(), false, (int) n, out.stride(0));
        source.cublas()
                .multiply(
                        a.dtype(),
                        (int) n,
                        (int) m,
                        (int) k,
                        (int) batch,
                        alpha,
                        factor(b, k),
                        factor(a, m),
                        beta,
                        result);
    }

    private static Cublas.Factor factor(Placed x, long rows) {
        int plain = lead(rows, x.stride(1), x.size(2), x.stride(2));
        return plain > 0
                ? new Cublas.Factor(x.address(), false, plain, x.stride(0))
                : new Cublas.Factor(x.address(), true, lead(x.size(2), x.stride(2), rows, x.stride(1)), x.stride(0));
    }

    /** Tells whether all matrices of a lie below each other, share one b, and so do those of out: then they are one long matrix. */
    private static boolean isOneMatrix(Placed out, Placed a, Placed b) {
        return b.stride(0) == 0
                && (a.size(2) == 1 || a.stride(2) == 1)
                && a.stride(1) >= a.size(2)
                && a.stride(0) == a.size(1) * a.stride(1)
                && out.stride(0) == out.size(1) * out.size(2);
    }
}
