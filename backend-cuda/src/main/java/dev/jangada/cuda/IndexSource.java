package dev.jangada.cuda;

import dev.jangada.DType;
import dev.jangada.kernel.ScatterOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Gather and scatter; the kernels are in the resources {@code gather.cu} and {@code scatter.cu}.
 *
 * <p>Words of gather: failure record and site; output, input, index; number of elements, size of the indexed dimension, its stride in the input; rank and
 * dimensions. Of the check before a scatter: failure record and site; index; number of elements, size; rank and dimensions. Of a scatter: failure record
 * and site; output, index, source; numbers of lines, of indices of a line, of classes; strides of the three along the line; rank and
 * dimensions of the lines.
 */
final class IndexSource {
    private static final int WARP = 32;
    /** Indices of a line per class, about. */
    private static final int PER_CLASS = 16;

    private static final long MOST_CLASSES = 4096;
    private static final long MOST_THREADS = 1 << 20;

    private IndexSource() {}

    private record Gather(int bytes, int slots, boolean wide, boolean guarded) implements Variant {
        @Override
        public KernelSource source() {
            Written w = new Written()
                    .alias(bits(bytes), "Element")
                    .arguments(
                            true,
                            List.of(
                                    "Element* y",
                                    "const Element* x",
                                    "const long long* index",
                                    "long long count, size, stride"),
                            slots,
                            List.of("y", "x", "index"));
            return w.source(
                    "gather_" + bytes + "_r" + slots,
                    "gather elements of " + bytes + " bytes",
                    wide,
                    guarded,
                    "gather.cu");
        }
    }

    private record Check(int slots, boolean wide, boolean guarded) implements Variant {
        @Override
        public KernelSource source() {
            Written w = new Written()
                    .define("CHECK")
                    .arguments(
                            true, List.of("const long long* index", "long long count, size"), slots, List.of("index"));
            return w.source("check_indices_r" + slots, "are the indices in range?", wide, guarded, "scatter.cu");
        }
    }

    /** With {@code type} only where values are added; an assignment moves bits. */
    private record Scatter(ScatterOp op, int bytes, List<DType> type, int slots, boolean wide) implements Variant {
        @Override
        public KernelSource source() {
            Written w = new Written();
            switch (op) {
                case ASSIGN -> w.alias(bits(bytes), "Element").function("Element", "update(Element, Element x)", "x");
                case ADD -> {
                    DType t = type.get(0);
                    String sum = t == DType.BOOL ? "widen(y) || widen(x)" : "widen(y) + widen(x)";
                    w.conversions(t, t.isInteger() ? CudaTypes.wrapping(t) : CudaTypes.register(t.compute()));
                    w.function("Element", "update(Element y, Element x)", "narrow(" + sum + ")");
                }
            }
            w.arguments(
                    true,
                    List.of(
                            "Element* y",
                            "const long long* index",
                            "const Element* src",
                            "long long lines, length, classes",
                            "long long stride_y, stride_index, stride_src"),
                    slots,
                    List.of("y", "index", "src"));
            String what = op.name().toLowerCase(Locale.ROOT) + "_" + (type.isEmpty() ? bytes : type.get(0));
            return w.source("scatter_" + what + "_r" + slots, "scatter, " + what, wide, true, "scatter.cu");
        }
    }

    private static String bits(int bytes) {
        return switch (bytes) {
            case 1 -> "unsigned char";
            case 2 -> "unsigned short";
            case 4 -> "unsigned int";
            default -> "unsigned long long";
        };
    }

    /** Returns the strides of an operand with 0 along the indexed dimension: the index decides there. */
    private static long[] without(Placed x, int dim) {
        long[] strides = x.layout().strides();
        strides[dim] = 0;
        return strides;
    }

    /** Returns the launch of a gather, none if the output is empty. */
    static Job gather(Placed out, Placed in, Placed index, int dim, CallContext context) {
        if (out.layout().numel() == 0) {
            return Job.NOTHING;
        }
        long[] sizes = index.layout().shape().toArray();
        List<long[]> strides =
                List.of(out.layout().strides(), without(in, dim), index.layout().strides());
        Space space = new Space(sizes, strides, Space.all(sizes.length), false);
        boolean wide = space.isWide() || space.reach(1) + in.size(dim) * in.stride(dim) > Integer.MAX_VALUE;
        Words words = new Words();
        context.addFailure(words);
        words.add(out.address()).add(in.address()).add(index.address());
        words.add(space.count()).add(in.size(dim)).add(in.stride(dim)).add(space.rank());
        int slots = Space.slots(space.rank());
        space.addTo(words, slots);
        Variant variant = new Gather(out.dtype().size(), slots, wide, context.guarded());
        return Job.of(new Launch(variant, LaunchShape.flat(space.count(), context.multiprocessors()), words));
    }

    /** Returns the launches of a scatter: the check of all indices, and the writes, which do nothing if it failed. */
    static Job scatter(ScatterOp op, Placed out, Placed index, Placed src, int dim, CallContext context) {
        if (index.layout().numel() == 0) {
            return Job.NOTHING;
        }
        List<Launch> launches = new ArrayList<>();
        launches.add(check(index, out.size(dim), context));
        Lines lines = Lines.of(dim, out, index, src);
        long classes = 1;
        long most = Math.min(
                Math.min(MOST_CLASSES, lines.length() / PER_CLASS),
                Math.min(out.size(dim), MOST_THREADS / lines.count()));
        while (classes * 2 <= most) {
            classes *= 2;
        }
        DType t = out.dtype();
        boolean adds = op == ScatterOp.ADD;
        Variant variant =
                new Scatter(op, adds ? 0 : t.size(), adds ? List.of(t) : List.of(), lines.slots(), lines.isWide());
        Words words = new Words();
        context.addFailure(words);
        words.add(out.address()).add(index.address()).add(src.address());
        words.add(lines.count()).add(lines.length()).add(classes);
        words.add(lines.stride(0)).add(lines.stride(1)).add(lines.stride(2));
        lines.addTo(words);
        int beside = (int) Math.min(WARP, Long.highestOneBit(2 * lines.count() - 1));
        int each = (int) Math.min(LaunchShape.BLOCK / beside, classes);
        int blocks = LaunchShape.bounded((lines.count() + beside - 1) / beside, context.multiprocessors());
        launches.add(new Launch(variant, new LaunchShape(blocks, (int) (classes / each), 1, beside, each, 0), words));
        return new Job(launches, 0);
    }

    private static Launch check(Placed index, long size, CallContext context) {
        long[] sizes = index.layout().shape().toArray();
        Space space = new Space(sizes, List.of(index.layout().strides()), Space.all(sizes.length), false);
        int slots = Space.slots(space.rank());
        Words words = new Words();
        context.addFailure(words);
        words.add(index.address()).add(space.count()).add(size).add(space.rank());
        space.addTo(words, slots);
        return new Launch(
                new Check(slots, space.isWide(), context.guarded()),
                LaunchShape.flat(space.count(), context.multiprocessors()),
                words);
    }
}
