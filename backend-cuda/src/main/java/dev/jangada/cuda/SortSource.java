package dev.jangada.cuda;

import dev.jangada.ArgumentException;
import dev.jangada.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sorting; the kernels are in the resource {@code sort.cu}.
 *
 * <p>Words: failure record and site if guarded; values, indices, input; items that are read, items that are written, both in the
 * workspace; number of the first line, numbers of lines, of elements of a line, of elements that are wanted, length of the runs to merge; strides of values,
 * indices and input along the line; rank and dimensions of the lines, which a merge does not get.
 */
final class SortSource {
    /** The longest line that a block sorts at once. */
    private static final int CHUNK = 2048;

    private static final int MOST_BLOCKS = 1 << 16;
    /** Long lines are taken so many at a time that their items fill at most this, if more than one line. */
    private static final long MOST_WORKSPACE = 256L << 20;

    private static final long LONGEST = 0xffff_fffeL;

    private SortSource() {}

    private enum Stage {
        SHORT,
        CHUNKS,
        MERGE,
        FINISH
    }

    private record Form(DType type, boolean descending, Stage stage, int slots, boolean wide, boolean guarded)
            implements Variant {
        @Override
        public KernelSource source() {
            return SortSource.source(this);
        }
    }

    /**
     * Returns the launches of a sort, none if nothing is wanted.
     *
     * @throws ArgumentException if a line has more elements than 32 bits count
     */
    static Job job(Placed values, Placed indices, Placed in, int dim, boolean descending, CallContext context) {
        if (values.layout().numel() == 0) {
            return Job.NOTHING;
        }
        Lines lines = Lines.of(dim, values, indices, in);
        if (lines.length() > LONGEST) {
            throw new ArgumentException("[sort] expected at most " + LONGEST + " elements along the dimension, got "
                    + lines.length() + "; sort parts and merge them");
        }
        SortSource.Call call = new Call(lines, values.size(dim), descending, context);
        return lines.length() <= CHUNK ? Job.of(call.small()) : call.large();
    }

    private static int itemBytes(DType type) {
        return type.size() < Long.BYTES ? Long.BYTES : 2 * Long.BYTES;
    }

    /** A call: what all its launches share. */
    private record Call(Lines lines, long wanted, boolean descending, CallContext context) {
        private DType type() {
            return lines.operand(2).dtype();
        }

        Launch small() {
            int size = (int) Math.max(2, Long.highestOneBit(2 * lines.length() - 1));
            int beside = Math.max(1, LaunchShape.BLOCK / (size / 2));
            int blocks = (int) Math.min(MOST_BLOCKS, (lines.count() + beside - 1) / beside);
            LaunchShape shape = new LaunchShape(blocks, 1, 1, size / 2, beside, beside * size * itemBytes(type()));
            return launch(Stage.SHORT, 0, lines.count(), 0, 0, 0, shape);
        }

        Job large() {
            long length = lines.length();
            long bytes = length * itemBytes(type());
            long batch = Math.max(1, Math.min(lines.count(), MOST_WORKSPACE / (2 * bytes)));
            List<Launch> launches = new ArrayList<>();
            for (long first = 0; first < lines.count(); first += batch) {
                long n = Math.min(batch, lines.count() - first);
                long from = batch * bytes;
                long to = 0;
                int chunks = (int) Math.min(MOST_BLOCKS, (length + CHUNK - 1) / CHUNK * n);
                launches.add(
                        launch(Stage.CHUNKS, first, n, from, to, 0, new LaunchShape(chunks, 1, 1, CHUNK / 2, 1, 0)));
                for (long run = CHUNK; run < length; run *= 2) {
                    long t = from;
                    from = to;
                    to = t;
                    launches.add(launch(Stage.MERGE, first, n, from, to, run, flat(length * n)));
                }
                launches.add(launch(Stage.FINISH, first, n, to, from, 0, flat(wanted * n)));
            }
            return new Job(launches, 2 * batch * bytes);
        }

        private LaunchShape flat(long items) {
            return LaunchShape.flat(items, context.multiprocessors());
        }

        private Launch launch(Stage stage, long first, long n, long from, long to, long run, LaunchShape shape) {
            boolean merges = stage == Stage.MERGE; // which sees items only: one form for all types of a width
            Form form = new Form(
                    !merges ? type() : itemBytes(type()) == Long.BYTES ? DType.INT32 : DType.INT64,
                    !merges && descending,
                    stage,
                    merges ? 1 : lines.slots(),
                    lines.isWide(),
                    context.guarded());
            Words words = new Words();
            if (context.guarded()) {
                context.addFailure(words);
            }
            for (int k = 0; k < 3; k++) {
                words.add(lines.operand(k).address());
            }
            words.addRelative(from).addRelative(to);
            words.add(first).add(n).add(lines.length()).add(wanted).add(run);
            words.add(lines.stride(0)).add(lines.stride(1)).add(lines.stride(2));
            if (!merges) {
                lines.addTo(words);
            }
            return new Launch(form, shape, words);
        }
    }

    /** Returns the key of an element in ascending order, below 2^32 for types of up to 4 bytes. */
    private static String key(DType t) {
        return switch (t) {
            case BOOL, UINT8 -> "x";
            case INT8, INT16, INT32 -> "(unsigned int)(int)x ^ 0x80000000u";
            case INT64 -> "(unsigned long long)x ^ 0x8000000000000000ull";
            case FLOAT16, BFLOAT16, FLOAT32 -> "jg_key(" + CudaTypes.widened(t, "x") + ")";
            case FLOAT64 -> "jg_key(x)";
        };
    }

    private static KernelSource source(Form f) {
        boolean narrow = itemBytes(f.type) == Long.BYTES;
        String key = key(f.type);
        String unsigned = narrow ? "unsigned int" : "unsigned long long";
        Written w = new Written().define(f.stage.name());
        if (narrow) {
            w.define("NARROW");
            w.line("typedef unsigned long long Stored;");
        } else {
            w.line("struct Item;").line("typedef Item Stored;");
        }
        w.alias(CudaTypes.memory(f.type), "Element");
        w.function(unsigned, "key(Element x)", f.descending ? "~(" + unsigned + ")(" + key + ")" : key);
        List<String> operands = f.stage == Stage.MERGE ? List.of() : List.of("values", "indices", "x");
        w.arguments(
                f.guarded,
                List.of(
                        "Element* values",
                        "long long* indices",
                        "const Element* x",
                        "const Stored* from",
                        "Stored* to",
                        "long long first, lines, length, wanted, run",
                        "long long stride_values, stride_indices, stride_x"),
                f.slots,
                operands);
        String order = f.descending ? "descending" : "ascending";
        String entry = "sort_" + order + "_" + f.type + "_" + f.stage.name().toLowerCase(Locale.ROOT) + "_r" + f.slots;
        return w.source(entry, "sort " + f.type + ", " + order, f.wide, f.guarded, "sort.cu");
    }
}
