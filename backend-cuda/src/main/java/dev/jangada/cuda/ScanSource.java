package dev.jangada.cuda;

import dev.jangada.DType;
import dev.jangada.kernel.ScanOp;
import java.util.List;
import java.util.Locale;

/**
 * Scans; the kernels are in the resource {@code scan.cu}.
 *
 * <p>Words: failure record and site if guarded; output, input, totals in the workspace; numbers of lines, of elements of a line, of elements of a
 * piece; strides of output and input along the line; rank and dimensions of the lines.
 */
final class ScanSource {
    /** Lines from which on a thread for each is enough. */
    private static final int MANY_LINES = 4096;

    private static final int SHORT_LINE = 64;
    private static final int WARP = 32;
    private static final int TILE = 1024;
    private static final int LONG_LINE = 16 * TILE;
    private static final int FEW_LINES = 64;
    /** A block combines the totals before it at once. */
    private static final int MOST_PIECES = 256;

    private static final int VALUE_BYTES = 8;
    private static final int MOST_BLOCKS = 1 << 16;

    private ScanSource() {}

    private enum Stage {
        LINES,
        ROWS,
        TOTALS,
        PIECES
    }

    private record Form(ScanOp op, DType type, Stage stage, int slots, boolean wide, boolean guarded)
            implements Variant {
        @Override
        public KernelSource source() {
            return ScanSource.source(this);
        }
    }

    /** Returns the launches of a scan, none if the operands are empty. */
    static Job job(ScanOp op, Placed out, Placed in, int dim, CallContext context) {
        if (out.layout().numel() == 0) {
            return Job.NOTHING;
        }
        long length = out.size(dim);
        long beside = 1;
        for (int d = dim + 1; d < out.layout().rank(); d++) {
            beside *= out.size(d);
        }
        Lines lines = Lines.of(dim, out, in);
        if (beside >= WARP || lines.count() >= MANY_LINES && length <= SHORT_LINE) {
            Launch all = launch(op, Stage.LINES, lines, length, 1, context);
            return Job.of(all);
        }
        if (length <= LONG_LINE || lines.count() >= FEW_LINES) {
            return Job.of(launch(op, Stage.ROWS, lines, length, 1, context));
        }
        long most = Math.max(2, Math.min(MOST_PIECES, 2L * MOST_PIECES / lines.count()));
        long tiles = (length + TILE - 1) / TILE;
        long piece = (tiles + most - 1) / most * TILE;
        long pieces = (length + piece - 1) / piece;
        return new Job(
                List.of(
                        launch(op, Stage.TOTALS, lines, piece, pieces, context),
                        launch(op, Stage.PIECES, lines, piece, pieces, context)),
                lines.count() * pieces * VALUE_BYTES);
    }

    private static Launch launch(ScanOp op, Stage stage, Lines lines, long piece, long pieces, CallContext context) {
        Placed out = lines.operand(0);
        Form form = new Form(op, out.dtype(), stage, lines.slots(), lines.isWide(), context.guarded());
        Words words = new Words();
        if (context.guarded()) {
            context.addFailure(words);
        }
        words.add(out.address()).add(lines.operand(1).address()).addRelative(0);
        words.add(lines.count()).add(lines.length()).add(piece);
        words.add(lines.stride(0)).add(lines.stride(1));
        lines.addTo(words);
        LaunchShape shape = stage == Stage.LINES
                ? LaunchShape.flat(lines.count(), context.multiprocessors(), 128)
                : new LaunchShape((int) Math.min(MOST_BLOCKS, lines.count()), (int) pieces, 1, LaunchShape.BLOCK, 1, 0);
        return new Launch(form, shape, words);
    }

    private static KernelSource source(Form f) {
        String name = f.op.name().toLowerCase(Locale.ROOT);
        boolean wraps = f.op == ScanOp.SUM || f.op == ScanOp.PROD;
        DType t = f.type;
        String value = t.isHalf()
                ? "float"
                : wraps && t.isInteger()
                        ? (t == DType.INT64 ? "unsigned long long" : "unsigned int")
                        : CudaTypes.register(t);
        boolean bool = t == DType.BOOL;
        boolean or = f.op == ScanOp.SUM || f.op == ScanOp.MAX;
        String combined = bool
                ? (or ? "a || b" : "a && b")
                : switch (f.op) {
                    case SUM -> "a + b";
                    case PROD -> "a * b";
                    case MAX -> "b > a || b != b ? b : a";
                    case MIN -> "b < a || b != b ? b : a";
                };
        String neutral = bool
                ? String.valueOf(!or)
                : switch (f.op) {
                    case SUM -> "(Value)0";
                    case PROD -> "(Value)1";
                    case MAX -> "(Value)" + CudaTypes.lowest(t, false);
                    case MIN -> "(Value)" + CudaTypes.lowest(t, true);
                };
        Written w = new Written()
                .define(f.stage.name())
                .define("NEUTRAL", neutral)
                .conversions(t, value)
                .function("Value", "combine(Value a, Value b)", combined)
                .arguments(
                        f.guarded,
                        List.of(
                                "Element* y",
                                "const Element* x",
                                "Value* totals",
                                "long long lines, length, piece",
                                "long long stride_y, stride_x"),
                        f.slots,
                        List.of("y", "x"));
        String entry = "cum" + name + "_" + t + "_" + f.stage.name().toLowerCase(Locale.ROOT) + "_r" + f.slots;
        return w.source(entry, "cumulative " + name + " of " + t, f.wide, f.guarded, "scan.cu");
    }
}
