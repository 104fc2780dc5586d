package dev.jangada.cuda;

import dev.jangada.DType;
import java.util.List;

/**
 * Matrix products of integers and bool; the kernel is in the resource {@code matmul.cu}.
 *
 * <p>Words: failure record and site if guarded; output, a, b; numbers of batches, rows, columns, terms; alpha, beta; strides of batch, row
 * and column of the three.
 */
final class IntegerMatmulSource {
    private static final int TILE = 32;
    /** What a grid has at most in y and in z; the kernel walks on. */
    private static final int MOST_BLOCKS = 65535;

    private IntegerMatmulSource() {}

    private record Form(DType type, boolean wide, boolean guarded) implements Variant {
        @Override
        public KernelSource source() {
            boolean bool = type == DType.BOOL;
            String value = bool ? "bool" : type == DType.INT64 ? "unsigned long long" : "unsigned int";
            Written w = new Written()
                    .conversions(type, value)
                    .function("Value", "plus(Value x, Value y)", bool ? "x || y" : "x + y")
                    .function("Value", "times(Value x, Value y)", bool ? "x && y" : "x * y")
                    .arguments(
                            guarded,
                            List.of(
                                    "Element* y",
                                    "const Element* a",
                                    "const Element* b",
                                    "long long batches, m, n, k, alpha, beta",
                                    "long long y_batch, y_row, y_column",
                                    "long long a_batch, a_row, a_column",
                                    "long long b_batch, b_row, b_column"),
                            1,
                            List.of());
            return w.source("matmul_" + type, "matrix product of " + type, wide, guarded, "matmul.cu");
        }
    }

    /** Returns the launch of {@code out = alpha * a @ b + beta * out}, none if the output is empty. */
    static Job job(Placed out, Placed a, Placed b, long alpha, long beta, CallContext context) {
        if (out.layout().numel() == 0) {
            return Job.NOTHING;
        }
        boolean wide = false;
        Words words = new Words();
        if (context.guarded()) {
            context.addFailure(words);
        }
        words.add(out.address()).add(a.address()).add(b.address());
        words.add(out.size(0))
                .add(out.size(1))
                .add(out.size(2))
                .add(a.size(2))
                .add(alpha)
                .add(beta);
        for (Placed x : new Placed[] {out, a, b}) {
            long reach = 0;
            for (int d = 0; d < 3; d++) {
                words.add(x.stride(d));
                reach += (x.size(d) + TILE) * x.stride(d);
            }
            wide |= reach > Integer.MAX_VALUE;
        }
        long rows = (out.size(1) + TILE - 1) / TILE;
        long columns = (out.size(2) + TILE - 1) / TILE;
        LaunchShape shape = new LaunchShape(
                (int) columns,
                (int) Math.min(MOST_BLOCKS, rows),
                (int) Math.min(MOST_BLOCKS, out.size(0)),
                TILE / 2,
                TILE / 2,
                0);
        return Job.of(new Launch(new Form(out.dtype(), wide, context.guarded()), shape, words));
    }
}
